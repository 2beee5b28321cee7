#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "study/study_fixture.hpp"

namespace etalon {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(RunStudy, GivesTheSameTrialsWhateverTheNumberOfJobs) {
  const auto workload = noisy_quadratic_workload();
  StudyOptions options;
  options.jobs = 1;
  const auto alone = run(workload, options);
  options.jobs = 4;
  const auto together = run(workload, options);
  EXPECT_EQ(essence(alone.trials), essence(together.trials));
  EXPECT_EQ(alone.conclusion, together.conclusion);
}

// Asks to stop in the middle of the trial after `allowed` others.
class StoppingWorkload : public AnalyticWorkload {
 public:
  StoppingWorkload(int allowed, StopFlag& stop)
      : AnalyticWorkload(noisy_quadratic_workload()), allowed_(allowed), stop_(stop) {}
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
    if (started_++ < allowed_) return AnalyticWorkload::run(spec, monitor);
    stop_.request();
    return result_in(TrialState::interrupted);
  }

 private:
  int allowed_;
  StopFlag& stop_;
  mutable std::atomic<int> started_ = 0;
};

TEST(RunStudy, InterruptedAtAnyTrialAndResumedGivesTheSameTrials) {
  StudyOptions options = small_options();
  const auto whole = run(noisy_quadratic_workload(), options);
  for (int allowed = 0; allowed < static_cast<int>(whole.trials.size()); ++allowed) {
    options.jobs = 1 + allowed % 3;
    MemoryStore store;
    StopFlag stop;
    StudyObserver observer;
    const auto part = run_study(StoppingWorkload(allowed, stop), options, store, observer, stop);
    ASSERT_TRUE(part.interrupted);
    ASSERT_EQ(store.records().size(), static_cast<std::size_t>(allowed));
    EXPECT_EQ(essence(part.trials), essence(store.load()));
    const auto workload = noisy_quadratic_workload();
    const auto resumed = run(workload, options, store);
    EXPECT_FALSE(resumed.interrupted);
    EXPECT_EQ(essence(resumed.trials), essence(whole.trials));
    EXPECT_EQ(essence(store.load()), essence(whole.trials));
    EXPECT_EQ(workload.runs(), static_cast<int>(whole.trials.size()) - allowed);
  }
}

TEST(RunStudy, StoresNothingThatTheStopInterrupted) {
  class Endless : public Workload {
   public:
    WorkloadInfo info() const override { return {}; }
    TrialResult run(const TrialSpec&, TrialMonitor& monitor) const override {
      while (!monitor.should_stop()) std::this_thread::yield();
      return result_in(TrialState::interrupted);
    }
  };
  MemoryStore store;
  StudyObserver observer;
  StopFlag stop;
  const std::jthread stopper([&] { stop.request(); });
  const auto result = run_study(Endless{}, small_options(), store, observer, stop);
  EXPECT_TRUE(result.interrupted);
  EXPECT_TRUE(store.records().empty());
  EXPECT_TRUE(result.optima.empty());
}

TEST(RunStudy, FindsTheOptimaOfTheNoisyQuadratic) {
  const KnownQuadratic model;
  StudyOptions options;
  const auto result = run(noisy_quadratic_workload(), options);
  ASSERT_EQ(result.optima.size(), options.batch_sizes.size());
  int covered = 0;
  for (const Optimum& optimum : result.optima) {
    const double truth = model.optimum(optimum.batch_size);
    EXPECT_EQ(optimum.censored, Censoring::none) << optimum.batch_size;
    EXPECT_NEAR(std::log2(optimum.lr / truth), 0.0, 0.25) << optimum.batch_size;
    covered += optimum.lr_low <= truth && truth <= optimum.lr_high;
  }
  EXPECT_GE(covered, 7);
  EXPECT_LE(result.trials.size(), 280u);
  fmt::print("the default study of the noisy quadratic: {} trials in {} rounds; {}\n",
             result.trials.size(), result.trials.back().round, result.conclusion);
}

