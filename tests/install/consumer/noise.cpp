// A program that only wants the noise scale.
#include <cmath>
#include <cstdio>
#include <etalon/noise_scale.hpp>

int main() {
  etalon::NoiseScaleEstimator estimator;
  estimator.add({1.0, 101.0, 100.0, 2.0});  // |G|² = 1, tr Σ = 100
  const double scale = estimator.estimate().value.value_or(0.0);
  std::printf("noise scale: %g\n", scale);
  return std::abs(scale - 100.0) < 1e-9 ? 0 : 1;
}
