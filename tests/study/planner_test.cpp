#include "study/planner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "etalon/advice.hpp"
#include "plan/lattice.hpp"
#include "study/outcome.hpp"
#include "study/study_fixture.hpp"

namespace etalon {
namespace {

using namespace testing;

std::vector<TrialSpec> specs_of(const std::vector<PlannedTrial>& planned) {
  std::vector<TrialSpec> specs;
  for (const PlannedTrial& trial : planned) specs.push_back(trial.spec);
  return specs;
}

TEST(PlanRound, StartsWithOctavesAtTheBaseBatchSizeAndTheFirstSeed) {
  StudyOptions options;
  options.first_seed = 7;
  const auto planned = plan_round(options, {});
  EXPECT_GE(planned.size(), 5u);
  for (std::size_t i = 0; i < planned.size(); ++i) {
    EXPECT_EQ(planned[i].stage, Stage::base);
    EXPECT_EQ(planned[i].spec.batch_size, 32);
    EXPECT_EQ(planned[i].spec.seed, 7u);
    if (i > 0) {
      EXPECT_EQ(planned[i].spec.lr, 2 * planned[i - 1].spec.lr);
    }
  }
}

TEST(PlanRound, DoesNotDependOnTheOrderOfResults) {
  const StudyOptions options = small_options();
  const auto workload = noisy_quadratic_workload();
  const auto result = run(workload, options);
  for (std::int64_t round = 1; round <= result.trials.back().round; ++round) {
    std::vector<TrialRecord> before;
    for (const TrialRecord& trial : result.trials) {
      if (trial.round < round) before.push_back(trial);
    }
    const auto forward = specs_of(plan_round(options, before));
    std::reverse(before.begin(), before.end());
    EXPECT_EQ(forward, specs_of(plan_round(options, before)));
    std::rotate(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(before.size() / 3),
                before.end());
    EXPECT_EQ(forward, specs_of(plan_round(options, before)));
  }
}

// Asked for, the grid comes last; a study without it has the same trials up to there.
TEST(PlanRound, FillsInTheGridThatIsAskedForAtTheEnd) {
  StudyOptions options = small_options();
  const auto workload = noisy_quadratic_workload();
  const auto without = run(workload, options);
  options.grid = true;
  const auto with = run(workload, options);
  ASSERT_GT(with.trials.size(), without.trials.size());
  for (std::size_t i = 0; i < without.trials.size(); ++i) {
    EXPECT_EQ(with.trials[i].spec, without.trials[i].spec);
  }
  std::set<TrialSpec> ran;
  std::set<std::pair<std::int64_t, double>> diverged;
  for (const TrialRecord& trial : with.trials) {
    ran.insert(trial.spec);
    if (trial.result.state == TrialState::diverged) {
      diverged.insert({trial.spec.batch_size, trial.spec.lr});
    }
  }
  for (const double lr : compared_lrs(with.trials)) {
    for (const std::int64_t batch_size : options.batch_sizes) {
      if (diverged.contains({batch_size, lr})) continue;
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        EXPECT_TRUE(ran.contains({batch_size, lr, seed, {}})) << batch_size << " " << lr;
      }
    }
  }
}

TEST(PlanRound, GivesTheTurnOfWhatFailedToTheNextSeed) {
  const StudyOptions options = small_options();
  const auto first = plan_round(options, {});
  std::vector<TrialRecord> trials;
  for (const PlannedTrial& planned : first) {
    trials.push_back({0, 1, planned.stage, planned.spec, result_in(TrialState::failed)});
  }
  std::vector<TrialSpec> expected = specs_of(first);
  for (TrialSpec& spec : expected) spec.seed = 2;
  trials.resize(2);
  expected.resize(2);
  trials.push_back({0, 1, Stage::base, {16, 0.1, 1}, result_in(TrialState::failed)});
  const auto next = specs_of(plan_round(options, trials));
  EXPECT_EQ(std::vector(next.begin(), next.begin() + 2), expected);
  EXPECT_EQ(next.size(), first.size());
}

TEST(PlanRound, SharesTrialsBetweenRulesAndTheSearchBitForBit) {
  const auto result = run(power_law_workload(0.5), StudyOptions{});
  // With batch sizes at powers of two every rule of power 0, 1/2 or 1 lies on half-octaves.
  for (const TrialRecord& trial : result.trials) {
    const Lattice lattice{0.1};
    EXPECT_EQ(trial.spec.lr, lattice.lr(lattice.nearest(trial.spec.lr)));
  }
}

// The first round of the tuned stage, at batch sizes that neither rule is right for: with the
// trials of the rules it encloses the optimum within two octaves.
TEST(PlanRound, StartsTheSearchWhereTheTrialsSoFarExpectTheOptimum) {
  const auto result = run(power_law_workload(0.7), StudyOptions{});
  const auto first = std::find_if(result.trials.begin(), result.trials.end(),
                                  [](const TrialRecord& t) { return t.stage == Stage::tuned; });
  ASSERT_NE(first, result.trials.end());
  for (const std::int64_t batch_size : {8, 128, 512, 2048}) {
    const double optimum = 0.1 * std::pow(static_cast<double>(batch_size) / 32, 0.7);
    double low = 0;  // the nearest to the optimum on either side
    double high = 1e9;
    double nearest = 1e9;  // of the search alone, in octaves, as the farthest
    double farthest = 0;
    for (const TrialRecord& trial : result.trials) {
      if (trial.round > first->round || trial.spec.batch_size != batch_size) continue;
      if (trial.spec.lr < optimum) low = std::max(low, trial.spec.lr);
      if (trial.spec.lr > optimum) high = std::min(high, trial.spec.lr);
      if (trial.round < first->round || trial.stage != Stage::tuned) continue;
      const double octaves = std::abs(std::log2(trial.spec.lr / optimum));
      nearest = std::min(nearest, octaves);
      farthest = std::max(farthest, octaves);
    }
    EXPECT_LE(high / low, 4.01) << batch_size;
    EXPECT_LT(nearest, 0.5) << batch_size;
    EXPECT_LT(farthest, 1.5) << batch_size;
  }
}

// Of a workload's trials, those of the rounds before the first search at `batch_size`.
std::vector<TrialRecord> before_the_search(const StudyResult& result, std::int64_t batch_size) {
  std::int64_t first = result.trials.back().round;
  for (const TrialRecord& trial : result.trials) {
    const bool searching = trial.stage == Stage::tuned && trial.spec.batch_size == batch_size;
    if (searching) first = std::min(first, trial.round);
  }
  std::vector<TrialRecord> before = result.trials;
  std::erase_if(before, [&](const TrialRecord& trial) { return trial.round >= first; });
  return before;
}

double forecast_on_the_lattice(const std::vector<TrialRecord>& trials, UpdateKind update) {
  std::vector<Observation> known = observations_at(trials, 32);
  for (const Observation& o : observations_at(trials, 4096)) known.push_back(o);
  const double lr = Advisor(known, {.update = update}).forecast(4096).lr;
  return Lattice{0.1}.lr(Lattice::kHalfOctave *
                         static_cast<int>(std::lround(2 * std::log2(lr / 0.1))));
}

// The first search starts at three learning rates, an octave apart.
bool plans_around(double lr, StudyOptions options, OptimizerFamily optimizer,
                  const std::vector<TrialRecord>& trials) {
  options.recipe.optimizer = optimizer;
  const auto planned = plan_round(options, trials);
  return std::any_of(planned.begin(), planned.end(), [&](const PlannedTrial& trial) {
    return trial.stage == Stage::tuned && trial.spec.lr == 2 * lr;
  });
}

TEST(PlanRound, StartsTheSearchUnderThePriorsOfTheOptimizer) {
  StudyOptions options;
  options.batch_sizes = {32, 4096};
  options.rules = {"fixed"};
  options.lr_center = 0.1;
  int different = 0;
  for (const double power : {0.2, 0.5, 0.8, 1.0}) {
    const auto trials = before_the_search(run(power_law_workload(power), options), 4096);
    const double sgd = forecast_on_the_lattice(trials, UpdateKind::sgd);
    const double adaptive = forecast_on_the_lattice(trials, UpdateKind::adaptive);
    different += sgd != adaptive;
    EXPECT_TRUE(plans_around(sgd, options, OptimizerFamily::momentum, trials)) << power;
    EXPECT_TRUE(plans_around(adaptive, options, OptimizerFamily::adamw, trials)) << power;
  }
  EXPECT_GT(different, 0);
}

TEST(GridTrials, CountsEveryLearningRateThatWasComparedAtEveryBatchSizeAndSeed) {
  StudyResult result;
  result.options = small_options();
  const auto add = [&](std::int64_t batch_size, double lr, std::uint64_t seeds) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      result.trials.push_back(
          {0, 1, Stage::base, {batch_size, lr, seed}, result_in(TrialState::finished)});
    }
  };
  add(16, 0.1, 3);
  add(32, 0.1, 3);
  add(32, 0.2, 3);
  add(128, 0.4, 1);
  EXPECT_EQ(grid_trials(result), 2 * 3 * 3);
}

TEST(GridTrials, AreMoreThanTwiceThoseOfAStudy) {
  for (const double power : {0.3, 0.5, 1.0}) {
    const auto result = run(power_law_workload(power), StudyOptions{});
    EXPECT_GT(grid_trials(result), 2 * static_cast<std::int64_t>(result.trials.size())) << power;
  }
}

TEST(Lattice, HasOctavesInExactRatioAndSnapsToItself) {
  const Lattice lattice{0.3};
  EXPECT_EQ(lattice.lr(0), 0.3);
  for (int k = -100; k <= 100; ++k) {
    EXPECT_EQ(lattice.lr(k + Lattice::kOctave), 2 * lattice.lr(k));
    EXPECT_EQ(lattice.nearest(lattice.lr(k)), k);
    EXPECT_EQ(lattice.snap(lattice.lr(k) * (1 + 1e-12)), lattice.lr(k));
    EXPECT_NE(lattice.snap(lattice.lr(k) * (1 + 1e-6)), lattice.lr(k));
  }
}

}  // namespace
}  // namespace etalon
