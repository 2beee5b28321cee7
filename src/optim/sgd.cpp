#include "optim/sgd.hpp"

#include "core/simd.hpp"

namespace etalon {
namespace sgd_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void update(float lr, float weight_decay, const float* __restrict diff_weights,
                               float* __restrict weights, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    weights[i] -= lr * (diff_weights[i] + weight_decay * weights[i]);
  }
}

}  // namespace sgd_detail

Sgd::Sgd(const OptimizerOptions& options)
    : weight_decay_(static_cast<float>(options.weight_decay.value())) {}

void Sgd::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  sgd_detail::update(lr, weight_decay_, diff_weights.data(), weights.data(), weights.size());
}

}  // namespace etalon
