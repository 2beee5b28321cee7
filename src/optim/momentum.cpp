#include "optim/momentum.hpp"

#include "core/simd.hpp"

namespace etalon {
namespace momentum_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void heavy_ball(float lr, float momentum, float weight_decay,
                                   const float* __restrict diff_weights, float* __restrict weights,
                                   float* __restrict velocity, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i] + weight_decay * weights[i];
    velocity[i] = momentum * velocity[i] + gradient;
    weights[i] -= lr * velocity[i];
  }
}

ETALON_SIMD_CLONES void nesterov(float lr, float momentum, float weight_decay,
                                 const float* __restrict diff_weights, float* __restrict weights,
                                 float* __restrict velocity, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i] + weight_decay * weights[i];
    velocity[i] = momentum * velocity[i] + gradient;
    weights[i] -= lr * (gradient + momentum * velocity[i]);
  }
}

}  // namespace momentum_detail

Momentum::Momentum(const OptimizerOptions& options, std::size_t size, bool nesterov)
    : momentum_(static_cast<float>(options.momentum.value())),
      weight_decay_(static_cast<float>(options.weight_decay.value())),
      nesterov_(nesterov),
      velocity_(size, 0.0f) {}

void Momentum::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  const auto update = nesterov_ ? momentum_detail::nesterov : momentum_detail::heavy_ball;
  update(lr, momentum_, weight_decay_, diff_weights.data(), weights.data(), velocity_.data(),
         weights.size());
}

}  // namespace etalon