TEST(RunStudy, FindsTheExponentOfAPowerLawAndItsRule) {
  // A rule an octave off loses 0.0144 here.
  StudyOptions options;
  options.tolerance = 0.01;
  for (const double power : {0.0, 0.5, 1.0}) {
    const auto result = run(power_law_workload(power), options);
    ASSERT_TRUE(result.exponent);
    EXPECT_NEAR(result.exponent->exponent, power, 0.06);
    EXPECT_LE(result.trials.size(), 280u);
    fmt::print("the default study of a power law {}: {} trials in {} rounds; {}\n", power,
               result.trials.size(), result.trials.back().round, result.conclusion);
    for (const RuleOutcome& outcome : result.rules) {
      const bool right = (outcome.rule == "fixed" && power == 0.0) ||
                         (outcome.rule == "sqrt" && power == 0.5) ||
                         (outcome.rule == "linear" && power == 1.0);
      if (right) {
        EXPECT_NE(outcome.regret.verdict, Verdict::fails) << outcome.batch_size;
      }
      if (!right && (outcome.batch_size == 8 || outcome.batch_size >= 256)) {
        EXPECT_NE(outcome.regret.verdict, Verdict::holds) << outcome.rule << outcome.batch_size;
      }
    }
  }
}

// Of a study, the seeds of a learning rate so many half-octaves above the best of a batch size.
std::set<std::uint64_t> seeds_at(const StudyResult& result, const Optimum& optimum, int step) {
  std::set<std::uint64_t> seeds;
  for (const TrialRecord& trial : result.trials) {
    const double octaves = std::log2(trial.spec.lr / optimum.best_lr);
    if (static_cast<double>(trial.spec.batch_size) == optimum.batch_size &&
        std::abs(octaves - 0.5 * step) < 1e-6) {
      seeds.insert(trial.spec.seed);
    }
  }
  return seeds;
}

TEST(RunStudy, ReplicatesTheBestAndItsNeighboursAndTriesTheNextOnes) {
  const StudyOptions options;
  const auto result = run(power_law_workload(0.7), options);
  for (const Optimum& optimum : result.optima) {
    const bool is_base = optimum.batch_size == static_cast<double>(options.base_batch_size);
    for (int step = -2; step <= 2; ++step) {
      const std::size_t least = is_base ? 3u : step == -2 || step == 2 ? 1u : 2u;
      std::size_t seeds = seeds_at(result, optimum, step).size();
      // What a rule ran half an octave beyond the outermost stands in for it.
      if (least == 1 && seeds == 0) seeds = seeds_at(result, optimum, step + step / 2).size();
      EXPECT_GE(seeds, least) << optimum.batch_size << " at " << step;
    }
    ASSERT_TRUE(optimum.lr_low && optimum.lr_high) << optimum.batch_size;
    EXPECT_LE(*optimum.lr_high / *optimum.lr_low, 3.0) << optimum.batch_size;
  }
}

TEST(RunStudy, NeverRunsATrialTwice) {
  for (const std::vector<std::int64_t>& batch_sizes :
       {std::vector<std::int64_t>{8, 32, 128, 2048}, std::vector<std::int64_t>{10, 32, 50, 77}}) {
    StudyOptions options;
    options.batch_sizes = batch_sizes;
    const auto result = run(noisy_quadratic_workload(), options);
    std::set<TrialSpec> specs;
    for (const TrialRecord& trial : result.trials) {
      EXPECT_TRUE(specs.insert(trial.spec).second);
    }
  }
}

TEST(RunStudy, NumbersTrialsInTheOrderPlanned) {
  const auto result = run(noisy_quadratic_workload(), StudyOptions{});
  for (std::size_t i = 0; i < result.trials.size(); ++i) {
    EXPECT_EQ(result.trials[i].id, static_cast<std::int64_t>(i + 1));
    if (i > 0) {
      EXPECT_GE(result.trials[i].round, result.trials[i - 1].round);
    }
  }
}

TEST(RunStudy, LeavesAnOptimumBeyondItsReachCensored) {
  const AnalyticWorkload falling([](double, double lr) { return 10 - std::log(lr); }, 0.01, 0.0);
  const auto up = run(falling, small_options());
  for (const Optimum& optimum : up.optima) EXPECT_EQ(optimum.censored, Censoring::above);
  const AnalyticWorkload rising([](double, double lr) { return 10 + std::log(lr); }, 0.01, 0.0);
  const auto down = run(rising, small_options());
  for (const Optimum& optimum : down.optima) EXPECT_EQ(optimum.censored, Censoring::below);
  EXPECT_FALSE(up.exponent);
  EXPECT_THAT(up.conclusion, HasSubstr("nothing can be said"));
}

TEST(RunStudy, EndsOnALossThatIgnoresTheLearningRate) {
  const AnalyticWorkload flat([](double, double) { return 1.0; }, 0.0, 0.0);
  const auto result = run(flat, small_options());
  EXPECT_FALSE(result.interrupted);
  EXPECT_LT(result.trials.size(), 200u);
  EXPECT_FALSE(result.learned);
  EXPECT_TRUE(result.recommendations.empty());
  EXPECT_THAT(result.conclusion, StartsWith("All learning rates that were tried end within 0.02 of "
                                            "each other, so nothing can be said"));
}

