// The fit of S = S_min (1 + B_crit/B) on steps that are made by it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "etalon/target.hpp"

namespace etalon {
namespace {

constexpr double kSteps = 120.0, kCritical = 90.0;

std::vector<LogSteps> steps_at(const std::vector<double>& batch_sizes, double deviation,
                               RandomStream& stream) {
  std::vector<LogSteps> points;
  for (const double b : batch_sizes) {
    const std::int64_t seeds = 2 + static_cast<std::int64_t>(points.size() % 2);
    const double noise = deviation / std::sqrt(static_cast<double>(seeds)) * stream.normal();
    points.push_back({b, std::log(kSteps * (1.0 + kCritical / b)) + noise, seeds});
  }
  return points;
}

// The variance that so many degrees of freedom would estimate.
SeedSpread spread_of(double deviation, int freedom, RandomStream& stream) {
  double squares = 0.0;
  for (int i = 0; i < freedom; ++i) squares += std::pow(deviation * stream.normal(), 2);
  return {squares / freedom, static_cast<double>(freedom)};
}

TEST(CriticalBatchSizeFit, FindsWhatMadeTheSteps) {
  RandomStream stream(1, "exact steps");
  const auto points = steps_at({8, 32, 128, 512}, 0.0, stream);
  const auto fit = fit_critical_batch_size(points, {1e-6, 4.0}, 0.9);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->batch_size.value / kCritical, 1.0, 0.01);
  EXPECT_NEAR(fit->fewest_steps.value / kSteps, 1.0, 0.01);
  EXPECT_NEAR(fit->fewest_examples.value / (kSteps * kCritical), 1.0, 0.01);
}

TEST(CriticalBatchSizeFit, HoldsTheTruthAsOftenAsItSays) {
  constexpr int kStudies = 400;
  for (const double deviation : {0.02, 0.1}) {
    RandomStream stream(7, fmt::format("steps with noise {}", deviation));
    int critical = 0, steps = 0, examples = 0;
    const auto holds = [](const Estimated& at, double truth) {
      return (!at.low || *at.low <= truth) && (!at.high || truth <= *at.high);
    };
    for (int study = 0; study < kStudies; ++study) {
      const auto points = steps_at({8, 16, 32, 64, 128, 256, 512}, deviation, stream);
      const auto fit = fit_critical_batch_size(points, spread_of(deviation, 8, stream), 0.9);
      critical += holds(fit->batch_size, kCritical);
      steps += holds(fit->fewest_steps, kSteps);
      examples += holds(fit->fewest_examples, kSteps * kCritical);
    }
    fmt::print("noise {}: B_crit {:.3f}, S_min {:.3f}, E_min {:.3f} of {} intervals hold\n",
               deviation, 1.0 * critical / kStudies, 1.0 * steps / kStudies,
               1.0 * examples / kStudies, kStudies);
    EXPECT_GE(critical, 0.86 * kStudies);
    EXPECT_GE(steps, 0.86 * kStudies);
    EXPECT_GE(examples, 0.86 * kStudies);
  }
}

TEST(CriticalBatchSizeFit, HasNoUpperEndWhereStepsStillHalve) {
  RandomStream stream(3, "small batches");
  const auto fit = fit_critical_batch_size(steps_at({1, 2, 4}, 0.05, stream), {2.5e-3, 4.0}, 0.9);
  ASSERT_TRUE(fit);
  EXPECT_FALSE(fit->batch_size.high);
  EXPECT_FALSE(fit->fewest_steps.low);
  EXPECT_TRUE(fit->fewest_examples.low && fit->fewest_examples.high);
}

TEST(CriticalBatchSizeFit, HasNoLowerEndWhereStepsAreFlat) {
  RandomStream stream(3, "large batches");
  const auto fit =
      fit_critical_batch_size(steps_at({1e5, 2e5, 4e5}, 0.02, stream), {4e-4, 4.0}, 0.9);
  ASSERT_TRUE(fit);
  EXPECT_FALSE(fit->batch_size.low);
  EXPECT_FALSE(fit->fewest_examples.low);
  EXPECT_TRUE(fit->fewest_steps.low && fit->fewest_steps.high);
}

TEST(CriticalBatchSizeFit, IsNotMadeOfTwoBatchSizes) {
  RandomStream stream(1, "two");
  EXPECT_FALSE(fit_critical_batch_size(steps_at({8, 512}, 0.0, stream), {1e-4, 4.0}, 0.9));
}

}  // namespace
}  // namespace etalon
