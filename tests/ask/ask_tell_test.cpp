#include "etalon/ask_tell.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <set>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/asked_rows.hpp"
#include "store/shared_study.hpp"
#include "store/trial_samples.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class AskTellTest : public ::testing::Test {
 protected:
  AskTell open(StudyOpening opening = StudyOpening::create) {
    return AskTell(study_, opening, [this] { return now_; });
  }

  template <typename Function>
  static std::string refusal(Function function) {
    try {
      function();
    } catch (const InputError& error) {
      return error.what();
    }
    return "not refused";
  }

  testing::TemporaryDirectory directory_;
  fs::path study_ = directory_.path() / "runs";
  std::int64_t now_ = 1000000;
};

TEST_F(AskTellTest, MakesTheStudyOnFirstUseAndGivesEachCallAnotherRun) {
  std::set<TrialSpec> specs;
  for (std::int64_t id = 1; id <= 5; ++id) {
    const AskedTrial run = open().ask(256).trial;
    EXPECT_EQ(run.id, id);
    EXPECT_EQ(run.state, TrialState::pending);
    EXPECT_EQ(run.asked_at, now_);
    EXPECT_TRUE(specs.insert(run.spec).second);
  }
  EXPECT_TRUE(fs::exists(study_ / "study.db"));
  EXPECT_EQ(open().trials().size(), 5u);
}

TEST_F(AskTellTest, TakesAFileOfAnyNameThatEndsInDb) {
  study_ = directory_.path() / "mine.db";
  open().ask(256);
  EXPECT_TRUE(fs::is_regular_file(study_));
}

TEST_F(AskTellTest, KeepsTheOptionsOfTheCallThatGaveThemFirst) {
  open().ask(256,
             {.batch_sizes = {512, 2048}, .update = UpdateKind::sgd, .first_lr = 0.3, .seeds = 2});
  const ProposalOptions kept = open().proposal_options({}, {});
  EXPECT_EQ(kept.batch_sizes, (std::vector<std::int64_t>{512, 2048}));
  EXPECT_EQ(kept.update, UpdateKind::sgd);
  EXPECT_EQ(kept.first_lr, 0.3);
  EXPECT_EQ(kept.seeds, 2);
}

TEST_F(AskTellTest, TakesAnOptionGivenAgainForThatCallOnly) {
  open().ask(256, {.first_lr = 0.3});
  EXPECT_EQ(open().ask(128, {.first_lr = 0.7}).trial.spec.lr, 0.7);
  EXPECT_EQ(open().ask(64).trial.spec.lr, 0.3);
}

TEST_F(AskTellTest, StartsSgdAndAdaptiveOptimizersWhereTheyUsuallyStart) {
  EXPECT_EQ(open().ask(256, {.update = UpdateKind::sgd}).trial.spec.lr, 0.1);
  study_ = directory_.path() / "other";
  EXPECT_EQ(open().ask(256).trial.spec.lr, 0.001);
}

TEST_F(AskTellTest, CaresAboutAllThatWasRunWhenNothingElseIsSaid) {
  EXPECT_THAT(refusal([&] { open().ask(); }), HasSubstr("batch_size"));
  open().tell({64, 0.1, 1}, TrialOutcome::of_loss(2));
  open().ask(1024);
  EXPECT_EQ(open().proposal_options({}, {}).batch_sizes, (std::vector<std::int64_t>{64, 1024}));
}

TEST_F(AskTellTest, StoresWhatItIsTold) {
  AskTell study = open();
  const AskedTrial asked = study.ask(256).trial;
  now_ += 60;
  study.tell(asked.id, TrialOutcome::of_loss(1.25));
  const AskedTrial stored = open().trials().at(0);
  EXPECT_EQ(stored.state, TrialState::finished);
  EXPECT_EQ(stored.loss, 1.25);
  EXPECT_EQ(stored.observed_at, now_);
  EXPECT_EQ(open().observations().at(0).loss, 1.25);
}

TEST_F(AskTellTest, TakesALossThatIsNotFiniteForADivergence) {
  for (const double loss : {double{NAN}, double{INFINITY}, -double{INFINITY}}) {
    const std::int64_t id = open().ask(256).trial.id;
    EXPECT_EQ(open().tell(id, TrialOutcome::of_loss(loss)).state, TrialState::diverged);
    EXPECT_FALSE(open().observations().back().loss);
  }
}

TEST_F(AskTellTest, ChangesNothingWhenItIsToldTheSameTwice) {
  const std::int64_t id = open().ask(256).trial.id;
  open().tell(id, TrialOutcome::of_loss(1.25));
  const auto observed = now_++;
  EXPECT_EQ(open().tell(id, TrialOutcome::of_loss(1.25)).observed_at, observed);
}

