#include "optim/muon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/simd.hpp"
#include "etalon/error.hpp"
#include "optim/adamw.hpp"

namespace etalon {
namespace muon_detail {  // cloned functions need external linkage, see core/simd.hpp

ETALON_SIMD_CLONES void look_ahead(float momentum, const float* __restrict diff_weights,
                                   float* __restrict mean, float* __restrict direction,
                                   std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    mean[i] = momentum * mean[i] + diff_weights[i];
    direction[i] = diff_weights[i] + momentum * mean[i];
  }
}

ETALON_SIMD_CLONES void descend_decayed(float lr, float decay, const float* __restrict direction,
                                        float* __restrict weights, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) weights[i] = decay * weights[i] - lr * direction[i];
}

}  // namespace muon_detail

namespace {

// The root mean square of AdamW's updates, which those of matrices are made equal to.
constexpr double kUsualStep = 0.2;

[[noreturn]] void refuse_shallow() {
  throw InputError(
      "muon has nothing to do on this model: the first and the last layer's weights "
      "are left to AdamW, and there are no others",
      field_name("model"),
      fmt::format("take one with more layers, as mlp:128,128 or lenet, or {} adamw",
                  field_name("optimizer")));
}

}  // namespace

Muon::Muon(const OptimizerOptions& options, const ParameterLayout& layout)
    : momentum_(options.momentum.value()),
      constants_(options),
      weight_decay_(options.weight_decay.value()),
      mean_(static_cast<std::size_t>(layout.size), 0.0f) {
  for (const Segment& segment : layout.segments) add(segment, is_hidden_matrix(layout, segment));
  if (matrices_.empty()) refuse_shallow();
}

void Muon::add(const Segment& segment, bool hidden) {
  const auto offset = static_cast<std::size_t>(segment.offset);
  const auto size = static_cast<std::size_t>(segment.size);
  if (!hidden) {
    rests_.push_back({offset, size, square_.size()});
    square_.resize(square_.size() + size, 0.0f);
    return;
  }
  matrices_.push_back({*matrix_of(segment), offset, size});
  orthogonalizer_.reserve(matrices_.back().shape);
  direction_.resize(std::max(direction_.size(), size));
}

void Muon::step(float lr, std::span<const float> diff_weights, std::span<float> weights) {
  const AdamCoefficients coefficients = constants_.at(++steps_);
  const auto decay = static_cast<float>(1.0 - lr * weight_decay_);
  for (const Matrix& matrix : matrices_) {
    step_matrix(matrix, lr, diff_weights.data() + matrix.offset, weights.data() + matrix.offset);
  }
  for (const auto& [offset, size, square_offset] : rests_) {
    update_adamw(coefficients, lr, decay, diff_weights.subspan(offset, size),
                 weights.data() + offset, mean_.data() + offset, square_.data() + square_offset);
  }
}

void Muon::step_matrix(const Matrix& matrix, float lr, const float* diff_weights, float* weights) {
  muon_detail::look_ahead(static_cast<float>(momentum_), diff_weights, mean_.data() + matrix.offset,
                          direction_.data(), matrix.size);
  const std::span<const float> orthogonal =
      orthogonalizer_.orthogonalize({direction_.data(), matrix.size}, matrix.shape);
  const auto longest = static_cast<double>(std::max(matrix.shape.rows, matrix.shape.columns));
  muon_detail::descend_decayed(static_cast<float>(lr * kUsualStep * std::sqrt(longest)),
                               static_cast<float>(1.0 - lr * weight_decay_), orthogonal.data(),
                               weights, matrix.size);
}

}  // namespace etalon
