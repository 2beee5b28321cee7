// Shares are fitted by their odds, and told as they are.
#include "runs/loss_scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace etalon {
namespace {

Observation run(double batch_size, double lr, double loss) {
  Observation observation;
  observation.batch_size = batch_size;
  observation.lr = lr;
  observation.loss = loss;
  return observation;
}

TEST(LossScale, GivesBackWhatItTook) {
  const std::vector<Observation> runs = {run(32, 0.1, 0.02), run(32, 0.2, 0.9)};
  const LossScale scale(1.0, runs);
  for (const double loss : {0.02, 0.3, 0.9}) {
    EXPECT_NEAR(scale.from_fit(scale.to_fit(loss)), loss, 1e-12);
  }
  EXPECT_TRUE(std::isfinite(scale.to_fit(0.0)));
  EXPECT_TRUE(std::isfinite(scale.to_fit(1.0)));
  EXPECT_LT(scale.to_fit(0.0), scale.to_fit(0.02));
  EXPECT_EQ(LossScale().to_fit(0.3), 0.3);
}

// Accuracies that saturate at 1 near the optimum and at chance far from it: the truth is known.
TEST(LossScale, FindsTheOptimumOfAccuraciesThatSaturate) {
  std::mt19937 random(5);
  std::normal_distribution<double> noise(0.0, 0.05);
  RunGroup group;
  const auto best_lr = [](double batch_size) { return 0.02 * std::pow(batch_size / 32.0, 0.5); };
  for (const double batch_size : {32.0, 64.0, 128.0, 256.0}) {
    for (int k = -5; k <= 5; ++k) {
      const double lr = best_lr(batch_size) * std::exp2(k + 0.3);
      const double octaves = k + 0.3;
      const double odds = -5.0 + 0.35 * octaves * octaves + noise(random);
      group.observations.push_back(run(batch_size, lr, 1.0 / (1.0 + std::exp(-odds))));
    }
  }
  const Metric accuracy{"val_acc", MetricMode::maximized, 1.0};
  const std::vector<double> asked = {1024.0};
  const GroupFit fit = fit_group(group, asked, {}, 0, accuracy);
  ASSERT_FALSE(fit.refused);
  for (const Optimum& optimum : fit.optima) {
    EXPECT_NEAR(std::log2(optimum.lr / best_lr(optimum.batch_size)), 0.0, 0.15);
    EXPECT_NEAR(optimum.fitted_loss, 0.0067, 0.002);
  }
  const Forecast& forecast = fit.forecasts[0].forecast;
  EXPECT_NEAR(std::log2(forecast.lr / best_lr(1024.0)), 0.0, 0.35);
  EXPECT_GT(forecast.expected_loss, 0.0);
  EXPECT_LT(forecast.expected_loss, 0.05);
  EXPECT_GE(forecast.expected_regret, 0.0);
  EXPECT_LT(forecast.expected_regret, 0.02);
}

}  // namespace
}  // namespace etalon