TEST_F(AskTellTest, RefusesAnotherResultUnlessItReplacesTheFirst) {
  const std::int64_t id = open().ask(256).trial.id;
  open().tell(id, TrialOutcome::of_loss(1.25));
  for (const TrialOutcome& other :
       {TrialOutcome::of_loss(1.5), TrialOutcome{TrialState::diverged, {}}, TrialOutcome{}}) {
    EXPECT_THAT(refusal([&] { open().tell(id, other); }), HasSubstr("trial 1 has loss 1.25"));
  }
  open().tell(id, {TrialState::diverged, {}}, true);
  EXPECT_EQ(open().trials().at(0).state, TrialState::diverged);
  EXPECT_FALSE(open().trials().at(0).loss);
}

// Without the bound, the next is beyond the best, which is the highest; with it, it is below.
TEST_F(AskTellTest, TakesWhatItIsToldWasPrunedForABound) {
  for (const auto& [lr, loss] : {std::pair{0.00025, 2.3}, {0.0005, 2.1}, {0.001, 2.0}}) {
    open().tell({256, lr, 1}, TrialOutcome::of_loss(loss));
  }
  open().tell({256, 0.002, 1}, {TrialState::pruned, {}});
  EXPECT_THAT(open().pruned(), ::testing::ElementsAre(TrialSpec{256, 0.002, 1, {}}));
  EXPECT_EQ(open().observations().size(), 3u);
  const TrialSpec next = open().ask(256).trial.spec;
  EXPECT_NE(next.lr, 0.002);
  EXPECT_LT(next.lr, 0.004);
}

TEST_F(AskTellTest, LetsWhatWasPrunedGiveWayToWhatItCameTo) {
  const std::int64_t id = open().ask(256).trial.id;
  open().tell(id, {TrialState::pruned, {}});
  EXPECT_EQ(open().tell(id, TrialOutcome::of_loss(1.5)).state, TrialState::finished);
  EXPECT_THAT(refusal([&] {
                open().tell(id, {TrialState::pruned, {}});
              }),
              HasSubstr("is told that it was pruned"));
  EXPECT_THAT(open().pruned(), ::testing::IsEmpty());
}

TEST_F(AskTellTest, OffersAFailedRunAgain) {
  const AskedTrial first = open().ask(256).trial;
  open().ask(256);
  open().tell(first.id, {TrialState::failed, {}});
  EXPECT_NE(open().ask(128).trial.id, first.id) << "of another batch size";
  const auto again = open().ask(256);
  EXPECT_EQ(again.trial.id, first.id);
  EXPECT_EQ(again.trial.spec, first.spec);
  EXPECT_EQ(again.trial.state, TrialState::pending);
  EXPECT_THAT(again.reason, HasSubstr("failed"));
  EXPECT_EQ(open().tell(first.id, TrialOutcome::of_loss(1)).state, TrialState::finished);
}

TEST_F(AskTellTest, OffersARunAgainThatNobodyToldOfForTooLong) {
  const AskedTrial first = open().ask(256, {.expire_seconds = 3600}).trial;
  now_ += 3599;
  EXPECT_NE(open().ask(256).trial.id, first.id);
  now_ += 1;
  EXPECT_EQ(open().ask(256).trial.id, first.id);
  EXPECT_NE(open().ask(256).trial.id, first.id) << "asked again, it is young again";
}

TEST_F(AskTellTest, KnowsRunsThatWereNotAskedFor) {
  const TrialSpec spec{512, 0.02, 7};
  const AskedTrial told = open().tell(spec, TrialOutcome::of_loss(3));
  EXPECT_EQ(told.id, 1);
  EXPECT_EQ(open().tell(spec, TrialOutcome::of_loss(3)).id, 1);
  EXPECT_EQ(open().trials().size(), 1u);
  EXPECT_THAT(refusal([&] { open().tell(spec, TrialOutcome::of_loss(4)); }), HasSubstr("trial 1"));
  const AskedTrial asked = open().ask(512).trial;
  open().tell(asked.spec, TrialOutcome::of_loss(5));
  EXPECT_EQ(open().trials().at(1).loss, 5.0) << "the run that was asked for";
  EXPECT_THROW(open().tell({0, 0.1, 1}, TrialOutcome::of_loss(1)), InputError);
  EXPECT_THROW(open().tell({8, -0.1, 1}, TrialOutcome::of_loss(1)), InputError);
}

