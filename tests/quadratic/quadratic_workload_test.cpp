#include "etalon/quadratic_workload.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "etalon/error.hpp"

namespace etalon {
namespace {

TrialResult run(const QuadraticWorkload& workload, const TrialSpec& spec) {
  return run_trial(workload, spec);
}

// 4000 runs; the mean must lie within four standard errors.
void expect_mean_loss(const QuadraticOptions& options, std::int64_t batch_size, double lr) {
  const QuadraticWorkload workload(options);
  const NoisyQuadratic model(parse_quadratic(options.model), options.momentum.value_or(0.0));
  constexpr int kRuns = 4000;
  double sum = 0.0, squares = 0.0;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    const double loss = run(workload, {batch_size, lr, seed}).objective.value();
    sum += loss, squares += loss * loss;
  }
  const double mean = sum / kRuns, error = std::sqrt((squares / kRuns - mean * mean) / kRuns);
  const double exact = model.expected_loss(static_cast<double>(batch_size), lr,
                                           static_cast<double>(options.steps_at(batch_size)));
  EXPECT_NEAR(mean, exact, 4.0 * error) << options.model << " at B=" << batch_size;
  EXPECT_LT(error, 0.02 * exact);
}

TEST(QuadraticWorkload, LosesOnAverageWhatIsExpected) {
  QuadraticOptions plain{.model = "quadratic:20,c=2", .budget_examples = 1000};
  expect_mean_loss(plain, 8, 0.3);
  expect_mean_loss(plain, 64, 1.2);
  QuadraticOptions heavy = plain;
  heavy.momentum = 0.9;
  expect_mean_loss(heavy, 8, 0.04);
  expect_mean_loss(heavy, 64, 0.2);
}

TEST(QuadraticWorkload, RepeatsATrialBitForBit) {
  const QuadraticWorkload workload({});
  const TrialSpec spec{256, 0.5, 7};
  EXPECT_EQ(run(workload, spec).curve, run(workload, spec).curve);
  EXPECT_NE(run(workload, spec).objective, run(workload, {256, 0.5, 8}).objective);
  EXPECT_NE(run(workload, spec).objective, run(workload, {128, 0.5, 7}).objective);
}

TEST(QuadraticWorkload, HasACurveFromTheStartToTheEnd) {
  const QuadraticWorkload workload({.model = "quadratic:3"});
  const TrialResult result = run(workload, {256, 0.5, 1});
  ASSERT_EQ(result.curve.size(), 25u);
  EXPECT_DOUBLE_EQ(*result.curve.front().validation_loss, 0.5 * (1.0 + 0.5 + 1.0 / 3.0));
  EXPECT_EQ(result.curve.back().step, 256);
  EXPECT_EQ(result.curve.back().examples, 65536);
  EXPECT_EQ(result.curve.back().validation_loss, result.objective);
  EXPECT_EQ(run(workload, {32768, 0.5, 1}).curve.size(), 3u);
}

TEST(QuadraticWorkload, DivergesBeyondTheStabilityLimit) {
  const QuadraticWorkload workload({.model = "quadratic:3"});
  EXPECT_EQ(run(workload, {64, 1.9, 1}).state, TrialState::finished);
  const TrialResult beyond = run(workload, {64, 2.2, 1});
  EXPECT_EQ(beyond.state, TrialState::diverged);
  EXPECT_TRUE(beyond.diverged_step);
  EXPECT_FALSE(beyond.objective);
}

TEST(QuadraticWorkload, StopsWhenAsked) {
  StopFlag stop;
  stop.request();
  const TrialResult result = run_trial(QuadraticWorkload({}), {64, 0.5, 1}, stop);
  EXPECT_EQ(result.state, TrialState::interrupted);
  EXPECT_EQ(result.steps, 0);
}

TEST(QuadraticWorkload, ReadsItsSettingsBack) {
  QuadraticOptions options{.model = "quadratic:9,c=2", .momentum = 0.95};
  options.budget_steps = 77;
  const auto read = quadratic_options(QuadraticWorkload(options).info().settings);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->model, options.model);
  EXPECT_EQ(read->momentum, options.momentum);
  EXPECT_EQ(read->budget_steps, 77);
  const auto plain = quadratic_options(QuadraticWorkload({.budget_examples = 99}).info().settings);
  EXPECT_FALSE(plain->momentum);
  EXPECT_EQ(plain->budget_examples, 99);
  EXPECT_FALSE(quadratic_options({{"model", "mlp:9"}}));
  EXPECT_FALSE(quadratic_options({{"model", "quadratic:9"}, {"budget", "damaged"}}));
}

TEST(QuadraticWorkload, RefusesWhatItCannotDo) {
  const QuadraticWorkload workload({.budget_examples = 100});
  EXPECT_THROW(workload.check_batch_size(101), InputError);
  EXPECT_THROW(workload.check_batch_size(0), InputError);
  EXPECT_THROW(run(workload, {8, 0.1, 1, {.beta1 = 0.9}}), InputError);
  EXPECT_NO_THROW(run(workload, {8, 0.1, 1, {.momentum = 0.5}}));
  EXPECT_THROW(QuadraticWorkload({.momentum = 1.0}), InputError);
  EXPECT_THROW(QuadraticWorkload({.budget_examples = 0}), InputError);
}

}  // namespace
}  // namespace etalon
