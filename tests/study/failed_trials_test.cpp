// Trials that fail: tried again, recorded, and done without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "etalon/error.hpp"
#include "study/planner.hpp"
#include "study/study_fixture.hpp"

namespace etalon {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Fails at the specs that `fails` tells, as often as it says; a negative number: always.
class FailingWorkload : public AnalyticWorkload {
 public:
  using Fails = std::function<int(const TrialSpec&)>;
  explicit FailingWorkload(Fails fails)
      : AnalyticWorkload(noisy_quadratic_workload()), fails_(std::move(fails)) {}

  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
    const int times = fails_(spec), attempts = attempt(spec);
    if (times < 0 || attempts <= times) {
      return result_in(TrialState::failed, "the disk is full");
    }
    return AnalyticWorkload::run(spec, monitor);
  }

  int attempts(const TrialSpec& spec) const { return attempts_.at(spec); }

 private:
  int attempt(const TrialSpec& spec) const {
    const std::lock_guard lock(mutex_);
    return ++attempts_[spec];
  }

  Fails fails_;
  mutable std::mutex mutex_;
  mutable std::map<TrialSpec, int> attempts_;
};

bool has_failed(const TrialRecord& trial) { return trial.result.state == TrialState::failed; }

auto failures_of(const std::vector<TrialRecord>& trials) {
  return std::count_if(trials.begin(), trials.end(), has_failed);
}

const TrialSpec kExploring{32, 0.4, 1};  // of the first round
const TrialSpec kReplicate{32, 0.4, 2};  // of a later one

int fails_once_in_a_while(const TrialSpec& spec) {
  return std::hash<double>{}(spec.lr * static_cast<double>(spec.seed)) % 5 == 0 ? -1 : 0;
}

TEST(FailedTrials, AreTriedAgainAndLeaveNoTraceWhereThatHelps) {
  const FailingWorkload workload([](const TrialSpec& spec) { return spec.seed == 1 ? 1 : 0; });
  MemoryStore store;
  const auto result = run(workload, small_options(), store);
  EXPECT_EQ(essence(result.trials),
            essence(run(noisy_quadratic_workload(), small_options()).trials));
  EXPECT_EQ(store.records().size(), result.trials.size());
  EXPECT_EQ(workload.attempts(kExploring), 2);
  EXPECT_THAT(result.conclusion, Not(HasSubstr("failed")));
}

TEST(FailedTrials, AreTriedAgainNoMoreOftenThanAsked) {
  for (const std::int64_t retries : {0, 1, 3}) {
    const FailingWorkload workload(
        [](const TrialSpec& spec) { return spec == kReplicate ? -1 : 0; });
    StudyOptions options = small_options();
    options.retries = retries;
    MemoryStore store;
    const auto result = run(workload, options, store);
    EXPECT_EQ(failures_of(store.records()), 1);
    EXPECT_EQ(failures_of(result.trials), 1);
    EXPECT_EQ(workload.attempts(kReplicate), retries + 1);
  }
}

TEST(FailedTrials, DoNotEndTheStudyWhichSaysSo) {
  const FailingWorkload workload([](const TrialSpec& spec) { return spec == kReplicate ? -1 : 0; });
  const auto result = run(workload, small_options());
  ASSERT_EQ(result.optima.size(), 3u);
  EXPECT_NEAR(std::log2(result.optima[1].lr / KnownQuadratic{}.optimum(32)), 0.0, 0.25);
  const auto failed = *std::find_if(result.trials.begin(), result.trials.end(), has_failed);
  EXPECT_EQ(failed.spec, kReplicate);
  EXPECT_EQ(failed.result.message, "the disk is full");
  EXPECT_THAT(result.conclusion,
              HasSubstr("1 trial failed and counts for nothing (batch size 32, learning rate 0.4, "
                        "seed 2: the disk is full)."));
}

TEST(FailedTrials, AreReplacedByTheNextSeedWhereTheyWereToExplore) {
  const FailingWorkload workload([](const TrialSpec& spec) { return spec == kExploring ? -1 : 0; });
  const auto result = run(workload, small_options());
  std::set<std::uint64_t> seeds;
  for (const TrialRecord& trial : result.trials) {
    if (trial.spec.batch_size == 32 && trial.spec.lr == 0.4) seeds.insert(trial.spec.seed);
  }
  EXPECT_EQ(seeds, (std::set<std::uint64_t>{1, 2, 3}));
  EXPECT_NEAR(std::log2(result.optima[1].lr / KnownQuadratic{}.optimum(32)), 0.0, 0.25);
}

TEST(FailedTrials, GiveTheSameTrialsWhateverTheNumberOfJobs) {
  StudyOptions options;
  const FailingWorkload workload(fails_once_in_a_while);
  options.jobs = 1;
  const auto alone = run(workload, options);
  options.jobs = 4;
  const auto together = run(workload, options);
  EXPECT_GT(failures_of(alone.trials), 10);
  EXPECT_EQ(essence(alone.trials), essence(together.trials));
  EXPECT_EQ(alone.conclusion, together.conclusion);
}

TEST(FailedTrials, AreNeverPlannedAgain) {
  const auto result = run(FailingWorkload(fails_once_in_a_while), StudyOptions{});
  std::set<TrialSpec> specs;
  for (const TrialRecord& trial : result.trials) EXPECT_TRUE(specs.insert(trial.spec).second);
  EXPECT_LE(result.trials.size(), 300u);
  EXPECT_EQ(result.optima.size(), 9u);
}

