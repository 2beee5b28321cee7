#include "optim/adamw.hpp"

#include <cmath>

#include "core/simd.hpp"
#include "optim/quotient.hpp"

namespace etalon {
namespace adamw_detail {  // cloned functions need external linkage, see core/simd.hpp

// `decay` is 1 − η λ.
ETALON_SIMD_CLONES void update(const AdamCoefficients& given, float lr, float decay,
                               const float* __restrict diff_weights, float* __restrict weights,
                               float* __restrict mean, float* __restrict square, std::size_t size) {
  const AdamCoefficients c = given;
  const float step_size = lr * c.mean_scale;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i];
    mean[i] = c.beta1 * mean[i] + c.one_minus_beta1 * gradient;
    square[i] = c.beta2 * square[i] + c.one_minus_beta2 * gradient * gradient;
    const float denominator = std::sqrt(square[i]) * c.root_scale + c.eps;
    weights[i] = decay * weights[i] - quotient(step_size * mean[i], denominator);
  }
}

}  // namespace adamw_detail

AdamW::AdamW(const OptimizerOptions& options, std::size_t size)
    : constants_(options),
      weight_decay_(options.weight_decay.value()),
      mean_(size, 0.0f),
      square_(size, 0.0f) {}

void AdamW::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  update_adamw(constants_.at(++steps_), lr, static_cast<float>(1.0 - lr * weight_decay_),
               diff_weights.first(weights.size()), weights.data(), mean_.data(), square_.data());
}

void update_adamw(const AdamCoefficients& coefficients, float lr, float decay,
                  std::span<const float> diff_weights, float* weights, float* mean, float* square) {
  adamw_detail::update(coefficients, lr, decay, diff_weights.data(), weights, mean, square,
                       diff_weights.size());
}

}  // namespace etalon
