#include "optim/adam.hpp"

#include <cmath>

#include "core/simd.hpp"
#include "optim/quotient.hpp"

namespace etalon {
namespace adam_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void update(const AdamCoefficients& given, float lr, float weight_decay,
                               const float* __restrict diff_weights, float* __restrict weights,
                               float* __restrict mean, float* __restrict square, std::size_t size) {
  const AdamCoefficients c = given;
  const float step_size = lr * c.mean_scale;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i] + weight_decay * weights[i];
    mean[i] = c.beta1 * mean[i] + c.one_minus_beta1 * gradient;
    square[i] = c.beta2 * square[i] + c.one_minus_beta2 * gradient * gradient;
    weights[i] -= quotient(step_size * mean[i], std::sqrt(square[i]) * c.root_scale + c.eps);
  }
}

}  // namespace adam_detail

Adam::Adam(const OptimizerOptions& options, std::size_t size)
    : constants_(options),
      weight_decay_(static_cast<float>(options.weight_decay.value())),
      mean_(size, 0.0f),
      square_(size, 0.0f) {}

void Adam::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  adam_detail::update(constants_.at(++steps_), lr, weight_decay_, diff_weights.data(),
                      weights.data(), mean_.data(), square_.data(), weights.size());
}

}  // namespace etalon
