// A campaign finds what it is asked for within its budget, whatever fails and wherever it stops.
#include "etalon/campaign.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "support/analytic_workload.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::AnalyticWorkload;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::TemporaryDirectory;

// The optimum goes as the root of the batch size, 0.001 at 64, and there is a cliff two octaves
// above it.
double best_lr(double batch_size) { return 0.001 * std::sqrt(batch_size / 64); }
double bowl(double batch_size, double lr) {
  const double octaves = std::log2(lr / best_lr(batch_size));
  if (octaves > 2.5) return INFINITY;
  return 2.0 + 0.05 * octaves * octaves;
}

CampaignOptions options_for(std::vector<std::int64_t> batch_sizes) {
  CampaignOptions options;
  options.ask.batch_sizes = std::move(batch_sizes);
  options.ask.first_lr = 0.001;
  return options;
}

class CampaignTest : public ::testing::Test {
 protected:
  StudyResult run(const Workload& workload, const CampaignOptions& options, std::int64_t slots = 1,
                  bool resume = false) {
    SqliteStore store(directory_.path() / "study.db",
                      resume ? StoreMode::resume : StoreMode::create,
                      campaign_fingerprint(workload.info(), options));
    ThreadRunner runner(workload, slots);
    return run_campaign(workload.info(), runner, options, store, observer_, stop_);
  }

  TemporaryDirectory directory_;
  StudyObserver observer_;
  StopFlag stop_;
};

TEST_F(CampaignTest, FindsTheOptimaOfALadder) {
  CampaignOptions options = options_for({64, 128, 256, 512, 1024});
  options.trials = 24;
  const StudyResult result = run(AnalyticWorkload(bowl), options, 3);
  EXPECT_THAT(result.trials, SizeIs(24));
  ASSERT_THAT(result.recommendations, SizeIs(5));
  for (const Recommendation& advice : result.recommendations) {
    EXPECT_NEAR(std::log2(advice.lr / best_lr(static_cast<double>(advice.batch_size))), 0, 0.5)
        << advice.batch_size;
  }
  EXPECT_THAT(result.conclusion, HasSubstr("expected to lose at most"));
}

TEST_F(CampaignTest, MovesAKnownBaseWithSixTrials) {
  CampaignOptions options = options_for({512});
  options.ask.first_lr = 0.001 * std::sqrt(8.0);
  options.trials = 6;
  const StudyResult result = run(AnalyticWorkload(bowl), options);
  ASSERT_THAT(result.recommendations, SizeIs(1));
  EXPECT_NEAR(std::log2(result.recommendations[0].lr / best_lr(512)), 0, 0.5);
}

TEST_F(CampaignTest, GoesOnWithWhatWasDecided) {
  CampaignOptions options = options_for({64, 256});
  options.ask.seeds = 5;
  // Stops while trials are under way: what was decided is stored as pending.
  class StopAfter final : public StudyObserver {
   public:
    explicit StopAfter(StopFlag& stop) : stop_(stop) {}
    void on_start(const TrialRecord& record) override {
      specs[record.id] = record.spec;
      if (record.id == 7) stop_.request();
    }
    std::map<std::int64_t, TrialSpec> specs;

   private:
    StopFlag& stop_;
  };
  class Slow final : public Workload {
   public:
    WorkloadInfo info() const override { return inner_.info(); }
    TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      if (!monitor.should_stop()) return inner_.run(spec, monitor);
      TrialResult result;
      result.state = TrialState::interrupted;
      return result;
    }

   private:
    AnalyticWorkload inner_{bowl};
  };
  const Slow workload;
  StopAfter stopper(stop_);
  {
    SqliteStore store(directory_.path() / "study.db", StoreMode::create,
                      campaign_fingerprint(workload.info(), options));
    ThreadRunner runner(workload, 2);
    EXPECT_TRUE(run_campaign(workload.info(), runner, options, store, stopper, stop_).interrupted);
  }
  StopFlag go_on;
  SqliteStore store(directory_.path() / "study.db", StoreMode::resume,
                    campaign_fingerprint(workload.info(), options));
  ThreadRunner runner(workload, 2);
  const StudyResult result =
      run_campaign(workload.info(), runner, options, store, observer_, go_on);
  EXPECT_FALSE(result.interrupted);
  ASSERT_THAT(result.trials, SizeIs(24));
  for (const auto& [id, spec] : stopper.specs) {
    EXPECT_EQ(result.trials[static_cast<std::size_t>(id - 1)].spec, spec);
  }
}

