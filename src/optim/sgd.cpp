#include "optim/sgd.hpp"

#include "core/simd.hpp"

namespace etalon {
namespace {

ETALON_SIMD void update(float lr, float weight_decay, const float* __restrict diff_weights,
                        float* __restrict weights, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    weights[i] -= lr * (diff_weights[i] + weight_decay * weights[i]);
  }
}

}  // namespace

Sgd::Sgd(const OptimizerOptions& options)
    : weight_decay_(static_cast<float>(options.weight_decay)) {}

void Sgd::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  update(lr, weight_decay_, diff_weights.data(), weights.data(), weights.size());
}

}  // namespace etalon