TEST_F(AskTellTest, SaysWhichTrialsThereAre) {
  EXPECT_THAT(refusal([&] { open(StudyOpening::existing); }), StartsWith("there is no study"));
  EXPECT_THAT(refusal([&] { open(StudyOpening::existing); }),
              ::testing::EndsWith("begin one with opening create"));
  open().ask(256);
  EXPECT_THAT(refusal([&] { open().tell(9, TrialOutcome::of_loss(1)); }),
              HasSubstr("there is no trial 9"));
}

TEST_F(AskTellTest, RefusesWhatNoTrialCanHave) {
  for (const double lr : {1.79e308, 1e-320, 0.0, -1.0, double{NAN}, double{INFINITY}}) {
    EXPECT_THAT(refusal([&] {
                  open().tell({64, lr, 1}, TrialOutcome::of_loss(1));
                }),
                HasSubstr("lr is"))
        << lr;
    EXPECT_THAT(refusal([&] { open().ask(64, {.first_lr = lr}); }), HasSubstr("first_lr is")) << lr;
  }
  for (const std::int64_t size : {std::int64_t{0}, std::int64_t{9000000000000000000}}) {
    EXPECT_THAT(refusal([&] {
                  open().tell({size, 0.1, 1}, TrialOutcome::of_loss(1));
                }),
                HasSubstr("batch_size is"));
    EXPECT_THAT(refusal([&] { open().ask(size); }), HasSubstr("batch_size is"));
    EXPECT_THAT(refusal([&] { open().ask({}, {.batch_sizes = {size}}); }),
                HasSubstr("batch_sizes is"));
  }
  EXPECT_THAT(refusal([&] {
                open().tell({64, 0.1, 1, {.ema = 0.5}}, TrialOutcome::of_loss(1));
              }),
              HasSubstr("more than the learning rate"));
  const std::int64_t id = open().ask(64).trial.id;
  for (const TrialOutcome& outcome :
       {TrialOutcome{TrialState::finished, {}}, TrialOutcome{TrialState::finished, NAN},
        TrialOutcome{TrialState::diverged, 1.0}, TrialOutcome{TrialState::pending, {}},
        TrialOutcome{TrialState::interrupted, {}}}) {
    EXPECT_THAT(refusal([&] { open().tell(id, outcome); }), HasSubstr("cannot be told"));
  }
  EXPECT_EQ(open().trials().size(), 1u);
  EXPECT_EQ(open().trials().at(0).state, TrialState::pending);
}

// The greatest and the least that are let in stay within the bounds, and end.
TEST_F(AskTellTest, GoesOnFromTheEdgesOfTheBounds) {
  for (const double lr : {1e30, 1e-30}) {
    study_ = directory_.path() / fmt::format("{}", lr);
    open().tell({1000000000000000, lr, 1}, TrialOutcome::of_loss(1));
    std::set<TrialSpec> specs;
    for (int i = 0; i < 20; ++i) specs.insert(open().ask(1000000000000000).trial.spec);
    EXPECT_EQ(specs.size(), 20u);
  }
  open().tell({64, 1e-30, 1}, {TrialState::diverged, {}});
  EXPECT_THAT(refusal([&] { open().ask(64); }), HasSubstr("no lower one is left"));
}

// Thinking takes time, and whoever has something to tell must not wait for it.
TEST_F(AskTellTest, LetsOthersTellWhileItThinks) {
  const AskedTrial first = open().ask(64).trial;
  int told = 0;
  AskTell study(study_, StudyOpening::existing, [&] {
    // The age of the pending trial is asked for on the way to a decision.
    if (told++ == 0) open().tell({64, 0.5, 7}, {TrialState::diverged, {}});
    return now_;
  });
  const AskedTrial next = study.ask(64, {.expire_seconds = 1000}).trial;
  EXPECT_GE(told, 1);
  EXPECT_EQ(next.id, 3);
  EXPECT_NE(next.spec, first.spec);
  EXPECT_EQ(open().trials().size(), 3u);
}

// Somebody tells, while it thinks, of the very trial that it comes to.
TEST_F(AskTellTest, ThinksAgainWhenItsTrialIsTakenMeanwhile) {
  open().ask(64);
  const TrialSpec taken = open().ask(64).trial.spec;
  study_ = directory_.path() / "again";
  open().ask(64);
  int told = 0;
  AskTell study(study_, StudyOpening::existing, [&] {
    if (told++ == 0) open().tell(taken, TrialOutcome::of_loss(2));
    return now_;
  });
  const AskedTrial next = study.ask(64, {.expire_seconds = 1000}).trial;
  EXPECT_NE(next.spec, taken);
  EXPECT_EQ(next.id, 3);
  EXPECT_EQ(open().trials().at(1).spec, taken);
}

