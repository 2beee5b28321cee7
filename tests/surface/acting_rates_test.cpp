#include "surface/acting_rates.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// How far RMSprop moves a weight under one gradient, in learning rates a step: the recursion of
// torch.optim.RMSprop itself.
double distance_per_step(double beta2, int steps) {
  double mean_square = 0.0, distance = 0.0;
  for (int step = 0; step < steps; ++step) {
    mean_square = beta2 * mean_square + (1.0 - beta2);
    distance += 1.0 / std::sqrt(mean_square);
  }
  return distance / steps;
}

TEST(UncorrectedStart, GainsWhatRmspropMoves) {
  for (const double beta2 : {0.5, 0.9, 0.99, 0.999, 0.99999}) {
    for (const int steps : {1, 2, 16, 99, 101, 1000, 100000}) {
      const UncorrectedStart start{beta2, 32.0 * steps};
      const double moved = distance_per_step(beta2, steps);
      EXPECT_NEAR(start.gain(32) / moved, 1.0, 1e-4) << beta2 << ", " << steps;
    }
  }
}

TEST(UncorrectedStart, GainsNothingWithoutAMean) {
  EXPECT_EQ((UncorrectedStart{0.0, 1024}.gain(8)), 1.0);
}

TEST(UncorrectedStart, TakesOneStepAtLeast) {
  EXPECT_NEAR((UncorrectedStart{0.99, 100}.gain(1000)), 10.0, 1e-9);
}

// A bowl whose optimum, as it acts, goes by the square root of the batch size.
std::vector<Observation> acting_by_sqrt(const UncorrectedStart& start,
                                        const std::vector<double>& batch_sizes) {
  RandomStream stream(1, "acting_rates_test");
  std::vector<Observation> runs;
  for (const double batch_size : batch_sizes) {
    for (int step = -14; step <= 10; ++step) {
      const double lr = 5e-3 * std::exp2(0.5 * step);
      const double acts = std::log(lr * start.gain(batch_size) / (1e-3 * std::sqrt(batch_size)));
      const double z = 0.6 * acts;
      runs.push_back({batch_size, lr, 1, 2.0 + 0.1 * (std::expm1(z) - z) + 5e-4 * stream.normal()});
    }
  }
  return runs;
}

const UncorrectedStart kStart{0.99, 16384};

// 32 steps are left there; the optimum as it is set falls, though it rose among the runs.
TEST(UncorrectedStart, TellsWhereTheSetOptimumTurns) {
  const auto runs = acting_by_sqrt(kStart, {8, 16, 32, 64, 128});
  const double truth = 1e-3 * std::sqrt(512.0) / kStart.gain(512);
  const Forecast allowed = Advisor(runs, {.start = kStart}).forecast(512);
  const Forecast ignored = Advisor(runs, {}).forecast(512);
  EXPECT_NEAR(std::log2(allowed.lr / truth), 0.0, 0.25);
  EXPECT_LE(allowed.lr_low, truth);
  EXPECT_GE(allowed.lr_high, truth);
  EXPECT_GT(std::log2(ignored.lr / truth), 0.25);
}

// What is told, and what is asked, are learning rates as they are set.
TEST(UncorrectedStart, TellsAsSetWhatIsActing) {
  const auto runs = acting_by_sqrt(kStart, {32, 128});
  const Advisor set(runs, {.start = kStart});
  const Advisor acts(acting(runs, kStart), {});
  const double gain = kStart.gain(512);
  const Forecast forecast = set.forecast(512), acting_forecast = acts.forecast(512);
  EXPECT_DOUBLE_EQ(forecast.lr * gain, acting_forecast.lr);
  EXPECT_DOUBLE_EQ(forecast.lr_low * gain, acting_forecast.lr_low);
  EXPECT_DOUBLE_EQ(forecast.lr_high * gain, acting_forecast.lr_high);
  EXPECT_DOUBLE_EQ(set.expected_regret(512, 0.01), acts.expected_regret(512, 0.01 * gain));
  const RegretForecast regret = set.regret(512, 0.01);
  EXPECT_EQ(regret.lr, 0.01);
  EXPECT_DOUBLE_EQ(regret.high, acts.regret(512, 0.01 * gain).high);
  EXPECT_DOUBLE_EQ(set.next_lr(512, std::vector{0.01}) * gain,
                   acts.next_lr(512, std::vector{0.01 * gain}));
}

TEST(UncorrectedStart, IsRefusedWithoutExamplesOrWithAMeanThatNeverMoves) {
  const auto runs = acting_by_sqrt(kStart, {32});
  EXPECT_THROW(Advisor(runs, {.start = UncorrectedStart{0.99, 0.0}}), InputError);
  EXPECT_THROW(Advisor(runs, {.start = UncorrectedStart{1.0, 1024.0}}), InputError);
}

}  // namespace
}  // namespace etalon
