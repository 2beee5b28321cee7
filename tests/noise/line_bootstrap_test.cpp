// The interval of a line through norms, beside that of a percentile bootstrap (Efron 1979), which
// draws norms again at each batch size. Figures are printed; seeds are fixed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "noise/gaussian_gradients.hpp"

namespace etalon {
namespace {

using testing::dot;
using testing::GaussianGradients;
using testing::Gradient;
using Norms = std::vector<std::vector<BatchNorm>>;  // at each batch size

constexpr double kNoiseScale = 100.0, kLevel = 0.9;
const std::vector<double> kBatchSizes = {16, 64, 256, 1024};

Norms draw_norms(GaussianGradients& gradients, int count) {
  Norms norms;
  for (const double batch_size : kBatchSizes) {
    norms.emplace_back();
    for (const Gradient& each : gradients.draw(count, batch_size)) {
      norms.back().push_back({batch_size, dot(each, each)});
    }
  }
  return norms;
}

NoiseScale scale_of_line(const Norms& norms) {
  std::vector<BatchNorm> all;
  for (const auto& each : norms) all.insert(all.end(), each.begin(), each.end());
  return fit_noise_line(all, {.level = kLevel}).scale;
}

Norms drawn_again(const Norms& norms, RandomStream& stream) {
  Norms again = norms;
  for (std::size_t i = 0; i < norms.size(); ++i) {
    const auto count = static_cast<std::uint32_t>(norms[i].size());
    for (BatchNorm& each : again[i]) each = norms[i][stream.below(count)];
  }
  return again;
}

struct Ends {
  double low = 0.0, high = 0.0;
};

// A sample whose gradient is none counts as without bound.
Ends bootstrap(const Norms& norms, int samples, RandomStream& stream) {
  std::vector<double> scales;
  for (int i = 0; i < samples; ++i) {
    const NoiseScale scale = scale_of_line(drawn_again(norms, stream));
    const double g = scale.squared_gradient.value, s = scale.covariance_trace.value;
    scales.push_back(g > 0.0 ? s / g : std::numeric_limits<double>::infinity());
  }
  std::sort(scales.begin(), scales.end());
  const auto at = [&](double share) { return scales[static_cast<std::size_t>(share * samples)]; };
  return {at(0.5 * (1.0 - kLevel)), at(0.5 * (1.0 + kLevel))};
}

TEST(NoiseOfALine, HasTheIntervalOfABootstrapWhereNormsAreMany) {
  GaussianGradients gradients(kNoiseScale, "a line of many norms");
  RandomStream stream(GaussianGradients::kSeed, "bootstrap of many norms");
  for (int i = 0; i < 5; ++i) {
    const Norms norms = draw_norms(gradients, 300);
    const NoiseScale scale = scale_of_line(norms);
    const Ends ends = bootstrap(norms, 1000, stream);
    const double length = *scale.high - *scale.low;
    EXPECT_NEAR(ends.low, *scale.low, 0.1 * length);
    EXPECT_NEAR(ends.high, *scale.high, 0.1 * length);
  }
}

TEST(NoiseOfALine, HoldsTheTruthMoreOftenThanABootstrapWhereNormsAreFew) {
  GaussianGradients gradients(kNoiseScale, "a line of few norms");
  RandomStream stream(GaussianGradients::kSeed, "bootstrap of few norms");
  constexpr int kDraws = 500;
  int here = 0, there = 0;
  for (int i = 0; i < kDraws; ++i) {
    const Norms norms = draw_norms(gradients, 4);
    const NoiseScale scale = scale_of_line(norms);
    here += *scale.low <= kNoiseScale && (!scale.high || kNoiseScale <= *scale.high);
    const Ends ends = bootstrap(norms, 200, stream);
    there += ends.low <= kNoiseScale && kNoiseScale <= ends.high;
  }
  fmt::print("four norms at each batch size: of {} intervals {} hold the truth, of bootstraps {}\n",
             kDraws, here, there);
  EXPECT_GE(here, 0.85 * kDraws);
  EXPECT_LT(there, here);
}

}  // namespace
}  // namespace etalon