TEST_F(AskTellTest, CountsHowOftenATrialWasOffered) {
  const std::int64_t id = open().ask(64, {.retries = 3}).trial.id;
  for (std::int64_t attempt = 1; attempt <= 3; ++attempt) {
    EXPECT_EQ(open().trials().at(0).attempts, attempt);
    open().tell(id, {TrialState::failed, {}});
    EXPECT_EQ(open().ask(64).trial.attempts, attempt + 1);
  }
}

// Tells every suggestion of these many calls that it failed.
std::vector<AskTell::Answer> fail_all(AskTell& study, int calls, const AskTellOptions& options) {
  std::vector<AskTell::Answer> answers;
  for (int call = 0; call < calls; ++call) {
    answers.push_back(study.ask(64, options));
    study.tell(answers.back().trial.id, {TrialState::failed, {}});
  }
  return answers;
}

TEST_F(AskTellTest, GivesUpATrialThatFailsAsOftenAsItIsTried) {
  AskTell study = open();
  const auto answers = fail_all(study, 4, {});
  EXPECT_EQ(answers[1].trial.spec, answers[0].trial.spec) << "tried again";
  EXPECT_NE(answers[2].trial.spec, answers[0].trial.spec) << "given up";
  EXPECT_EQ(answers[3].trial.id, 2);
  const auto gone = study.given_up();
  ASSERT_EQ(gone.size(), 2u);
  EXPECT_EQ(gone[0].id, 1);
  EXPECT_EQ(gone[0].attempts, 2);
  EXPECT_TRUE(study.given_up({.retries = 5}).empty());
  EXPECT_EQ(study.ask(64, {.retries = 5}).trial.id, 1) << "asked for more tries";
  EXPECT_EQ(study.tell(2, TrialOutcome::of_loss(1)).state, TrialState::finished);
  EXPECT_TRUE(study.given_up().empty());
}

TEST_F(AskTellTest, GivesUpAtOnceWhereNothingIsToBeRetried) {
  AskTell study = open();
  const auto answers = fail_all(study, 2, {.retries = 0});
  EXPECT_EQ(answers[1].trial.id, 2);
  EXPECT_THAT(refusal([&] { study.ask(64, {.retries = 101}); }),
              HasSubstr("retries is 101, it must be in [0, 100]"));
}

TEST_F(AskTellTest, GivesUpATrialThatNobodyComesBackFrom) {
  const AskTellOptions options{.expire_seconds = 10};
  EXPECT_EQ(open().ask(64, options).trial.id, 1);
  now_ += 10;
  EXPECT_EQ(open().ask(64, options).trial.id, 1);
  now_ += 10;
  EXPECT_EQ(open().ask(64, options).trial.id, 2);
  EXPECT_EQ(open().tell(1, TrialOutcome::of_loss(1)).state, TrialState::finished);
}

TEST_F(AskTellTest, SaysThatNothingRunsAtABatchSize) {
  AskTell study = open();
  const auto answers = fail_all(study, 7, {});
  EXPECT_THAT(answers[4].reason, Not(HasSubstr("see why first")));
  EXPECT_THAT(answers[6].reason,
              HasSubstr("; 3 trials failed at this batch size and none ended: see why first"));
  study.tell({64, 0.5, 1}, TrialOutcome::of_loss(1));
  EXPECT_THAT(study.ask(64).reason, Not(HasSubstr("see why first")));
}

// Nothing waits for it: the batch size is not taken for one with a run under way.
TEST_F(AskTellTest, DoesNotWaitForWhatWasGivenUp) {
  std::vector<Observation> known;
  for (const std::int64_t batch_size : {64, 128}) {
    for (int octave = -2; octave <= 2; ++octave) {
      known.push_back({static_cast<double>(batch_size), 0.01 * std::exp2(octave), 1,
                       1.0 + 0.1 * octave * octave});
    }
  }
  const ProposalOptions options{.batch_sizes = {64, 128}};
  const TrialSpec first = propose(known, {}, options).spec;
  const TrialSpec again = propose(known, {}, options, {}, std::vector{first}).spec;
  EXPECT_EQ(again.batch_size, first.batch_size);
  EXPECT_NE(again, first);
}

