#include "optim/lamb.hpp"

#include <algorithm>
#include <cmath>

#include "core/simd.hpp"
#include "optim/norms.hpp"
#include "optim/quotient.hpp"

namespace etalon {
namespace lamb_detail {  // cloned functions need external linkage, see core/simd.hpp

struct Squares {
  float weights, direction;
};

// Updates the moments, writes u, and sums w² and u² of one block.
ETALON_SIMD_CLONES Squares direct(const AdamCoefficients& given, float weight_decay,
                                  const float* __restrict diff_weights,
                                  const float* __restrict weights, float* __restrict mean,
                                  float* __restrict square, float* __restrict direction,
                                  std::size_t size) {
  const AdamCoefficients c = given;
  float weight_sum = 0.0f;
  float direction_sum = 0.0f;
#pragma omp simd reduction(+ : weight_sum, direction_sum)
  for (std::size_t i = 0; i < size; ++i) {
    const float gradient = diff_weights[i];
    mean[i] = c.beta1 * mean[i] + c.one_minus_beta1 * gradient;
    square[i] = c.beta2 * square[i] + c.one_minus_beta2 * gradient * gradient;
    const float denominator = std::sqrt(square[i]) * c.root_scale + c.eps;
    const float u = quotient(c.mean_scale * mean[i], denominator) + weight_decay * weights[i];
    direction[i] = u;
    weight_sum += weights[i] * weights[i];
    direction_sum += u * u;
  }
  return {weight_sum, direction_sum};
}

ETALON_SIMD_CLONES void descend(float lr, const float* __restrict direction,
                                float* __restrict weights, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) weights[i] -= lr * direction[i];
}

}  // namespace lamb_detail

namespace {

std::size_t largest_segment(const ParameterLayout& layout) {
  std::int64_t largest = 0;
  for (const Segment& segment : layout.segments) largest = std::max(largest, segment.size);
  return static_cast<std::size_t>(largest);
}

}  // namespace

Lamb::Lamb(const OptimizerOptions& options, const ParameterLayout& layout)
    : segments_(layout.segments),
      constants_(options),
      weight_decay_(static_cast<float>(options.weight_decay.value())),
      mean_(static_cast<std::size_t>(layout.size), 0.0f),
      square_(static_cast<std::size_t>(layout.size), 0.0f),
      direction_(largest_segment(layout), 0.0f) {}

void Lamb::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  const AdamCoefficients coefficients = constants_.at(++steps_);
  for (const Segment& segment : segments_) {
    step_segment(segment, coefficients, lr, diff_weights.data() + segment.offset,
                 weights.data() + segment.offset);
  }
}

void Lamb::step_segment(const Segment& segment, const AdamCoefficients& coefficients, float lr,
                        const float* diff_weights, float* weights) {
  const auto size = static_cast<std::size_t>(segment.size);
  const bool adapted = segment.kind == SegmentKind::weights;
  float* mean = mean_.data() + segment.offset;
  float* square = square_.data() + segment.offset;
  double weight_sum = 0.0;
  double direction_sum = 0.0;
  for_each_block(size, [&](std::size_t first, std::size_t count) {
    const lamb_detail::Squares sums = lamb_detail::direct(
        coefficients, adapted ? weight_decay_ : 0.0f, diff_weights + first, weights + first,
        mean + first, square + first, direction_.data() + first, count);
    weight_sum += static_cast<double>(sums.weights);
    direction_sum += static_cast<double>(sums.direction);
  });
  const bool scaled = adapted && weight_sum > 0.0 && direction_sum > 0.0;
  const double ratio = scaled ? std::sqrt(weight_sum / direction_sum) : 1.0;
  lamb_detail::descend(static_cast<float>(lr * ratio), direction_.data(), weights, size);
}

}  // namespace etalon
