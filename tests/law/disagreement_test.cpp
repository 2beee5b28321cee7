// Where the laws and the loss surface have nothing in common, the forecast says so and covers both.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/random.hpp"
#include "etalon/forecaster.hpp"

namespace etalon {
namespace {

// The best learning rate doubles with the batch size, which the linear law goes on with; bowls turn
// flat in the middle, which a surface takes for a change of what limits the learning rate.
std::vector<Observation> rising_runs(std::uint64_t seed) {
  constexpr double kOctaves[] = {1.44, 2.48, 3.34, 4.39, 5.27};  // of the optimum above 0.01
  constexpr double kCurvatures[] = {0.0595, 0.0952, 0.0203, 0.0244, 0.0504};
  RandomStream stream(seed, "n");
  std::vector<Observation> runs;
  for (int i = 0; i < 5; ++i) {
    for (int octave = -8; octave <= 8; ++octave) {
      const double z = 0.7 * std::numbers::ln2 * (octave - kOctaves[i]);
      const double loss = 2 + kCurvatures[i] * (std::expm1(z) - z) + 0.001 * stream.normal();
      runs.push_back({16.0 * std::exp2(i), 0.01 * std::exp2(octave), 1, loss});
    }
  }
  return runs;
}

TEST(Disagreement, IsSaidAndCoveredByTheInterval) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const Forecast forecast = Forecaster(rising_runs(seed), {}).forecast(4096);
    if (!forecast.disagreement) continue;
    ++found;
    const Disagreement& both = *forecast.disagreement;
    EXPECT_GT(both.laws_low, both.surface_high);
    EXPECT_LE(forecast.lr_low, both.surface_low);
    EXPECT_GE(forecast.lr_high, both.laws_high);
    EXPECT_GE(forecast.lr, both.surface_low);
    EXPECT_LE(forecast.lr, both.laws_high);
    EXPECT_THAT(both.text(), ::testing::MatchesRegex(
                                 "the laws say [0-9.]+ to [0-9.]+, the loss surface [0-9.]+ to "
                                 "[0-9.]+; the interval covers both"));
  }
  EXPECT_GE(found, 2);
}

// The best learning rate doubles with the batch size, and bowls are flat at every other one. The
// laws predict the larger half of them so much better that the surface has hardly any weight; it is
// the one whose curves the laws weigh, and what they say where none of these has its optimum would
// be lost.
TEST(Disagreement, IsSaidOfALightSurfaceToo) {
  RandomStream stream(1, "n");
  std::vector<Observation> runs;
  for (int i = 0; i < 5; ++i) {
    for (int octave = -6; octave <= 8; ++octave) {
      const double z = 0.7 * std::numbers::ln2 * (octave - i);
      const double curvature = i % 2 == 1 ? 0.015 : 0.05;
      const double loss = 2 + curvature * (std::expm1(z) - z) + 0.0005 * stream.normal();
      runs.push_back({16.0 * std::exp2(i), 0.01 * std::exp2(octave), 1, loss});
    }
  }
  const AdviceOptions options;
  const Forecaster forecaster(runs, options);
  ASSERT_LT(forecaster.surface_weight(), 0.5 * (1.0 - options.level));
  const Forecast forecast = forecaster.forecast(4096);
  ASSERT_TRUE(forecast.disagreement);
  EXPECT_GT(forecast.disagreement->laws_low, forecast.disagreement->surface_high);
  EXPECT_LE(forecast.lr_low, forecast.disagreement->surface_low);
  EXPECT_GE(forecast.lr_high, forecast.disagreement->laws_high);
  const double truth = 0.01 * std::exp2(8);
  EXPECT_LE(forecast.lr_low, truth);
  EXPECT_GE(forecast.lr_high, truth);
  EXPECT_GT(forecast.lr, forecast.disagreement->surface_high) << "the laws' weight";
}

// Narrow intervals of witnesses who agree have nothing in common either.
TEST(Disagreement, IsNotMadeByNarrowIntervals) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto runs = rising_runs(seed);
    for (const double level : {0.01, 0.3, 0.8}) {
      EXPECT_FALSE(Forecaster(runs, {.level = level}).forecast(256).disagreement) << level;
    }
  }
}

// Either may be right, so that more is lost than by the surface alone.
TEST(Disagreement, CostsMoreThanTheSurfaceAloneExpects) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto runs = rising_runs(seed);
    const Forecast both = Forecaster(runs, {}).forecast(4096);
    if (!both.disagreement) continue;
    EXPECT_GT(both.expected_regret, Advisor(runs, {}).forecast(4096).expected_regret) << seed;
  }
}

}  // namespace
}  // namespace etalon
