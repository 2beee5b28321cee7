#include "optim/lion.hpp"

#include "core/simd.hpp"

namespace etalon {
namespace lion_detail {  // cloned functions need external linkage, see core/simd.hpp

struct Coefficients {
  float beta1, one_minus_beta1, beta2, one_minus_beta2;
  float lr;
  float decay;  // 1 − η λ
};

ETALON_SIMD_CLONES void update(const Coefficients& given, const float* __restrict diff_weights,
                               float* __restrict weights, float* __restrict mean,
                               std::size_t size) {
  const Coefficients c = given;
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i];
    const float direction = c.beta1 * mean[i] + c.one_minus_beta1 * gradient;
    const float up = direction > 0.0f ? c.lr : 0.0f;
    const float down = direction < 0.0f ? c.lr : 0.0f;
    // What is no number has no sign, and would leave no trace of a divergence.
    const float lost = direction - direction;
    weights[i] = c.decay * weights[i] - (up - down) + lost;
    mean[i] = c.beta2 * mean[i] + c.one_minus_beta2 * gradient;
  }
}

}  // namespace lion_detail

Lion::Lion(const OptimizerOptions& options, std::size_t size)
    : beta1_(options.beta1.value()),
      beta2_(options.beta2.value()),
      weight_decay_(options.weight_decay.value()),
      mean_(size, 0.0f) {}

void Lion::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  const lion_detail::Coefficients coefficients = {static_cast<float>(beta1_),
                                                  static_cast<float>(1.0 - beta1_),
                                                  static_cast<float>(beta2_),
                                                  static_cast<float>(1.0 - beta2_),
                                                  lr,
                                                  static_cast<float>(1.0 - lr * weight_decay_)};
  lion_detail::update(coefficients, diff_weights.data(), weights.data(), mean_.data(),
                      weights.size());
}

}  // namespace etalon
