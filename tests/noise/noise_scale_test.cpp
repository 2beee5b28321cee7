// The noise scale on small cases whose answers are known in closed form.
#include "etalon/noise_scale.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "etalon/error.hpp"
#include "noise/gaussian_gradients.hpp"

namespace etalon {
namespace {

using testing::dot;
using testing::GaussianGradients;
using testing::Gradient;
using ::testing::HasSubstr;

// Throws InputError that says all of `parts`.
template <typename Call>
void expect_refused(Call call, const std::vector<std::string>& parts) {
  try {
    call();
    FAIL() << "not refused: " << parts.at(0);
  } catch (const InputError& error) {
    for (const std::string& part : parts) EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

// The mean of a·b over all pairs of different examples is unbiased for |G|², and the covariance's
// trace that of the sample: both without any of the formulas in the header.
TEST(NoiseScale, OfSingleExamplesIsThatOfTheirPairsAndTheirSampleCovariance) {
  GaussianGradients gradients(3.0, "single examples");
  const std::vector<Gradient> all = gradients.draw(7, 1.0);
  double products = 0.0, spread = 0.0;
  std::vector<double> squared_norms;
  const Gradient mean = testing::mean_of(all);
  for (std::size_t i = 0; i < all.size(); ++i) {
    squared_norms.push_back(dot(all[i], all[i]));
    for (std::size_t j = 0; j < all.size(); ++j) {
      if (i != j) products += dot(all[i], all[j]) / (7.0 * 6.0);
    }
    for (std::size_t k = 0; k < mean.size(); ++k) {
      spread += (all[i][k] - mean[k]) * (all[i][k] - mean[k]) / 6.0;
    }
  }
  const auto moments = moments_of(per_example_pair(squared_norms, dot(mean, mean)));
  EXPECT_NEAR(moments.squared_gradient, products, 1e-12);
  EXPECT_NEAR(moments.covariance_trace, spread, 1e-12);
}

TEST(NoiseScale, DividesTheAveragesAndDoesNotAverageRatios) {
  NoiseScaleEstimator estimator;
  // Ĝ² and Ŝ are 1 and 100, 3 and 20: ratios of 100 and 6.7, whose mean is 53.
  estimator.add({1.0, 101.0, 100.0, 2.0});
  estimator.add({1.0, 23.0, 100.0, 3.2});
  const NoiseScale scale = estimator.estimate();
  EXPECT_NEAR(scale.squared_gradient.value, 2.0, 1e-12);
  EXPECT_NEAR(scale.covariance_trace.value, 60.0, 1e-12);
  EXPECT_EQ(scale.measurements, 2);
  EXPECT_EQ(scale.examples, 200.0);
}

TEST(NoiseScale, OfOnePairHasNoInterval) {
  NoiseScaleEstimator estimator;
  estimator.add({1.0, 101.0, 100.0, 2.0});
  EXPECT_NEAR(estimator.estimate().value.value(), 100.0, 1e-9);
  EXPECT_FALSE(estimator.estimate().has_interval());
}

TEST(NoiseScale, IsTheSameHoweverManyPairsAreGathered) {
  GaussianGradients gradients(10.0, "gathered");
  NoiseScaleEstimator estimator;
  double g = 0.0, s = 0.0;
  for (int i = 0; i < 777; ++i) {
    const NormPair pair = gradients.pair(4, 2.0);
    g += moments_of(pair).squared_gradient / 777;
    s += moments_of(pair).covariance_trace / 777;
    estimator.add(pair);
  }
  EXPECT_NEAR(estimator.estimate().value.value(), s / g, 1e-9);
}

// What binds neighbours is in the interval: the same pairs, each logged eight times.
TEST(NoiseScale, IsNoSurerForMeasurementsThatAreRepeated) {
  GaussianGradients gradients(10.0, "repeated");
  NoiseScaleEstimator once, often;
  for (int i = 0; i < 256; ++i) {
    const NormPair pair = gradients.pair(4, 2.0);
    once.add(pair);
    for (int k = 0; k < 8; ++k) often.add(pair);
  }
  const NoiseScale one = once.estimate(), other = often.estimate();
  EXPECT_NEAR(*other.high - *other.low, *one.high - *one.low, 1e-9);
}

TEST(NoiseScale, IsUndefinedWhereTheGradientCannotBeToldFromZero) {
  GaussianGradients gradients(1e9, "no gradient");
  NoiseScaleEstimator estimator;
  for (int i = 0; i < 20; ++i) estimator.add(gradients.pair(4, 8.0));
  const NoiseScale scale = estimator.estimate();
  EXPECT_FALSE(scale.value);
  EXPECT_GT(scale.low.value(), 0.0);
  EXPECT_FALSE(scale.high);
  EXPECT_GE(scale.examples_needed.value(), scale.examples);
}

// What is said to be needed is about enough: |G|² can then be told in half of the draws.
TEST(NoiseScale, SaysHowManyExamplesWouldTell) {
  GaussianGradients gradients(200.0, "examples needed");
  int undefined = 0, told = 0;
  for (int i = 0; i < 200; ++i) {
    NoiseScaleEstimator estimator;
    for (int k = 0; k < 16; ++k) estimator.add(gradients.pair(4, 8.0));
    const NoiseScale scale = estimator.estimate();
    if (scale.value || !(scale.squared_gradient.value > 0.0)) continue;
    ++undefined;
    const double pairs = std::min(2000.0, *scale.examples_needed / 32.0);
    NoiseScaleEstimator more;
    for (int k = 0; k < pairs; ++k) more.add(gradients.pair(4, 8.0));
    told += more.estimate().value.has_value();
  }
  EXPECT_GT(undefined, 50);
  EXPECT_GT(told, 0.4 * undefined);
}

// The jackknife's shortcut against leaving groups out by hand.
TEST(NoiseScale, OfGroupsHasTheErrorOfLeavingEachOut) {
  GaussianGradients gradients(3.0, "jackknife");
  const int groups = 5;
  const std::vector<Gradient> all = gradients.draw(groups, 4.0);
  const auto of = [](const std::vector<Gradient>& some) {
    std::vector<GradientGroup> norms;
    const Gradient mean = testing::mean_of(some);
    for (const Gradient& each : some) {
      norms.push_back({dot(each, each), dot(each, each), dot(each, mean)});
    }
    return estimate_noise_scale(norms, 4.0, 4.0);
  };
  std::vector<double> without;
  for (int k = 0; k < groups; ++k) {
    auto rest = all;
    rest.erase(rest.begin() + k);
    without.push_back(of(rest).squared_gradient.value);
  }
  double mean = 0.0, variance = 0.0;
  for (const double each : without) mean += each / groups;
  for (const double each : without) variance += 0.8 * (each - mean) * (each - mean);
  const Estimated g = of(all).squared_gradient;
  const double quantile = 2.13184678633;  // of Student's t with 4 degrees of freedom, 0.95
  EXPECT_NEAR(*g.high - g.value, quantile * std::sqrt(variance), 1e-9);
  EXPECT_NEAR(g.value - *g.low, quantile * std::sqrt(variance), 1e-9);
}

TEST(NoiseScale, OfALineIsItsInterceptAndSlope) {
  std::vector<BatchNorm> norms;
  for (const double batch_size : {1.0, 10.0, 100.0}) {
    for (const double noise : {-0.1, 0.1}) {
      norms.push_back({batch_size, 2.0 + 50.0 / batch_size + noise});
    }
  }
  const NoiseLine line = fit_noise_line(norms);
  EXPECT_NEAR(line.scale.squared_gradient.value, 2.0, 1e-10);
  EXPECT_NEAR(line.scale.covariance_trace.value, 50.0, 1e-10);
  EXPECT_NEAR(line.scale.value.value(), 25.0, 1e-9);
  ASSERT_EQ(line.batch_sizes.size(), 3u);
  EXPECT_NEAR(line.batch_sizes[1].mean, 7.0, 1e-12);
  EXPECT_NEAR(line.batch_sizes[1].fitted, 7.0, 1e-10);
  EXPECT_NEAR(line.batch_sizes[1].standard_error, 0.1, 1e-12);
  EXPECT_FALSE(line.p_value);
}

TEST(NoiseScale, SaysWhereNoLineHolds) {
  std::vector<BatchNorm> straight, bent;
  for (const double batch_size : {1.0, 10.0, 100.0}) {
    for (int i = 0; i < 20; ++i) {
      const double noise = i % 2 == 0 ? 0.1 : -0.1, norm = 2.0 + 50.0 / batch_size + noise;
      straight.push_back({batch_size, norm});
      bent.push_back({batch_size, batch_size == 10.0 ? norm + 1.0 : norm});
    }
  }
  EXPECT_NEAR(fit_noise_line(straight).p_value.value(), 1.0, 1e-6);
  EXPECT_LT(fit_noise_line(bent).p_value.value(), 1e-6);
}

// On lines that hold it is below 0.01 in few of 100 cases.
TEST(NoiseScale, SeldomDoubtsALineThatHolds) {
  GaussianGradients gradients(100.0, "a line that holds");
  int doubted = 0;
  for (int i = 0; i < 1000; ++i) {
    std::vector<BatchNorm> norms;
    for (const double batch_size : {16.0, 64.0, 256.0, 1024.0}) {
      for (const Gradient& g : gradients.draw(20, batch_size)) {
        norms.push_back({batch_size, dot(g, g)});
      }
    }
    doubted += fit_noise_line(norms).p_value.value() < 0.01;
  }
  fmt::print("{} of 1000 lines that hold are doubted\n", doubted);
  EXPECT_LT(doubted, 30);
}

NoiseScale known(double value, double low, double high) {
  NoiseScale scale;
  scale.value = value, scale.low = low, scale.high = high;
  return scale;
}

// At B = B_simple: twice the steps, twice the examples, half the learning rate. Elsewhere the
// hyperbola (S/S_min − 1)(E/E_min − 1) = 1.
TEST(NoiseTradeOff, IsTheHyperbolaOfStepsAndExamples) {
  const NoiseScale scale = known(100.0, 50.0, 200.0);
  const NoiseTradeOff middle = trade_off_at(100.0, scale);
  EXPECT_DOUBLE_EQ(middle.steps.value, 2.0);
  EXPECT_DOUBLE_EQ(middle.examples.value, 2.0);
  EXPECT_DOUBLE_EQ(middle.lr.value, 0.5);
  for (const double batch_size : {1.0, 30.0, 1000.0}) {
    const NoiseTradeOff at = trade_off_at(batch_size, scale);
    EXPECT_NEAR((at.steps.value - 1.0) * (at.examples.value - 1.0), 1.0, 1e-12);
    EXPECT_NEAR(at.steps.value * batch_size / at.examples.value, 100.0, 1e-9);
    EXPECT_LT(*at.steps.low, at.steps.value);
    EXPECT_GT(*at.examples.high, at.examples.value);
    EXPECT_LT(*at.lr.low, at.lr.value);
    EXPECT_GT(*at.lr.high, at.lr.value);
  }
}

// Far below the noise scale the linear rule, far above it a fixed learning rate.
TEST(NoiseTradeOff, MovesTheLearningRateLinearlyAndThenNoMore) {
  EXPECT_NEAR(lr_factor(1.0, 4.0, known(1e9, 1e8, 1e10)).value, 4.0, 1e-6);
  EXPECT_NEAR(lr_factor(1e6, 4e6, known(1.0, 0.5, 2.0)).value, 1.0, 1e-5);
  const Estimated factor = lr_factor(100.0, 200.0, known(100.0, 0.0, 300.0));
  EXPECT_NEAR(factor.value, 4.0 / 3.0, 1e-12);
  EXPECT_NEAR(factor.low.value(), 1.0, 1e-12);
  EXPECT_NEAR(factor.high.value(), 1.6, 1e-12);
}

TEST(NoiseTradeOff, HasNoUpperEndWhereTheNoiseScaleMayBeZero) {
  EXPECT_FALSE(trade_off_at(10.0, known(1.0, 0.0, 2.0)).examples.high);
}

TEST(NoiseScale, RefusesWhatNoEstimateCanBeMadeOf) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_refused([&] { moments_of({1.0, nan, 8.0, 1.0}); }, {"small_squared_norm is nan"});
  expect_refused([&] { moments_of({1.0, 1.0, 8.0, -1.0}); }, {"big_squared_norm is -1"});
  expect_refused([&] { moments_of({8.0, 1.0, 8.0, 1.0}); }, {"is 8", "must be smaller"});
  expect_refused([&] { per_example_pair(std::vector<double>{1.0}, 1.0); }, {"at least 2"});
  expect_refused([&] { NoiseScaleEstimator().estimate(); }, {"no pairs"});
  expect_refused([&] { estimate_noise_scale(std::vector<GradientGroup>(1), 1.0, 8.0); },
                 {"1 groups", "at least 2"});
  expect_refused([&] { fit_noise_line({}); }, {"no gradient norms"});
  expect_refused(
      [&] {
        fit_noise_line(std::vector<BatchNorm>{{8, 1}, {8, 2}});
      },
      {"one batch size, 8", "two batch sizes"});
  expect_refused(
      [&] {
        fit_noise_line(std::vector<BatchNorm>{{8, 1}, {8, 2}, {16, 1}});
      },
      {"one gradient norm at batch size 16"});
  expect_refused([&] { fit_noise_line(std::vector<BatchNorm>{{0.5, 1}}); }, {"batch_size is 0.5"});
  NoiseScaleEstimator estimator;
  estimator.add({1.0, 2.0, 8.0, 1.0});
  expect_refused([&] { estimator.estimate({.level = 1.0}); }, {"level is 1"});
}

}  // namespace
}  // namespace etalon
