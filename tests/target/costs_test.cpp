// Time and money to a target, and the intervals of steps that they rest on.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "etalon/target.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kLr = 0.1;

// A study whose runs at the best learning rate took these steps to the target, one for each seed.
struct KnownSteps {
  std::int64_t batch_size = 0;
  std::vector<double> steps;
  double seconds = 0.0;  // of each run
};

TrialRecord arrived(const KnownSteps& known, std::size_t seed) {
  TrialRecord trial;
  trial.stage = Stage::tuned;
  trial.spec = {known.batch_size, kLr, seed + 1};
  trial.result.state = TrialState::finished;
  trial.result.objective = std::log(known.steps[seed]);
  trial.result.steps = static_cast<std::int64_t>(2.0 * known.steps[seed]);
  trial.result.wall_seconds = known.seconds;
  return trial;
}

StudyResult study_of(const std::vector<KnownSteps>& all) {
  StudyResult result;
  result.workload.settings = {{"target_loss", "0.1"}};
  result.options.level = 0.9;
  for (const KnownSteps& known : all) {
    Optimum optimum;
    optimum.batch_size = static_cast<double>(known.batch_size);
    optimum.lr = optimum.best_lr = kLr;
    double mean = 0.0;
    for (std::size_t seed = 0; seed < known.steps.size(); ++seed) {
      result.trials.push_back(arrived(known, seed));
      mean += std::log(known.steps[seed]) / static_cast<double>(known.steps.size());
    }
    optimum.fitted_loss = mean;
    result.optima.push_back(optimum);
  }
  return result;
}

const std::vector<KnownSteps> kKnown = {
    {8, {990, 1010}, 20.0}, {32, {295, 305}, 18.0}, {128, {148, 152}, 30.0}};

TEST(CostsOfTarget, AreStepsByTheRatesAndPricesGiven) {
  StudyResult result = study_of(kKnown);
  result.hardware.examples_per_second = {{8, 800.0}, {32, 3200.0}, {128, 6400.0}};
  result.hardware.cost_per_hour_at = {{8, 360.0}, {32, 720.0}, {128, 3600.0}};
  const auto costs = costs_of_target(result);
  ASSERT_TRUE(costs);
  EXPECT_FALSE(costs->rates_are_measured);
  ASSERT_EQ(costs->rows.size(), 3u);
  EXPECT_NEAR(costs->rows[0].seconds.value, 1000.0 * 8 / 800, 0.01);
  EXPECT_NEAR(costs->rows[1].seconds.value, 300.0 * 32 / 3200, 0.01);
  EXPECT_NEAR(costs->rows[2].seconds.value, 150.0 * 128 / 6400, 0.01);
  EXPECT_NEAR(costs->rows[0].cost->value, 10.0 * 360.0 / 3600.0, 0.001);
  EXPECT_EQ(costs->fastest->batch_size, 32);  // 3.0 s, of 10 and 3.0: the last is 3.0 too
  EXPECT_EQ(costs->cheapest->batch_size, 32);
  EXPECT_THAT(costs->fastest->not_told_from, ElementsAre(128));
  EXPECT_THAT(costs->cheapest->not_told_from, IsEmpty());
}

TEST(CostsOfTarget, HaveTheIntervalsOfTheSteps) {
  StudyResult result = study_of(kKnown);
  result.hardware.examples_per_second = {{8, 800.0}};
  const auto costs = costs_of_target(result);
  const auto steps = steps_to_target(result);
  ASSERT_EQ(costs->rows.size(), 1u);  // of batch sizes without a rate nothing is said
  EXPECT_NEAR(*costs->rows[0].seconds.low, *steps[0].steps_low * 8 / 800, 1e-9);
  EXPECT_NEAR(*costs->rows[0].seconds.high, *steps[0].steps_high * 8 / 800, 1e-9);
  EXPECT_LT(*steps[0].steps_low, 1000.0);
  EXPECT_GT(*steps[0].steps_high, 1000.0);
}

// 1000 steps of the 2000 that a run took in 20 s.
TEST(CostsOfTarget, AreThoseOfTheStudysOwnRunsWhereNoRateIsGiven) {
  const auto costs = costs_of_target(study_of(kKnown));
  EXPECT_TRUE(costs->rates_are_measured);
  EXPECT_NEAR(costs->rows[0].seconds.value, 10.0, 0.01);
  EXPECT_NEAR(costs->rows[2].seconds.value, 15.0, 0.01);
  EXPECT_EQ(costs->fastest->batch_size, 32);
  EXPECT_FALSE(costs->cheapest);
}

TEST(CostsOfTarget, AreNoneWithoutATarget) {
  StudyResult result = study_of(kKnown);
  result.workload.settings.clear();
  EXPECT_FALSE(costs_of_target(result));
}

TEST(CostsOfTarget, SayNothingOfWhatIsNotReachedAndBoundWhatIsOnTheEdge) {
  StudyResult result = study_of(kKnown);
  result.optima[1].censored = Censoring::above;
  for (TrialRecord& trial : result.trials) {
    if (trial.spec.batch_size == 128) trial.result.objective = 20.0;
  }
  const auto costs = costs_of_target(result);
  ASSERT_EQ(costs->rows.size(), 2u);
  EXPECT_FALSE(costs->rows[0].is_bound);
  EXPECT_TRUE(costs->rows[1].is_bound);
  EXPECT_EQ(costs->fastest->batch_size, 8);
  EXPECT_THAT(costs->fastest->not_told_from, ElementsAre(32));
}

// Of single runs the scatter about the fitted curve stands for that of seeds.
TEST(StepsToTarget, HaveIntervalsOfSingleRunsToo) {
  const auto steps = steps_to_target(
      study_of({{8, {1010}, 1.0}, {32, {296}, 1.0}, {128, {122}, 1.0}, {512, {80}, 1.0}}));
  for (const StepsToTarget& each : steps) {
    ASSERT_TRUE(each.steps_low && each.steps_high) << each.batch_size;
    EXPECT_LT(*each.steps_low, each.steps);
  }
  EXPECT_FALSE(steps_to_target(study_of({{8, {1010}, 1.0}}))[0].steps_low);
}

TEST(StepsToTarget, HaveIntervalsThatHoldTheTruthAsOftenAsTheySay) {
  constexpr int kStudies = 400;
  constexpr double kDeviation = 0.1;
  RandomStream stream(11, "steps of seeds");
  int held = 0, all = 0;
  for (int study = 0; study < kStudies; ++study) {
    std::vector<KnownSteps> known = {{8, {}, 1.0}, {32, {}, 1.0}, {128, {}, 1.0}};
    for (KnownSteps& each : known) {
      for (int seed = 0; seed < 3; ++seed) {
        each.steps.push_back(500.0 * std::exp(kDeviation * stream.normal()));
      }
    }
    for (const StepsToTarget& each : steps_to_target(study_of(known))) {
      held += *each.steps_low <= 500.0 && 500.0 <= *each.steps_high;
      ++all;
    }
  }
  fmt::print("{} of {} intervals of steps hold\n", held, all);
  EXPECT_GE(held, 0.87 * all);
  EXPECT_LE(held, 0.93 * all);
}

}  // namespace
}  // namespace etalon