// Begins where an untrained model is, and ends as far below it as its learning rate is good.
class LearningWorkload : public AnalyticWorkload {
 public:
  LearningWorkload(const AnalyticWorkload& workload, double untrained)
      : AnalyticWorkload(workload), untrained_(untrained) {}
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
    TrialResult result = AnalyticWorkload::run(spec, monitor);
    CurvePoint point;
    point.validation_loss = untrained_;
    monitor.report(point);
    point.step = 10;
    point.validation_loss = result.objective;
    monitor.report(point);
    return result;
  }

 private:
  double untrained_;
};

TEST(RunStudy, SaysThatNothingWasLearnedInsteadOfWhichRuleHolds) {
  const auto whole = run(noisy_quadratic_workload(), small_options());
  const double least =
      std::min_element(whole.optima.begin(), whole.optima.end(),
                       [](const Optimum& a, const Optimum& b) { return a.loss < b.loss; })
          ->loss;
  const auto result = run(LearningWorkload(noisy_quadratic_workload(), least), small_options());
  EXPECT_EQ(essence(result.trials), essence(whole.trials));
  EXPECT_FALSE(result.learned);
  EXPECT_FALSE(result.exponent);
  EXPECT_TRUE(result.recommendations.empty());
  EXPECT_THAT(result.conclusion, AllOf(StartsWith("Nothing was learned"), Not(HasSubstr("holds"))));
  for (const RuleOutcome& outcome : result.rules) {
    EXPECT_NE(outcome.regret.verdict, Verdict::holds) << outcome.rule << outcome.batch_size;
  }
}

// Another kind of study stores what it is about to run.
TEST(RunStudy, RunsWhatIsStoredAsPending) {
  const auto whole = run(noisy_quadratic_workload(), small_options());
  MemoryStore store;
  for (std::size_t i = 0; i < 3; ++i) {
    TrialRecord record = whole.trials[i];
    if (i == 2) record.result = {};
    if (i == 2) record.result.state = TrialState::pending;
    store.append(record);
  }
  StudyObserver observer;
  const StopFlag stop;
  const auto resumed =
      run_study(noisy_quadratic_workload(), small_options(), store, observer, stop);
  EXPECT_EQ(essence(resumed.trials), essence(whole.trials));
}

// Ends where it began, which differs from seed to seed.
class IdleWorkload : public Workload {
 public:
  WorkloadInfo info() const override {
    WorkloadInfo info;
    info.name = "idle";
    return info;
  }
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
    CurvePoint point;
    point.validation_loss = spec.seed == 1 ? 3.5 : 3.2;
    monitor.report(point);
    point.step = 10;
    monitor.report(point);
    TrialResult result;
    result.state = TrialState::finished;
    result.objective = point.validation_loss;
    return result;
  }
};

TEST(RunStudy, TakesNoDifferenceBetweenSeedsForLearning) {
  const auto result = run(IdleWorkload(), small_options());
  EXPECT_FALSE(result.learned);
  EXPECT_THAT(result.conclusion, AllOf(StartsWith("Nothing was learned"), Not(HasSubstr("holds"))));
  for (const RuleOutcome& outcome : result.rules) {
    EXPECT_NE(outcome.regret.verdict, Verdict::holds) << outcome.rule << outcome.batch_size;
  }
}

TEST(RunStudy, AdvisesOnlyWhereSomethingWasLearned) {
  const AnalyticWorkload worse_at_large_batches([](double batch_size, double lr) {
    const double x = std::log(lr / 0.1);
    return 0.5 + 0.001 * batch_size + 0.03 * x * x;
  });
  const auto result = run(LearningWorkload(worse_at_large_batches, 0.6), small_options());
  EXPECT_TRUE(result.learned);
  ASSERT_EQ(result.optima.size(), 3u);
  ASSERT_EQ(result.recommendations.size(), 2u);
  EXPECT_EQ(result.recommendations.back().batch_size, 32);
}

TEST(RunStudy, TriesNoLearningRateThatNobodyTrainsWith) {
  for (const double center : {1e-30, 1e30}) {
    const double up = center > 1 ? -1 : 1;
    const AnalyticWorkload sloping([up](double, double lr) { return 100 + up * std::log(lr); });
    StudyOptions options = small_options();
    options.lr_center = center;
    const auto result = run(sloping, options);
    EXPECT_FALSE(result.trials.empty());
    for (const TrialRecord& trial : result.trials) EXPECT_TRUE(is_valid_lr(trial.spec.lr));
  }
}

