#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "etalon/error.hpp"
#include "store/store_file.hpp"
#include "store/trial_samples.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::as_text;
using ::testing::HasSubstr;
using testing::sample_trial;

const Fingerprint kFingerprint = {{"model", "mlp:128"}, {"study.seeds", "3"}};

class Store : public testing::StoreFile {
 protected:
  std::string refusal(StoreMode mode, const Fingerprint& fingerprint = kFingerprint) const {
    return StoreFile::refusal(mode, fingerprint);
  }
};

TEST_F(Store, GivesBackEveryTrialBitForBit) {
  std::vector<TrialRecord> trials;
  {
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    for (std::int64_t id = 1; id <= 50; ++id) {
      trials.push_back(sample_trial(id, id % 7));
      store.append(trials.back());
    }
    EXPECT_EQ(as_text(store.load()), as_text(trials));
  }
  const SqliteStore again(path_, StoreMode::resume, kFingerprint);
  EXPECT_EQ(as_text(again.load()), as_text(trials));
}

// Of all doubles, SQLite changes NaN, which is missing here, and -0.0, which becomes the equal 0.0.
TEST_F(Store, KeepsTheBitsOfUnusualDoubles) {
  using Limits = std::numeric_limits<double>;
  TrialRecord trial = sample_trial(1, 0);
  for (const double value : {1.0, 3.0e15, -3.0, 0.1, Limits::denorm_min(), Limits::min(),
                             Limits::max(), Limits::infinity(), 9007199254740993.0}) {
    trial.result.curve.push_back({0, 0, value, value, -value, value / 3.0});
  }
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(trial);
  EXPECT_EQ(as_text(store.load()), as_text(std::vector{trial}));
}

TEST_F(Store, GivesTrialsInOrderOfIdHoweverTheyArrived) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  for (const std::int64_t id : {3, 1, 2}) store.append(sample_trial(id));
  EXPECT_EQ(as_text(store.load()),
            as_text(std::vector{sample_trial(1), sample_trial(2), sample_trial(3)}));
}

TEST_F(Store, RefusesATrialThatIsThereAndKeepsTheFirst) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(sample_trial(1));
  TrialRecord other = sample_trial(2);
  other.id = 1;
  EXPECT_THROW(store.append(other), RunError);
  EXPECT_EQ(as_text(store.load()), as_text(std::vector{sample_trial(1)}));
}

TEST_F(Store, RefusesAnInterruptedTrial) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  TrialRecord trial = sample_trial(1);
  trial.result.state = TrialState::interrupted;
  EXPECT_THROW(store.append(trial), RunError);
  EXPECT_TRUE(store.load().empty());
}

TEST_F(Store, KeepsFactsBesideTheTrials) {
  {
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    EXPECT_EQ(store.meta("version"), std::nullopt);
    store.set_meta("version", "0.0");
    store.set_meta("version", "0.1");
  }
  const SqliteStore again(path_, StoreMode::resume, kFingerprint);
  EXPECT_EQ(again.meta("version"), "0.1");
}

TEST_F(Store, RefusesToCreateOverAStudy) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  EXPECT_THAT(refusal(StoreMode::create),
              AllOf(HasSubstr("a study of 1 trial already"), HasSubstr(path_.string()),
                    HasSubstr("give mode resume to go on with it, or another path")));
  EXPECT_EQ(SqliteStore(path_, StoreMode::resume, kFingerprint).load().size(), 1u);
}

TEST_F(Store, RefusesToResumeWithOtherSettingsAndNamesTheFirst) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  EXPECT_THAT(
      refusal(StoreMode::resume, {{"model", "lenet"}, {"study.seeds", "4"}}),
      AllOf(HasSubstr("model was \"mlp:128\" and is now \"lenet\""), HasSubstr(path_.string())));
}

TEST_F(Store, RefusesToResumeWhereThereIsNoStudyAndMakesNone) {
  EXPECT_THAT(refusal(StoreMode::resume),
              AllOf(HasSubstr("there is no study to resume"), HasSubstr(path_.string())));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(Store, CreatesOrResumesWhereEitherWillDo) {
  SqliteStore(path_, StoreMode::create_or_resume, kFingerprint).append(sample_trial(1));
  EXPECT_EQ(SqliteStore(path_, StoreMode::create_or_resume, kFingerprint).load().size(), 1u);
}

TrialRecord in_state(TrialState state) {
  TrialRecord trial = sample_trial(3);
  trial.result.state = state;
  return trial;
}

TEST_F(Store, PutsATrialInThePlaceOfAPendingOrFailedOneOfItsNumber) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  for (const TrialState before : {TrialState::pending, TrialState::failed}) {
    store.append(in_state(before));
    EXPECT_EQ(as_text(store.load()), as_text(std::vector{in_state(before)}));
  }
  TrialRecord again = sample_trial(3, 2);
  again.attempts = 2;
  store.append(again);
  EXPECT_EQ(as_text(store.load()), as_text(std::vector{again}));
}

TEST_F(Store, KeepsEveryStateThatATrialCanBeStoredIn) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  std::vector<TrialRecord> trials;
  for (const TrialState state : {TrialState::pending, TrialState::finished, TrialState::diverged,
                                 TrialState::pruned, TrialState::failed}) {
    trials.push_back(in_state(state));
    trials.back().id = static_cast<std::int64_t>(trials.size());
    trials.back().result.objective = 1.0;
    store.append(trials.back());
  }
  EXPECT_EQ(as_text(store.load()), as_text(trials));
}

