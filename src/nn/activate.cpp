#include "nn/activate.hpp"

#include <cstring>

#include "core/simd.hpp"
#include "nn/activation_math.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace activate_detail {

// dst = max(0, dst + bias), or dst + bias; dst is (rows, columns).
ETALON_SIMD_CLONES void add_bias(float* dst, const float* bias, std::int64_t rows,
                                 std::int64_t columns, bool relu) {
  for (std::int64_t row = 0; row < rows; ++row, dst += columns) {
    if (relu) {
      for (std::int64_t i = 0; i < columns; ++i) {
        const float value = dst[i] + bias[i];
        dst[i] = value > 0.0f ? value : 0.0f;
      }
    } else {
      for (std::int64_t i = 0; i < columns; ++i) dst[i] += bias[i];
    }
  }
}

// Zeroes diff_dst where the activation was zero; a NaN activation stays visible as a NaN gradient.
ETALON_SIMD_CLONES void mask_relu(float* diff_dst, const float* dst, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) diff_dst[i] = dst[i] == 0.0f ? 0.0f : diff_dst[i];
}

ETALON_SIMD_CLONES void apply_relu(const float* src, float* dst, std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) dst[i] = src[i] > 0.0f ? src[i] : 0.0f;
}

ETALON_SIMD_CLONES void apply_gelu(const float* __restrict src, float* __restrict dst,
                                   std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) dst[i] = gelu(src[i]);
}

ETALON_SIMD_CLONES void apply_tanh(const float* __restrict src, float* __restrict dst,
                                   std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) dst[i] = fast_tanh(src[i]);
}

ETALON_SIMD_CLONES void multiply_gelu(float* __restrict diff, const float* __restrict before,
                                      std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) diff[i] *= gelu_slope(before[i]);
}

ETALON_SIMD_CLONES void multiply_tanh(float* __restrict diff, const float* __restrict after,
                                      std::int64_t size) {
  for (std::int64_t i = 0; i < size; ++i) diff[i] *= 1.0f - after[i] * after[i];
}

ETALON_SIMD_CLONES void sum_columns(const float* matrix, float* sums, std::int64_t rows,
                                    std::int64_t columns) {
  std::memset(sums, 0, static_cast<std::size_t>(columns) * sizeof(float));
  for (std::int64_t row = 0; row < rows; ++row, matrix += columns) {
    for (std::int64_t i = 0; i < columns; ++i) sums[i] += matrix[i];
  }
}

ETALON_SIMD_CLONES void add(const float* a, const float* b, float* __restrict dst,
                            std::int64_t size, bool relu) {
  for (std::int64_t i = 0; i < size; ++i) {
    const float value = a[i] + b[i];
    dst[i] = relu && value < 0.0f ? 0.0f : value;
  }
}

}  // namespace activate_detail

using namespace activate_detail;

bool needs_values_before(Activation activation) { return activation == Activation::gelu; }

void activate(const float* src, float* dst, std::int64_t size, Activation activation) {
  if (activation == Activation::relu) apply_relu(src, dst, size);
  if (activation == Activation::gelu) apply_gelu(src, dst, size);
  if (activation == Activation::tanh) apply_tanh(src, dst, size);
}

void add_bias_and_activate(float* dst, const float* bias, std::int64_t rows, std::int64_t columns,
                           Activation activation, float* before) {
  const bool relu = activation == Activation::relu;
  add_bias(dst, bias, rows, columns, relu);
  if (relu || activation == Activation::none) return;
  // Row by row, while they are in the cache.
  for (std::int64_t row = 0; row < rows; ++row, dst += columns, before += columns) {
    std::memcpy(before, dst, static_cast<std::size_t>(columns) * sizeof(float));
    activate(before, dst, columns, activation);
  }
}

void multiply_by_slope(float* diff, const float* values, std::int64_t size, Activation activation) {
  if (activation == Activation::relu) mask_relu(diff, values, size);
  if (activation == Activation::gelu) multiply_gelu(diff, values, size);
  if (activation == Activation::tanh) multiply_tanh(diff, values, size);
}

void sum_rows(const float* matrix, float* sums, std::int64_t rows, std::int64_t columns) {
  sum_columns(matrix, sums, rows, columns);
}

void add_and_activate(const float* a, const float* b, float* dst, std::int64_t size,
                      Activation activation) {
  add(a, b, dst, size, activation == Activation::relu);
}

}  // namespace etalon