TEST(FailedTrials, LeaveOutABatchSizeThatHasNothingElse) {
  const FailingWorkload workload(
      [](const TrialSpec& spec) { return spec.batch_size == 128 ? -1 : 0; });
  const auto result = run(workload, small_options());
  ASSERT_EQ(result.optima.size(), 2u);
  EXPECT_EQ(result.optima.back().batch_size, 32);
  EXPECT_LE(failures_of(result.trials), 6);
  EXPECT_TRUE(is_left_out(result.trials, 128));
  EXPECT_FALSE(is_left_out(result.trials, 16));
  EXPECT_THAT(result.conclusion, HasSubstr("B=128 is left out, where every trial failed (the disk "
                                           "is full)."));
}

TEST(FailedTrials, EndTheStudyWithTheirMessageWhereAllOfThemAre) {
  int times = -1;
  const FailingWorkload workload([&](const TrialSpec&) { return times; });
  MemoryStore store;
  try {
    run(workload, small_options(), store);
    FAIL() << "nothing can run";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("the disk is full"), HasSubstr("all of 5 trials"),
                                    HasSubstr("batch size 32")));
  }
  EXPECT_EQ(failures_of(store.load()), 5);
  times = 0;
  const auto resumed = run(workload, small_options(), store);
  EXPECT_EQ(essence(resumed.trials), essence(run(workload, small_options()).trials));
}

TEST(FailedTrials, AreTriedAgainOnResumingUnlessALaterRoundWasDecidedWithoutThem) {
  bool mended = false;
  const auto failing = [&](const TrialSpec& spec) {
    const bool late = spec.batch_size == 128 && spec.seed == 3;
    return !mended && (late || spec == kExploring) ? -1 : 0;
  };
  const FailingWorkload workload(failing);
  MemoryStore store;
  const auto before = run(workload, small_options(), store);
  ASSERT_GT(failures_of(before.trials), 1);
  const std::int64_t last = before.trials.back().round;
  mended = true;
  const auto after = run(workload, small_options(), store);
  EXPECT_EQ(workload.attempts(kExploring), 2);
  for (const TrialRecord& trial : after.trials) {
    if (has_failed(trial)) {
      EXPECT_LT(trial.round, last);
    }
  }
  const auto again = run(workload, small_options(), store);
  EXPECT_EQ(essence(again.trials), essence(after.trials));
}

TEST(FailedTrials, ThatWereInterruptedBeforeTheirSecondTryAreNotStored) {
  class Stopping : public AnalyticWorkload {
   public:
    explicit Stopping(StopFlag& stop) : AnalyticWorkload(noisy_quadratic_workload()), stop_(stop) {}
    TrialResult run(const TrialSpec&, TrialMonitor&) const override {
      stop_.request();
      return result_in(TrialState::failed, "it was killed");
    }

   private:
    StopFlag& stop_;
  };
  MemoryStore store;
  StudyObserver observer;
  StopFlag stop;
  EXPECT_TRUE(run_study(Stopping(stop), small_options(), store, observer, stop).interrupted);
  EXPECT_TRUE(store.records().empty());
}

TEST(FailedTrials, AreThoseThatThrewOrEndedWithoutALoss) {
  class Throwing : public AnalyticWorkload {
   public:
    Throwing() : AnalyticWorkload(noisy_quadratic_workload()) {}
    TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
      if (spec == kReplicate) throw std::runtime_error("the device is lost");
      if (spec.lr == 0.1) return result_in(TrialState::finished);
      return AnalyticWorkload::run(spec, monitor);
    }
  };
  const auto result = run(Throwing(), small_options());
  std::set<std::string> messages;
  for (const TrialRecord& trial : result.trials) {
    if (has_failed(trial)) messages.insert(trial.result.message);
  }
  EXPECT_EQ(messages,
            (std::set<std::string>{"the device is lost", "it finished without an objective"}));
}

TEST(RunStudy, TakesALossThatIsNotFiniteForADivergence) {
  class Undefined : public AnalyticWorkload {
   public:
    Undefined() : AnalyticWorkload(noisy_quadratic_workload()) {}
    TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
      TrialResult result = AnalyticWorkload::run(spec, monitor);
      if (result.state == TrialState::finished) return result;
      result = result_in(TrialState::finished);
      result.objective = NAN;
      return result;
    }
  };
  const auto result = run(Undefined(), small_options());
  EXPECT_EQ(essence(result.trials),
            essence(run(noisy_quadratic_workload(), small_options()).trials));
}

TEST(RunStudy, EndsWhereTheWorkloadRefusesItsInputOnceWhatRunsIsStored) {
  class Refusing : public AnalyticWorkload {
   public:
    Refusing() : AnalyticWorkload(noisy_quadratic_workload()) {}
    TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
      if (spec.batch_size != 32) throw InputError("there is no such data set", "", "");
      return AnalyticWorkload::run(spec, monitor);
    }
  };
  MemoryStore store;
  EXPECT_THROW(run(Refusing(), small_options(), store), InputError);
  EXPECT_GT(store.records().size(), 10u);
  EXPECT_EQ(failures_of(store.records()), 0);
}

}  // namespace
}  // namespace etalon
