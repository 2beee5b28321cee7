// The gradient noise scale in a training loop of one's own: least squares by SGD, whose gradients
// are averaged over micro-batches. Each step tells the estimator what it has anyway.
//
// Prints:
// > the interval holds 15, the noise scale of this problem
// > it is less than 8 wide
#include "etalon/noise_scale.hpp"

#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>
#include <vector>

namespace {

constexpr int kInputs = 10, kMicroBatch = 8, kMicroBatches = 8;

double squared_norm(const std::vector<double>& g) {
  return std::inner_product(g.begin(), g.end(), g.begin(), 0.0);
}

// The mean gradient of (w·x − y)²/2 over a micro-batch, with y = Σ x + noise.
std::vector<double> gradient(const std::vector<double>& w, std::mt19937& random) {
  std::normal_distribution<double> normal;
  std::vector<double> mean(kInputs), x(kInputs);
  for (int n = 0; n < kMicroBatch; ++n) {
    double error = normal(random);
    for (int i = 0; i < kInputs; ++i) {
      x[i] = normal(random);
      error += (w[i] - 1.0) * x[i];
    }
    for (int i = 0; i < kInputs; ++i) mean[i] += error * x[i] / kMicroBatch;
  }
  return mean;
}

}  // namespace

int main() {
  std::mt19937 random(1);
  const std::vector<double> w(kInputs, 0.5);  // weights that stay, so that the truth is known
  etalon::NoiseScaleEstimator estimator;
  for (int step = 0; step < 400; ++step) {
    std::vector<double> batch(kInputs);
    double small = 0.0;  // mean |g_b|²
    for (int k = 0; k < kMicroBatches; ++k) {
      const std::vector<double> g = gradient(w, random);
      small += squared_norm(g) / kMicroBatches;
      for (int i = 0; i < kInputs; ++i) batch[i] += g[i] / kMicroBatches;
    }
    estimator.add({kMicroBatch, small, kMicroBatch * kMicroBatches, squared_norm(batch)});
  }
  // With d = w − 1: G = d and E|g_i|² = (|d|² + 1)·inputs + 2|d|², hence B_simple is
  // ((|d|² + 1)·10 + |d|²) / |d|² = 37.5 / 2.5 = 15.
  const etalon::NoiseScale scale = estimator.estimate();
  const bool holds = scale.value && *scale.low <= 15.0 && 15.0 <= *scale.high;
  std::printf("the interval %s 15, the noise scale of this problem\n",
              holds ? "holds" : "does not hold");
  std::printf("it is %s than 8 wide\n", *scale.high - *scale.low < 8.0 ? "less" : "more");
}
