#include "optim/adamw.hpp"

#include <cmath>

#include "core/simd.hpp"

namespace etalon {
namespace adamw_detail {  // cloned functions need external linkage, see core/simd.hpp

// The scalars of one step, in the precision of the vectors.
struct Coefficients {
  float decay;  // 1 − η λ
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float step_size;   // η / (1 − β1^t)
  float root_scale;  // 1 / √(1 − β2^t)
  float eps;
};

ETALON_SIMD_CLONES void update(const Coefficients& c, const float* __restrict diff_weights,
                               float* __restrict weights, float* __restrict mean,
                               float* __restrict square, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i];
    mean[i] = c.beta1 * mean[i] + c.one_minus_beta1 * gradient;
    square[i] = c.beta2 * square[i] + c.one_minus_beta2 * gradient * gradient;
    const float denominator = std::sqrt(square[i]) * c.root_scale + c.eps;
    weights[i] = c.decay * weights[i] - c.step_size * mean[i] / denominator;
  }
}

}  // namespace adamw_detail

AdamW::AdamW(const OptimizerOptions& options, std::size_t size)
    : beta1_(options.beta1),
      beta2_(options.beta2),
      eps_(options.eps),
      weight_decay_(options.weight_decay),
      mean_(size, 0.0f),
      square_(size, 0.0f) {}

void AdamW::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  beta1_power_ *= beta1_;
  beta2_power_ *= beta2_;
  const adamw_detail::Coefficients coefficients{
      static_cast<float>(1.0 - lr * weight_decay_),
      static_cast<float>(beta1_),
      static_cast<float>(1.0 - beta1_),
      static_cast<float>(beta2_),
      static_cast<float>(1.0 - beta2_),
      static_cast<float>(lr / (1.0 - beta1_power_)),
      static_cast<float>(1.0 / std::sqrt(1.0 - beta2_power_)),
      static_cast<float>(eps_)};
  adamw_detail::update(coefficients, diff_weights.data(), weights.data(), mean_.data(),
                       square_.data(), weights.size());
}

}  // namespace etalon