TEST_F(Store, RefusesWhatNoTrialCanHave) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  const auto refused = [&](const std::function<void(TrialRecord&)>& change) {
    TrialRecord trial = in_state(TrialState::finished);
    change(trial);
    EXPECT_THROW(store.append(trial), Error);
  };
  refused([](TrialRecord& trial) { trial.spec.lr = 1.79e308; });
  refused([](TrialRecord& trial) { trial.spec.lr = 1e-320; });
  refused([](TrialRecord& trial) { trial.spec.batch_size = 9000000000000000000; });
  refused([](TrialRecord& trial) { trial.spec.batch_size = 0; });
  refused([](TrialRecord& trial) { trial.result.objective = INFINITY; });
  refused([](TrialRecord& trial) { trial.result.objective.reset(); });
  EXPECT_TRUE(store.load().empty());
}

TEST_F(Store, KeepsHowLongTheStudyTook) {
  {
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    EXPECT_EQ(store.wall_seconds(), 0.0);
    store.set_wall_seconds(12.25);
  }
  EXPECT_EQ(SqliteStore(path_, StoreMode::resume, kFingerprint).wall_seconds(), 12.25);
}

TEST_F(Store, SaysWhenItsFileWasRemoved) {
  for (const char* ending : {"", "-wal"}) {
    path_ = directory_.path() / fmt::format("study{}.db", ending);
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    store.append(sample_trial(1));
    std::filesystem::remove(path_.string() + ending);
    try {
      store.append(sample_trial(2));
      ADD_FAILURE() << "stored in a file that was removed: study.db" << ending;
    } catch (const RunError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("was removed or replaced"), HasSubstr(path_)));
    }
    EXPECT_THROW(store.check_present(), RunError);
  }
}

// What the store of the removed file leaves behind it is not the new study's.
TEST_F(Store, LeavesAStudyAloneThatTookItsPlace) {
  std::optional<SqliteStore> before(std::in_place, path_, StoreMode::create, kFingerprint);
  before->append(sample_trial(1));
  for (const char* ending : {"", "-wal", "-shm", ".lock"}) {
    std::filesystem::remove(path_.string() + ending);
  }
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(sample_trial(2));
  EXPECT_THROW(before->append(sample_trial(3)), RunError);
  before.reset();
  store.append(sample_trial(4));
  EXPECT_EQ(as_text(read_study_file(path_).trials),
            as_text(std::vector{sample_trial(2), sample_trial(4)}));
  EXPECT_THROW(SqliteStore(path_, StoreMode::resume, kFingerprint), InputError) << "its lock";
}

TEST_F(Store, IsReadWithoutItsCurvesWhereNobodyAsksForThem) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1, 7));
  EXPECT_EQ(read_study_file(path_).trials.at(0).result.curve.size(), 7u);
  EXPECT_TRUE(read_study_file(path_, Curves::leave_out).trials.at(0).result.curve.empty());
}

TEST_F(Store, SaysWhatMakesTheUpdatesOfItsStudy) {
  {
    SqliteStore store(path_, StoreMode::create, {{"optimizer", "lamb"}});
    EXPECT_EQ(optimizer_of(read_study_file(path_)), "lamb");
    store.set_meta("suggest.update", "sgd");
  }
  EXPECT_EQ(optimizer_of(read_study_file(path_)), "sgd");
  EXPECT_EQ(setting_of({{"study.budget_examples", "7"}}, "study.budget_examples"), "7");
  EXPECT_EQ(optimizer_of({}), std::nullopt);
}

// The sweep of a study: what moves any other setting is no point of it.
TEST(Sweep, IsOfTheTrialsThatMoveTheLearningRateAlone) {
  StudyFile study;
  for (const TrialState state : {TrialState::pending, TrialState::finished, TrialState::diverged,
                                 TrialState::pruned, TrialState::failed}) {
    study.trials.push_back(in_state(state));
    study.trials.back().result.objective = 2.5;
  }
  for (const NamedSetting& setting : kMovableSettings) {
    study.trials.push_back(in_state(TrialState::finished));
    study.trials.back().spec.moved.*setting.value = 0.5;
  }
  study.asked = {{.id = 1, .spec = {64, 0.1, 1}, .state = TrialState::finished, .loss = 1.5},
                 {.id = 2, .spec = {64, 0.2, 1}, .state = TrialState::pending, .loss = {}},
                 {.id = 3, .spec = {64, 0.9, 1}, .state = TrialState::diverged, .loss = {}}};
  const auto sweep = sweep_of(study);
  ASSERT_EQ(sweep.size(), 4u);
  EXPECT_EQ(sweep[0].loss, 2.5);
  EXPECT_TRUE(sweep[1].diverged());
  EXPECT_EQ(sweep[2].loss, 1.5);
  EXPECT_EQ(sweep[3].lr, 0.9);
}

TEST(Sweep, IsPartOfWhatTrialsSayToTheStatistics) {
  TrialRecord recipe = in_state(TrialState::finished);
  recipe.spec.moved.beta1 = 0.5;
  recipe.result.objective = 2.5;
  EXPECT_EQ(observation_of(recipe)->loss, 2.5);
  EXPECT_FALSE(sweep_point(recipe));
  EXPECT_FALSE(observation_of(in_state(TrialState::failed)));
}

TEST_F(Store, LeavesOneFileBehind) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("study.db"));
}

TEST_F(Store, CanBeReadWhileItIsHeld) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(sample_trial(1));
  store.set_meta("version", "0.1");
  const StudyFile file = read_study_file(path_);
  EXPECT_EQ(file.fingerprint, kFingerprint);
  EXPECT_EQ(file.meta.at("version"), "0.1");
  EXPECT_EQ(as_text(file.trials), as_text(std::vector{sample_trial(1)}));
  store.append(sample_trial(2));
  EXPECT_EQ(read_study_file(path_).trials.size(), 2u);
}

TEST_F(Store, IsNotMadeByReadingIt) {
  EXPECT_THROW(read_study_file(path_), InputError);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace etalon
