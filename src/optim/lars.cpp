#include "optim/lars.hpp"

#include <cmath>

#include "core/simd.hpp"
#include "optim/norms.hpp"

namespace etalon {
namespace lars_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void update(float local_lr, float momentum, float weight_decay,
                               const float* __restrict diff_weights, float* __restrict weights,
                               float* __restrict velocity, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i] + weight_decay * weights[i];
    velocity[i] = momentum * velocity[i] + local_lr * gradient;
    weights[i] -= velocity[i];
  }
}

}  // namespace lars_detail

namespace {

double trust_ratio(double trust, double weight_decay, double weight_norm, double gradient_norm) {
  if (weight_norm == 0.0 || gradient_norm == 0.0) return 1.0;
  return trust * weight_norm / (gradient_norm + weight_decay * weight_norm);
}

}  // namespace

Lars::Lars(const OptimizerOptions& options, const ParameterLayout& layout)
    : segments_(layout.segments),
      trust_(options.trust.value()),
      weight_decay_(options.weight_decay.value()),
      momentum_(static_cast<float>(options.momentum.value())),
      velocity_(static_cast<std::size_t>(layout.size), 0.0f) {}

void Lars::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  for (const Segment& segment : segments_) {
    const auto size = static_cast<std::size_t>(segment.size);
    const float* g = diff_weights.data() + segment.offset;
    float* w = weights.data() + segment.offset;
    const bool adapted = segment.kind == SegmentKind::weights;
    const double decay = adapted ? weight_decay_ : 0.0;
    const double ratio = adapted ? trust_ratio(trust_, decay, std::sqrt(sum_of_squares(w, size)),
                                               std::sqrt(sum_of_squares(g, size)))
                                 : 1.0;
    lars_detail::update(static_cast<float>(lr * ratio), momentum_, static_cast<float>(decay), g, w,
                        velocity_.data() + segment.offset, size);
  }
}

}  // namespace etalon