TEST(RunStudy, EndsWithoutAnOptimumWhereEverythingDiverges) {
  const AnalyticWorkload diverging([](double, double) { return INFINITY; });
  const auto result = run(diverging, small_options());
  EXPECT_TRUE(result.optima.empty());
  EXPECT_TRUE(result.rules.empty());
  EXPECT_EQ(result.base_lr, 0.0);
  EXPECT_THAT(result.conclusion, HasSubstr("diverged"));
}

TEST(RunStudy, ComesDownFromALatticeThatStartsInDivergence) {
  StudyOptions options = small_options();
  options.lr_center = 3000;
  const auto result = run(noisy_quadratic_workload(), options);
  ASSERT_EQ(result.optima.size(), 3u);
  EXPECT_NEAR(std::log2(result.optima[1].lr / KnownQuadratic{}.optimum(32)), 0.0, 0.25);
}

TEST(RunStudy, TriesNothingAboveADivergenceExceptWhatARuleSays) {
  const auto result = run(noisy_quadratic_workload(), StudyOptions{});
  int diverged = 0;
  for (const TrialRecord& trial : result.trials) {
    diverged += trial.result.state == TrialState::diverged;
    if (trial.stage != Stage::rules) {
      EXPECT_LT(trial.spec.lr, 4.0);
    }
  }
  // Five rules and two steps of halving the gap at most, at nine batch sizes.
  EXPECT_LT(diverged, 30);
}

TEST(RunStudy, PassesOnWhatTheStoreThrows) {
  class FullStore : public MemoryStore {
    void append(const TrialRecord& record) override {
      if (records().size() == 7) throw RunError("no space is left", "study.db", "");
      MemoryStore::append(record);
    }
  };
  FullStore store;
  StudyOptions options = small_options();
  options.jobs = 3;
  EXPECT_THROW(run(noisy_quadratic_workload(), options, store), RunError);
  EXPECT_EQ(store.records().size(), 7u);
}

TEST(RunStudy, RefusesTrialsOfAnotherStudy) {
  const auto workload = noisy_quadratic_workload();
  MemoryStore store;
  run(workload, small_options(), store);
  StudyOptions other = small_options();
  other.batch_sizes = {32, 64, 128};
  EXPECT_THROW(run(workload, other, store), InputError);
}

TEST(DefaultBaseBatchSize, IsTheUsualOneOrTheNearestToIt) {
  const auto base = [](std::vector<std::int64_t> batch_sizes) {
    return default_base_batch_size(batch_sizes);
  };
  EXPECT_EQ(base({8, 32, 128}), 32);
  EXPECT_EQ(base({64, 128}), 64);
  EXPECT_EQ(base({2048, 1024, 4096}), 1024);
  EXPECT_EQ(base({16, 64}), 16);
  EXPECT_EQ(base({7}), 7);
  EXPECT_EQ(base({}), 32);
}

TEST(StudyOptions, NameTheFieldThatIsWrong) {
  const auto expect_refused = [](StudyOptions options, const char* field) {
    try {
      options.validate();
      FAIL() << field;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(field));
    }
  };
  StudyOptions options;
  EXPECT_NO_THROW(options.validate());
  expect_refused({.batch_sizes = {}}, "batch_sizes");
  expect_refused({.batch_sizes = {32, 0}}, "batch_sizes");
  expect_refused({.batch_sizes = {32, 32}}, "batch_sizes");
  expect_refused({.base_batch_size = 33}, "base_batch_size");
  expect_refused({.seeds = 1}, "seeds");
  expect_refused({.seeds = 4, .most_seeds = 3}, "most_seeds");
  expect_refused({.most_seeds = 1001}, "most_seeds");
  expect_refused({.lr_center = 0}, "lr_center");
  expect_refused({.jobs = -1}, "jobs");
  expect_refused({.tolerance = NAN}, "tolerance");
  expect_refused({.level = 0.5}, "level");
  expect_refused({.rules = {"sqrt", "sqrt"}}, "rules names sqrt 2 times");
  expect_refused({.rules = {"cube"}}, "rules has 'cube', which is no rule");
  expect_refused({.rules = {"saturating"}}, "noise_scale");
  expect_refused({.batch_sizes = {32, 2'000'000'000'000'000}}, "batch_sizes");
  expect_refused({.lr_center = 1e31}, "lr_center");
  expect_refused({.retries = -1}, "retries");
  expect_refused({.noise_scale = 0.0}, "noise_scale");
}

}  // namespace
}  // namespace etalon
