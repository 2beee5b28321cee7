#include "train/gradient_noise.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "train/batch_gradient.hpp"

namespace etalon {
namespace {

constexpr std::size_t kPopulation = 320;

// A few training examples, so that all of their gradients can be had one by one.
class GradientNoiseTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ = *load_splits("fashion-mnist", {});
    data_.train.rows.resize(kPopulation);
  }
  static ModelSpec model(const char* name) { return parse_model(name, {1, 28, 28}, 10); }
  static inline DataSplits data_;
};

struct Truth {
  double squared_gradient = 0.0, covariance_trace = 0.0;
};

// |G|² and tr Σ of the parameters from `begin` to `end`, over the whole population, one example at
// a time.
Truth by_examples(const DataSplits& data, const ModelSpec& model, std::span<const float> weights,
                  std::size_t begin, std::size_t end) {
  BatchGradient gradient(data, model, 1);
  AlignedVector one(weights.size());
  std::vector<double> mean(weights.size());
  double squares = 0.0;
  for (std::uint32_t index = 0; index < kPopulation; ++index) {
    gradient.compute(weights.data(), {&index, 1}, {one.data(), 1.0f, false});
    for (std::size_t j = begin; j < end; ++j) {
      const auto value = static_cast<double>(one[j]);
      squares += value * value / kPopulation;
      mean[j] += value / kPopulation;
    }
  }
  Truth truth;
  for (const double value : mean) truth.squared_gradient += value * value;
  truth.covariance_trace = squares - truth.squared_gradient;
  return truth;
}

TEST_F(GradientNoiseTest, IsUnbiasedAndItsIntervalHoldsTheScaleOfThePopulation) {
  const ModelSpec mlp = model("mlp:8");
  const AlignedVector weights = initial_weights(parameter_layout(mlp), 3);
  const Truth truth = by_examples(data_, mlp, weights, 0, weights.size());
  const double scale = truth.covariance_trace / truth.squared_gradient;
  GradientNoise noise(data_, mlp, 1, {.examples = 256});
  constexpr int kMeasurements = 400;
  double g = 0.0, s = 0.0;
  int covered = 0;
  for (int step = 0; step < kMeasurements; ++step) {
    const NoiseScale whole = noise.measure(weights, step)->whole;
    g += whole.squared_gradient.value / kMeasurements;
    s += whole.covariance_trace.value / kMeasurements;
    covered += *whole.low <= scale && (!whole.high || scale <= *whole.high);
  }
  fmt::print("B_simple {:.4g}; |G|² off by {:.2f} %, tr Σ by {:.2f} %, coverage {:.3f}\n", scale,
             100.0 * (g / truth.squared_gradient - 1.0), 100.0 * (s / truth.covariance_trace - 1.0),
             covered / 400.0);
  EXPECT_NEAR(g, truth.squared_gradient, 0.01 * truth.squared_gradient);
  EXPECT_NEAR(s, truth.covariance_trace, 0.01 * truth.covariance_trace);
  EXPECT_GE(covered, 0.85 * kMeasurements);
  EXPECT_LE(covered, 0.95 * kMeasurements);
}

TEST_F(GradientNoiseTest, IsTheSameForTheSameStepAndAnotherForAnother) {
  const ModelSpec mlp = model("mlp:8");
  const AlignedVector weights = initial_weights(parameter_layout(mlp), 3);
  GradientNoise one(data_, mlp, 1, {.examples = 64}), other(data_, mlp, 1, {.examples = 64});
  const auto first = one.measure(weights, 5)->whole;
  EXPECT_EQ(first.covariance_trace.value, other.measure(weights, 5)->whole.covariance_trace.value);
  EXPECT_NE(first.covariance_trace.value, other.measure(weights, 6)->whole.covariance_trace.value);
}

// The moments of layers add up, and each is that of its own parameters.
TEST_F(GradientNoiseTest, OfLayersIsThatOfTheirOwnParameters) {
  const ModelSpec mlp = model("mlp:8");
  const AlignedVector weights = initial_weights(parameter_layout(mlp), 3);
  GradientNoise noise(data_, mlp, 1, {.examples = 8192});
  const MeasuredNoise measured = *noise.measure(weights, 0);
  ASSERT_EQ(measured.layers.size(), 2u);
  const std::size_t second = 784 * 8 + 8;
  double g = 0.0, s = 0.0;
  for (const LayerNoise& each : measured.layers) {
    const bool is_first = each.layer == "dense1";
    const Truth truth =
        by_examples(data_, mlp, weights, is_first ? 0 : second, is_first ? second : weights.size());
    EXPECT_NEAR(each.scale.covariance_trace.value, truth.covariance_trace,
                0.1 * truth.covariance_trace)
        << each.layer;
    EXPECT_NEAR(each.scale.squared_gradient.value, truth.squared_gradient,
                0.2 * truth.squared_gradient)
        << each.layer;
    g += each.scale.squared_gradient.value;
    s += each.scale.covariance_trace.value;
  }
  EXPECT_NEAR(g, measured.whole.squared_gradient.value, 1e-6 * g);
  EXPECT_NEAR(s, measured.whole.covariance_trace.value, 1e-6 * s);
}

// The pool is the whole population here, so that its trace is known exactly.
class GradientVarianceTest : public GradientNoiseTest,
                             public ::testing::WithParamInterface<const char*> {};

TEST_P(GradientVarianceTest, LiesOnTheLineWithTheFactorOfAFinitePopulation) {
  const ModelSpec spec = model(GetParam());
  const AlignedVector weights = initial_weights(parameter_layout(spec), 3);
  const Truth truth = by_examples(data_, spec, weights, 0, weights.size());
  GradientNoise noise(data_, spec, 1, {.examples = 1024});
  const auto variances = noise.variances(weights, 0);
  ASSERT_EQ(variances.size(), 8u);
  for (const GradientVariance& at : variances) {
    const auto b = static_cast<double>(at.batch_size);
    EXPECT_NEAR(at.line, truth.covariance_trace / b, 1e-4 * truth.covariance_trace / b);
    EXPECT_NEAR(at.expected, at.line * (320.0 - b) / 319.0, 1e-9 * at.line);
    EXPECT_NEAR(at.measured, at.expected, 4.0 * at.standard_error) << at.batch_size;
    EXPECT_LT(at.standard_error, 0.3 * at.expected) << at.batch_size;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GradientVarianceTest,
                         ::testing::Values("linear", "mlp:8", "lenet"));

TEST_F(GradientNoiseTest, RefusesExamplesThatMakeNoGroups) {
  for (const std::int64_t examples : {0, 32, 100}) {
    EXPECT_THROW(GradientNoise(data_, model("linear"), 1, {.examples = examples}), InputError);
  }
}

}  // namespace
}  // namespace etalon