// Many trials, most of them far from what matters: learning rates beyond those that a decision
// looks at, and more seeds of the best than it reads.
TEST_F(AskTellTest, DecidesByWhatLiesAroundTheBestOfAStudyOfAnySize) {
  open().ask(64);
  {
    SharedStudy study(study_ / "study.db");
    study.change([](SQLite::Database& database) {
      std::int64_t id = 1;
      for (int i = -700; i <= 700; ++i) {
        const double octaves = i / 70.0;
        const double lr = 0.003 * std::exp2(octaves);
        insert_asked(database, {.id = ++id,
                                .spec = {64, lr, 1},
                                .state = TrialState::finished,
                                .loss = 2.0 + 0.01 * octaves * octaves,
                                .asked_at = 0,
                                .observed_at = 0});
      }
      for (std::uint64_t seed = 2; seed <= 500; ++seed) {
        insert_asked(database, {.id = ++id,
                                .spec = {64, 0.003, seed},
                                .state = TrialState::finished,
                                .loss = 2.0,
                                .asked_at = 0,
                                .observed_at = 0});
      }
      return 0;
    });
  }
  std::set<TrialSpec> specs;
  for (int i = 0; i < 20; ++i) {
    const TrialSpec spec = open().ask(64).trial.spec;
    EXPECT_LT(std::abs(std::log2(spec.lr / 0.003)), 2.0);
    EXPECT_TRUE(specs.insert(spec).second);
  }
  EXPECT_EQ(open().trials().size(), 1u + 1401 + 499 + 20);
}

// Random search over ten octaves around 0.003, whose luckiest trial is not the best.
TEST_F(AskTellTest, SuggestsNoWorseOfMoreTrials) {
  open().ask(64);
  {
    SharedStudy study(study_ / "study.db");
    study.change([](SQLite::Database& database) {
      RandomStream stream(1, "ask_tell_test");
      for (std::int64_t id = 2; id <= 20000; ++id) {
        const double octaves = 10.0 * stream.uniform() - 5.0;
        insert_asked(database, {.id = id,
                                .spec = {64, 0.003 * std::exp2(octaves), 1},
                                .state = TrialState::finished,
                                .loss = 2.0 + 0.01 * octaves * octaves + 0.003 * stream.normal(),
                                .asked_at = 0,
                                .observed_at = 0});
      }
      return 0;
    });
  }
  for (int i = 0; i < 3; ++i) {
    EXPECT_LT(std::abs(std::log2(open().ask(64).trial.spec.lr / 0.003)), 0.25);
  }
}

TEST_F(AskTellTest, SaysWhenItsStudyWasRemoved) {
  AskTell study = open();
  fs::remove_all(study_);
  EXPECT_THROW(study.tell({64, 0.1, 1}, TrialOutcome::of_loss(1)), RunError);
}

TEST_F(AskTellTest, RefusesWhatIsNoStudy) {
  fs::create_directory(study_);
  std::ofstream(study_ / "study.db") << "a text that is long enough to be no database at all";
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr("not a study"));
}

// The trials of `etalon study` are known, and it goes on as if nobody had asked.
TEST_F(AskTellTest, WorksOnAStudyAndLeavesItAsItWas) {
  const Fingerprint fingerprint = {{"optimizer", "sgd"}};
  fs::create_directory(study_);
  const fs::path file = study_ / "study.db";
  std::vector<TrialRecord> before;
  {
    SqliteStore store(file, StoreMode::create, fingerprint);
    for (std::int64_t id = 1; id <= 4; ++id) store.append(testing::sample_trial(id));
    before = store.load();
  }
  EXPECT_EQ(open().proposal_options({}, {}).update, UpdateKind::sgd);
  std::size_t results = 0;
  for (const TrialRecord& trial : before) {
    const TrialState state = trial.result.state;
    results +=
        !trial.spec.moved.any() && (state == TrialState::finished || state == TrialState::diverged);
  }
  EXPECT_EQ(open().observations().size(), results);
  const AskedTrial asked = open().ask(before.at(0).spec.batch_size).trial;
  open().tell(asked.id, TrialOutcome::of_loss(1));
  SqliteStore store(file, StoreMode::resume, fingerprint);
  EXPECT_EQ(testing::as_text(store.load()), testing::as_text(before));
  store.append(testing::sample_trial(5));
  EXPECT_EQ(open().observations().size(), results + 2) << "the one told and the fifth trial";
}

TEST_F(AskTellTest, LeavesOutTrialsThatMoveMoreThanTheLearningRate) {
  fs::create_directory(study_);
  SqliteStore store(study_ / "study.db", StoreMode::create, {});
  for (std::int64_t id = 1; id <= 2; ++id) {
    TrialRecord trial = testing::sample_trial(id);
    trial.result.state = TrialState::finished;
    trial.result.objective = 1.0;
    trial.spec.moved = {};
    if (id == 1) trial.spec.moved.ema = 0.99;
    store.append(trial);
  }
  EXPECT_EQ(open().observations().size(), 1u);
}

}  // namespace
}  // namespace etalon
