// The noisy quadratic that tests hold estimates against: h = c = 1/i, i = 1, ..., 300, E θ_0² = 1,
// plain SGD, the expected loss alone. Its closed form is etalon/quadratic.hpp's.
#pragma once

#include <limits>

#include "etalon/quadratic.hpp"

namespace etalon::testing {

struct KnownQuadratic {
  double examples = 65536;

  static constexpr double kDivergence = 2.0;

  static const NoisyQuadratic& model() {
    static const NoisyQuadratic all(parse_quadratic("quadratic:300"));
    return all;
  }

  double loss(double batch_size, double lr) const {
    if (lr >= kDivergence) return std::numeric_limits<double>::infinity();
    return model().expected_loss(batch_size, lr, examples / batch_size);
  }

  double optimum(double batch_size) const {
    return model().best_lr(batch_size, examples / batch_size);
  }
};

}  // namespace etalon::testing
