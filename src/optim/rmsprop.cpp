#include "optim/rmsprop.hpp"

#include <cmath>

#include "core/simd.hpp"
#include "optim/quotient.hpp"

namespace etalon {
namespace rmsprop_detail {  // cloned functions need external linkage, see core/simd.hpp

struct Coefficients {
  float lr, momentum, smoothing, one_minus_smoothing, eps, weight_decay;
};

ETALON_SIMD_CLONES void plain(const Coefficients& given, const float* __restrict diff_weights,
                              float* __restrict weights, float* __restrict square,
                              std::size_t size) {
  const Coefficients c = given;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i] + c.weight_decay * weights[i];
    square[i] = c.smoothing * square[i] + c.one_minus_smoothing * gradient * gradient;
    weights[i] -= quotient(c.lr * gradient, std::sqrt(square[i]) + c.eps);
  }
}

ETALON_SIMD_CLONES void with_momentum(const Coefficients& given,
                                      const float* __restrict diff_weights,
                                      float* __restrict weights, float* __restrict square,
                                      float* __restrict velocity, std::size_t size) {
  const Coefficients c = given;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i] + c.weight_decay * weights[i];
    square[i] = c.smoothing * square[i] + c.one_minus_smoothing * gradient * gradient;
    velocity[i] = c.momentum * velocity[i] + quotient(gradient, std::sqrt(square[i]) + c.eps);
    weights[i] -= c.lr * velocity[i];
  }
}

}  // namespace rmsprop_detail

RmsProp::RmsProp(const OptimizerOptions& options, std::size_t size)
    : smoothing_(static_cast<float>(options.beta2.value())),
      one_minus_smoothing_(static_cast<float>(1.0 - options.beta2.value())),
      eps_(static_cast<float>(options.eps.value())),
      weight_decay_(static_cast<float>(options.weight_decay.value())),
      momentum_(static_cast<float>(options.momentum.value())),
      square_(size, 0.0f),
      velocity_(momentum_ > 0.0f ? size : 0, 0.0f) {}

void RmsProp::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  const rmsprop_detail::Coefficients coefficients{
      lr, momentum_, smoothing_, one_minus_smoothing_, eps_, weight_decay_};
  if (velocity_.empty()) {
    rmsprop_detail::plain(coefficients, diff_weights.data(), weights.data(), square_.data(),
                          weights.size());
  } else {
    rmsprop_detail::with_momentum(coefficients, diff_weights.data(), weights.data(), square_.data(),
                                  velocity_.data(), weights.size());
  }
}

OptimizerState RmsProp::state() {
  OptimizerState state{{square_}, nullptr};
  if (!velocity_.empty()) state.vectors.emplace_back(velocity_);
  return state;
}

}  // namespace etalon
