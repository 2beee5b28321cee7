// What a forecaster must take, however extreme, and what it must refuse.
#include "etalon/forecaster.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <random>

#include "core/random.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

std::vector<Observation> noisy_sweeps(std::uint64_t seed) {
  RandomStream stream(seed, "forecaster_test");
  std::vector<Observation> runs;
  for (const double batch_size : {64.0, 128.0, 256.0}) {
    for (int step = -8; step <= 6; ++step) {
      for (int replicate = 0; replicate < 2; ++replicate) {
        const double lr = 1e-2 * std::exp2(0.5 * step);
        const double z = 0.7 * std::log(lr / (6e-4 * std::sqrt(batch_size)));
        runs.push_back(
            {batch_size, lr, {}, 2 + 0.03 * (std::expm1(z) - z) + 3e-3 * stream.normal()});
      }
    }
  }
  return runs;
}

TEST(Forecaster, DoesNotDependOnTheOrderOfRunsWithoutASeed) {
  std::vector<Observation> runs = noisy_sweeps(1);
  const Forecaster ordered(runs, {});
  std::shuffle(runs.begin(), runs.end(), std::mt19937(1));
  const Forecaster shuffled(runs, {});
  EXPECT_EQ(ordered.forecast(1024).lr, shuffled.forecast(1024).lr);
  EXPECT_EQ(ordered.surface_weight(), shuffled.surface_weight());
  for (std::size_t i = 0; i < ordered.optima().size(); ++i) {
    EXPECT_EQ(ordered.optima()[i].lr_low, shuffled.optima()[i].lr_low);
    EXPECT_EQ(ordered.optima()[i].loss, shuffled.optima()[i].loss);
  }
}

// Laws are shown as learning rates are set, whatever the first steps make of them.
TEST(Forecaster, TellsAsSetWhatActs) {
  const UncorrectedStart start{0.99, 16384};
  const std::vector<Observation> runs = noisy_sweeps(4);
  std::vector<Observation> acting = runs;
  for (Observation& run : acting) run.lr *= start.gain(run.batch_size);
  const Forecaster set(runs, {.start = start}), acts(acting, {}), plain(runs, {});
  const double gain = start.gain(1024);
  const std::vector<double> asked = {0.01}, acting_asked = {0.01 * gain};
  const auto told = set.forecast(1024, asked), expected = acts.forecast(1024, acting_asked);
  EXPECT_NEAR(told.forecast.lr * gain / expected.forecast.lr, 1.0, 1e-6);
  EXPECT_NEAR(told.forecast.lr_low * gain / expected.forecast.lr_low, 1.0, 1e-6);
  EXPECT_NEAR(told.forecast.lr_high * gain / expected.forecast.lr_high, 1.0, 1e-6);
  EXPECT_NEAR(told.expected_regrets[0] / expected.expected_regrets[0], 1.0, 1e-6);
  EXPECT_EQ(set.optima()[0].lr, plain.optima()[0].lr);
  EXPECT_EQ(set.laws().laws[0].weight, plain.laws().laws[0].weight);
}

// One seed diverged at the only learning rate of a batch size: it has no optimum, and no say.
TEST(Forecaster, PassesOverABatchSizeWithoutAnOptimum) {
  std::vector<Observation> runs = noisy_sweeps(2);
  runs.push_back({512.0, 0.01, 1, 2.0});
  runs.push_back({512.0, 0.01, 2, {}});
  EXPECT_EQ(Forecaster(runs, {}).optima().size(), 3u);
}

// Learning rates, batch sizes and losses anywhere within the bounds: an answer or a refusal, soon.
TEST(Forecaster, AnswersOrRefusesWhateverIsWithinTheBounds) {
  RandomStream stream(3, "forecaster_test");
  const auto draw = [&](double low, double high) { return low + (high - low) * stream.uniform(); };
  for (int i = 0; i < 40; ++i) {
    const double lr_low = draw(-30, 29), lr_high = draw(lr_low, 30);
    const double batch_high = draw(0, 15), scale = std::pow(10.0, draw(-300, 300));
    std::vector<Observation> runs;
    const auto count = 1 + stream.below(40);
    for (std::uint64_t run = 0; run < count; ++run) {
      Observation& o = runs.emplace_back();
      o.batch_size = std::pow(10.0, std::floor(draw(0, batch_high)));
      o.lr = std::pow(10.0, 0.5 * std::round(2.0 * draw(lr_low, lr_high)));
      if (stream.uniform() < 0.5) o.seed = stream.below(3);
      if (stream.uniform() < 0.9) o.loss = scale * stream.normal();
    }
    for (Observation& o : runs) o.lr = std::clamp(o.lr, kLeastLr, kGreatestLr);
    const auto start = std::chrono::steady_clock::now();
    try {
      const Forecaster forecaster(runs, {});
      for (const double batch_size : {1.0, 3e7, 1e15}) {
        const Forecast forecast = forecaster.forecast(batch_size);
        EXPECT_TRUE(is_valid_lr(forecast.lr)) << "case " << i << ": " << forecast.lr;
      }
      const Advisor advisor(runs, {});
      EXPECT_TRUE(is_valid_lr(advisor.next_lr(runs.front().batch_size))) << "case " << i;
    } catch (const InputError&) {
      // A refusal is an answer.
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    EXPECT_LT(took.count(), 60.0) << "case " << i;
  }
}

}  // namespace
}  // namespace etalon
