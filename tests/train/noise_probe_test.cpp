#include "train/noise_probe.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/random.hpp"
#include "model/parameters.hpp"

namespace etalon {
namespace {

class NoiseProbeTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { data_ = load_splits("fashion-mnist", {}); }
  static ModelSpec model() { return parse_model("linear", {1, 28, 28}, 10); }
  static inline std::shared_ptr<const DataSplits> data_;
};

// One example at a time: tr Σ = n/(n−1) · (mean |g_i|² − |ḡ|²), |G|² = |ḡ|² − tr Σ/n.
double noise_scale_by_examples(const DataSplits& data, const ModelSpec& model,
                               std::span<const float> weights, int count) {
  RandomStream stream(7, "brute force");
  BatchGradient gradient(data, model, 1);
  AlignedVector one(weights.size());
  std::vector<double> mean(weights.size());
  double squares = 0.0;
  for (int i = 0; i < count; ++i) {
    const std::uint32_t index = stream.below(static_cast<std::uint32_t>(data.train.size()));
    gradient.compute(weights.data(), {&index, 1}, {one.data(), 1.0f, false});
    for (std::size_t j = 0; j < one.size(); ++j) {
      const auto value = static_cast<double>(one[j]);
      squares += value * value / count;
      mean[j] += value / count;
    }
  }
  double length = 0.0;
  for (const double value : mean) length += value * value;
  const double covariance = count / (count - 1.0) * (squares - length);
  return covariance / (length - covariance / count);
}

TEST_F(NoiseProbeTest, AgreesWithTheCovarianceOfSingleExamples) {
  AlignedVector weights = initial_weights(parameter_layout(model()), 3);
  NoiseProbe probe(*data_, model(), 1);
  const double expected = noise_scale_by_examples(*data_, model(), weights, 8000);
  const auto measured = probe.measure(weights, 0);
  ASSERT_TRUE(measured);
  EXPECT_NEAR(*measured, expected, 0.15 * expected);
}

TEST_F(NoiseProbeTest, AveragesNumeratorAndDenominatorApart) {
  const AlignedVector first = initial_weights(parameter_layout(model()), 3);
  const AlignedVector second = initial_weights(parameter_layout(model()), 4);
  NoiseProbe both(*data_, model(), 1);
  both.measure(first, 10);
  const NoiseProbe::State after_first = both.state();
  const auto scale = both.measure(second, 20);
  NoiseProbe alone(*data_, model(), 1);
  alone.measure(second, 20);
  const double covariance = 0.5 * (after_first.covariance + alone.state().covariance);
  const double gradient = 0.5 * (after_first.gradient + alone.state().gradient);
  EXPECT_DOUBLE_EQ(both.state().covariance, covariance);
  EXPECT_DOUBLE_EQ(scale.value(), covariance / gradient);
}

TEST_F(NoiseProbeTest, GivesTheSameForTheSameStepAndSeed) {
  const AlignedVector weights = initial_weights(parameter_layout(model()), 3);
  NoiseProbe a(*data_, model(), 1);
  NoiseProbe b(*data_, model(), 1);
  NoiseProbe other(*data_, model(), 2);
  const auto measured = a.measure(weights, 5);
  EXPECT_EQ(measured, b.measure(weights, 5));
  EXPECT_NE(measured, other.measure(weights, 5));
}

TEST_F(NoiseProbeTest, IsUndefinedWhereTheGradientIsNotFinite) {
  AlignedVector weights = initial_weights(parameter_layout(model()), 3);
  weights[0] = std::numeric_limits<float>::quiet_NaN();
  NoiseProbe probe(*data_, model(), 1);
  EXPECT_FALSE(probe.measure(weights, 0));
  EXPECT_EQ(probe.state().measurements, 0);
}

}  // namespace
}  // namespace etalon