TEST_F(CampaignTest, IsGivenMoreTrialsLater) {
  CampaignOptions options = options_for({64, 256});
  options.trials = 8;
  const AnalyticWorkload workload(bowl);
  EXPECT_THAT(run(workload, options).trials, SizeIs(8));
  options.trials = 12;
  EXPECT_THAT(run(workload, options, 1, true).trials, SizeIs(12));
  EXPECT_EQ(workload.runs(), 12);
}

// Fails at batch sizes above a limit, and otherwise now and then.
class Failing final : public Workload {
 public:
  Failing(std::int64_t most, int every) : most_(most), every_(every) {}
  WorkloadInfo info() const override { return inner_.info(); }
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
    TrialResult failed;
    failed.message = spec.batch_size > most_ ? "out of memory" : "a bad day";
    if (spec.batch_size > most_ || ++runs_ % every_ == 0) return failed;
    return inner_.run(spec, monitor);
  }

 private:
  const std::int64_t most_;
  const int every_;
  mutable std::atomic<int> runs_ = 0;
  AnalyticWorkload inner_{bowl};
};

TEST_F(CampaignTest, LeavesOutABatchSizeThatIsTooLarge) {
  CampaignOptions options = options_for({64, 256, 1024});
  options.is_too_large = [](const TrialResult& result) {
    return result.message == "out of memory";
  };
  const StudyResult result = run(Failing(512, 1000), options);
  EXPECT_EQ(std::count_if(
                result.trials.begin(), result.trials.end(),
                [](const TrialRecord& trial) { return trial.result.state == TrialState::failed; }),
            1);
  EXPECT_THAT(result.conclusion, HasSubstr("B=1024 is left out"));
}

TEST_F(CampaignTest, TriesNoneThatIsLargerThanOneThatIsTooLarge) {
  CampaignOptions options = options_for({1024, 2048, 4096});
  options.is_too_large = [](const TrialResult& result) {
    return result.message == "out of memory";
  };
  EXPECT_THAT([&] { run(Failing(512, 1000), options); },
              ::testing::ThrowsMessage<RunError>(HasSubstr("every batch size ran out of memory")));
  EXPECT_THAT(read_study_file(directory_.path() / "study.db").trials, SizeIs(1));
}

// A share of next to nothing is nothing.
TEST_F(CampaignTest, TakesAShareOfTheSpreadWhereTheBestIsNearZero) {
  const auto near_zero = [](double batch_size, double lr) { return bowl(batch_size, lr) - 2.0; };
  const StudyResult result = run(AnalyticWorkload(near_zero), options_for({64, 256}));
  EXPECT_GT(result.options.tolerance, 1e-4);
  EXPECT_LT(result.options.tolerance, 1e-2);
  EXPECT_THAT(result.conclusion, HasSubstr("near 0"));
  std::filesystem::remove(directory_.path() / "study.db");
  const StudyResult usual = run(AnalyticWorkload(bowl), options_for({64, 256}));
  EXPECT_NEAR(usual.options.tolerance, 0.02, 1e-3);
  EXPECT_THAT(usual.conclusion, Not(HasSubstr("near 0")));
}

