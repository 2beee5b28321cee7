// The noisy quadratic model with plain SGD, in closed form: an oracle with an exact optimum.
//
// Coordinates i = 1, ..., 300 with curvature h = 1/i, gradient variance c = 1/i per example and
// E θ_0² = 1. After T = examples/B updates with learning rate α,
//   loss = ½ Σ h [q + (1 − q) α c / (B h (2 − αh))],  q = (1 − αh)^(2T),
// and SGD diverges from α = 2/h_max = 2 on (Zhang et al. 2019, arXiv 1907.04164, by the moments'
// recursion). Known optima for 65,536 examples: α*(1) = 0.00834, (16) = 0.132, (64) = 0.514,
// (128) = 0.966, (256) = 1.527, (512) = 1.811.
#pragma once

#include <cmath>
#include <limits>

namespace etalon::testing {

struct NoisyQuadratic {
  double examples = 65536;

  static constexpr double kDivergence = 2.0;

  double loss(double batch_size, double lr) const {
    if (lr >= kDivergence) return std::numeric_limits<double>::infinity();
    double sum = 0;
    for (int i = 1; i <= 300; ++i) {
      const double h = 1.0 / i, c = 1.0 / i;
      const double q = std::pow((1 - lr * h) * (1 - lr * h), examples / batch_size);
      sum += 0.5 * h * (q + (1 - q) * lr * c / (batch_size * h * (2 - lr * h)));
    }
    return sum;
  }

  // By golden section over ln α; the loss has one minimum below the divergence.
  double optimum(double batch_size) const {
    const double ratio = 0.5 * (std::sqrt(5.0) - 1);
    double low = std::log(1e-5), high = std::log(kDivergence) - 1e-9;
    for (int i = 0; i < 100; ++i) {
      const double a = high - ratio * (high - low), b = low + ratio * (high - low);
      if (loss(batch_size, std::exp(a)) < loss(batch_size, std::exp(b))) {
        high = b;
      } else {
        low = a;
      }
    }
    return std::exp(0.5 * (low + high));
  }
};

}  // namespace etalon::testing
