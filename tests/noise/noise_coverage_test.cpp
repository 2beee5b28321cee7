// On Gaussian gradients with known G and Σ, estimates are unbiased and 90% intervals hold the truth
// in 85 to 95 of 100 draws. Figures are printed; seeds are fixed.
#include <gtest/gtest.h>

#include <functional>

#include "noise/gaussian_gradients.hpp"

namespace etalon {
namespace {

using testing::dot;
using testing::Estimates;
using testing::GaussianGradients;
using testing::Gradient;

constexpr double kMostBias = 0.01, kLeastCovered = 0.85, kMostCovered = 0.95;

struct Scene {
  std::string name;
  double noise_scale;
  int draws;
  std::function<NoiseScale(GaussianGradients&)> estimate;
};

NoiseScale of_pairs(GaussianGradients& gradients, int pairs, int parts, double batch_size) {
  NoiseScaleEstimator estimator;
  for (int i = 0; i < pairs; ++i) estimator.add(gradients.pair(parts, batch_size));
  return estimator.estimate();
}

NoiseScale of_groups(GaussianGradients& gradients, int groups, int parts, double batch_size) {
  std::vector<GradientGroup> all(groups);
  std::vector<Gradient> means;
  for (GradientGroup& group : all) {
    const auto some = gradients.draw(parts, batch_size);
    for (const Gradient& each : some) group.small_squared_norm += dot(each, each) / parts;
    means.push_back(testing::mean_of(some));
    group.squared_norm = dot(means.back(), means.back());
  }
  const Gradient mean = testing::mean_of(means);
  for (int k = 0; k < groups; ++k) all[k].dot_with_mean = dot(means[k], mean);
  return estimate_noise_scale(all, batch_size, parts * batch_size);
}

NoiseScale of_line(GaussianGradients& gradients, int norms, const std::vector<double>& sizes) {
  std::vector<BatchNorm> all;
  for (const double batch_size : sizes) {
    for (const Gradient& each : gradients.draw(norms, batch_size)) {
      all.push_back({batch_size, dot(each, each)});
    }
  }
  return fit_noise_line(all).scale;
}

std::vector<Scene> scenes() {
  return {
      {"pairs, per example", 20.0, 2000,
       [](GaussianGradients& g) { return of_pairs(g, 20, 16, 1.0); }},
      {"pairs, where noise prevails", 400.0, 2000,
       [](GaussianGradients& g) { return of_pairs(g, 60, 4, 32.0); }},
      {"pairs, where noise is small", 20.0, 2000,
       [](GaussianGradients& g) { return of_pairs(g, 20, 4, 64.0); }},
      {"more pairs than blocks", 100.0, 500,
       [](GaussianGradients& g) { return of_pairs(g, 500, 4, 8.0); }},
      {"groups of examples", 100.0, 1000,
       [](GaussianGradients& g) { return of_groups(g, 16, 32, 1.0); }},
      {"groups alone", 30.0, 1000, [](GaussianGradients& g) { return of_groups(g, 32, 1, 8.0); }},
      {"a line through two batch sizes", 100.0, 4000,
       [](GaussianGradients& g) {
         return of_line(g, 20, {16, 256});
       }},
      {"a line through six batch sizes", 100.0, 2000,
       [](GaussianGradients& g) {
         return of_line(g, 20, {1, 4, 16, 64, 256, 1024});
       }},
      {"a line through few norms", 100.0, 4000,
       [](GaussianGradients& g) {
         return of_line(g, 5, {16, 64, 256, 1024});
       }},
  };
}

TEST(NoiseCoverage, EstimatesAreUnbiasedAndIntervalsHoldTheTruthAsOftenAsStated) {
  for (const Scene& scene : scenes()) {
    GaussianGradients gradients(scene.noise_scale, scene.name);
    Estimates estimates;
    for (int i = 0; i < scene.draws; ++i) {
      estimates.add(scene.estimate(gradients), scene.noise_scale);
    }
    estimates.print(scene.name, gradients);
    EXPECT_NEAR(estimates.gradient_bias(gradients.squared_gradient()), 0.0, kMostBias)
        << scene.name;
    EXPECT_NEAR(estimates.covariance_bias(gradients.covariance_trace()), 0.0, kMostBias)
        << scene.name;
    EXPECT_GE(estimates.coverage(), kLeastCovered) << scene.name;
    EXPECT_LE(estimates.coverage(), kMostCovered) << scene.name;
  }
}

}  // namespace
}  // namespace etalon