// A workload may say that it finished and give a loss that is none.
TEST_F(CampaignTest, TakesALossThatIsNotFiniteAsADivergence) {
  class Careless final : public Workload {
   public:
    WorkloadInfo info() const override { return inner_.info(); }
    TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
      TrialResult result = inner_.run(spec, monitor);
      result.state = TrialState::finished;
      if (!result.objective) result.objective = NAN;
      return result;
    }

   private:
    AnalyticWorkload inner_{bowl};
  };
  CampaignOptions options = options_for({64});
  options.ask.first_lr = 4 * best_lr(64);
  const StudyResult result = run(Careless(), options);
  const auto diverged = [](const TrialRecord& trial) {
    return trial.result.state == TrialState::diverged;
  };
  EXPECT_TRUE(std::any_of(result.trials.begin(), result.trials.end(), diverged));
}

// What failed is said, whatever there is to say of the rest.
TEST_F(CampaignTest, SaysThatABatchSizeOnlyFailedWhereTheOthersEndAlike) {
  class Alike final : public Workload {
   public:
    WorkloadInfo info() const override { return AnalyticWorkload(bowl).info(); }
    TrialResult run(const TrialSpec& spec, TrialMonitor&) const override {
      TrialResult result;
      result.state = spec.batch_size == 64 ? TrialState::failed : TrialState::finished;
      result.message = "exit code 3";
      if (spec.batch_size != 64) result.objective = 2.0;
      return result;
    }
  };
  const StudyResult result = run(Alike(), options_for({32, 64}));
  EXPECT_THAT(result.conclusion, StartsWith("All trials of a batch size end alike"));
  EXPECT_THAT(result.conclusion, HasSubstr("B=64 is left out, where every trial failed"));
  EXPECT_THAT(result.conclusion, HasSubstr("exit code 3"));
}

// As where the learning rate does not arrive: only the batch size moves the loss.
TEST_F(CampaignTest, RecommendsNothingWhereTheTrialsOfABatchSizeEndAlike) {
  const auto by_batch_size = [](double batch_size, double) { return 1.0 + 1.0 / batch_size; };
  CampaignOptions options = options_for({64, 256});
  options.trials = 5;
  const StudyResult result = run(AnalyticWorkload(by_batch_size, 0.0, 0.0), options);
  EXPECT_THAT(result.conclusion, StartsWith("All trials of a batch size end alike"));
  EXPECT_THAT(result.recommendations, SizeIs(0));
  EXPECT_THAT(result.optima, SizeIs(0));
}

// Notes of which trials it was told that an earlier process may have left something.
class NotingRunner final : public TrialRunner {
 public:
  explicit NotingRunner(const Workload& workload) : runner_(workload, 1) {}
  std::int64_t slots() const override { return runner_.slots(); }
  void start(std::int64_t trial, const TrialSpec& spec) override { runner_.start(trial, spec); }
  std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) override {
    return runner_.wait(at_most);
  }
  void abort(std::int64_t trial) override { runner_.abort(trial); }
  void end_earlier(std::int64_t trial) override { ended_earlier.insert(trial); }

  std::set<std::int64_t> ended_earlier;

 private:
  ThreadRunner runner_;
};

// What was stored may not have been carried out, should the study have been killed in between.
TEST_F(CampaignTest, EndsOnResumingWhatIsLeftOfTrialsThatAreOver) {
  const AnalyticWorkload workload(bowl);
  CampaignOptions options = options_for({64});
  options.trials = 6;
  run(workload, options);
  SqliteStore store(directory_.path() / "study.db", StoreMode::resume,
                    campaign_fingerprint(workload.info(), options));
  TrialRecord pending = store.load().back();
  pending.id = 7;
  pending.spec.lr = 0.00123;
  pending.result = {};
  pending.result.state = TrialState::pending;
  store.append(pending);
  NotingRunner runner(workload);
  options.trials = 7;
  run_campaign(workload.info(), runner, options, store, observer_, stop_);
  EXPECT_EQ(runner.ended_earlier, (std::set<std::int64_t>{1, 2, 3, 4, 5, 6}));
}

// Another try would take as long.
TEST_F(CampaignTest, TriesAgainOnResumingOnlyWhatMayPass) {
  CampaignOptions options = options_for({64, 256});
  options.trials = 8;
  options.may_pass = [](const TrialResult&) { return false; };
  const auto failed = [](const StudyResult& result) {
    return std::count_if(result.trials.begin(), result.trials.end(), [](const TrialRecord& trial) {
      return trial.result.state == TrialState::failed;
    });
  };
  const Failing workload(1024, 4);
  EXPECT_EQ(failed(run(workload, options)), 2);
  EXPECT_EQ(failed(run(workload, options, 1, true)), 2);
  options.may_pass = nullptr;
  EXPECT_EQ(failed(run(workload, options, 1, true)), 0);
}

// At 256 only what lies far below the rest would end.
TEST_F(CampaignTest, SaysWhereNothingIsKnownToEnd) {
  const auto unstable = [](double batch_size, double lr) {
    return batch_size == 256 && lr > 1e-9 ? INFINITY : bowl(batch_size, lr);
  };
  CampaignOptions options = options_for({64, 256});
  options.trials = 10;
  const StudyResult result = run(AnalyticWorkload(unstable), options);
  EXPECT_THAT(result.conclusion, HasSubstr("At batch size 256, lr "));
  EXPECT_THAT(result.conclusion, HasSubstr("diverged and none was run below it"));
}

TEST_F(CampaignTest, TriesAgainWhatFailed) {
  CampaignOptions options = options_for({64, 256});
  options.ask.seeds = 5;
  const StudyResult result = run(Failing(1024, 5), options);
  EXPECT_THAT(result.trials, SizeIs(24));
  EXPECT_THAT(result.trials,
              Each(Field(&TrialRecord::result,
                         Field(&TrialResult::state, ::testing::Ne(TrialState::failed)))));
}

TEST_F(CampaignTest, StopsWhereEveryTrialFails) {
  const CampaignOptions options = options_for({64, 256});
  const Failing workload(1024, 1);
  EXPECT_THAT([&] { run(workload, options); },
              ::testing::ThrowsMessage<RunError>(HasSubstr("all of 3 trials failed")));
}

TEST_F(CampaignTest, EndsWhereOnlyMoreReplicatesThanAskedForAreLeft) {
  CampaignOptions options = options_for({64, 256});
  options.trials = 60;
  const StudyResult result = run(AnalyticWorkload(bowl), options);
  EXPECT_LT(result.trials.size(), 40U);
  for (const TrialRecord& trial : result.trials) EXPECT_EQ(trial.spec.seed, 1U);
  EXPECT_FALSE(result.interrupted);
  EXPECT_THAT(result.conclusion, HasSubstr("trials were enough"));
}

// What the learning rate does not move is no reason for advice or verdicts.
TEST_F(CampaignTest, SaysWhereTheLearningRateMayNotMatter) {
  const AnalyticWorkload noise([](double, double) { return 1.0; }, 0.0, 0.05);
  int told = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CampaignOptions options = options_for({64, 128, 256});
    options.ask.first_seed = 100 * seed;
    const StudyResult result = run(noise, options, 1);
    told += result.recommendations.empty() && result.rules.empty() ? 0 : 1;
    std::filesystem::remove(directory_.path() / "study.db");
  }
  EXPECT_LE(told, 3);  // each with a probability of about 0.05, were the trials not chosen
}

TEST_F(CampaignTest, RefusesOptionsThatMakeNoSense) {
  CampaignOptions options = options_for({});
  EXPECT_THROW(options.validate(), InputError);
  options = options_for({64});
  options.trials = 0;
  EXPECT_THROW(options.validate(), InputError);
}

}  // namespace
}  // namespace etalon
