#include "nn/channel_rows.hpp"

#include <algorithm>

#include "core/simd.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace channel_rows_detail {

constexpr std::int64_t kLane = 16;    // channels at a time: a cache line
constexpr std::int64_t kBlock = 128;  // rows whose sums are kept in single precision

// Of each channel: Σ (x - origin) and Σ (x - origin)², where the origin is the first row, so that a
// large mean costs no digits. Adds `width` <= kLane channels from `at` on.
[[gnu::always_inline]] inline void add_sums(const float* src, ChannelRows rows, std::int64_t at,
                                            std::int64_t width, double* sums, double* squares) {
  for (std::int64_t first = 0; first < rows.count; first += kBlock) {
    float sum[kLane] = {}, square[kLane] = {};
    const std::int64_t end = std::min(first + kBlock, rows.count);
    for (std::int64_t row = first; row < end; ++row) {
      const float* values = src + row * rows.channels + at;
      for (std::int64_t i = 0; i < width; ++i) {
        const float value = values[i] - src[at + i];
        sum[i] += value;
        square[i] += value * value;
      }
    }
    for (std::int64_t i = 0; i < width; ++i) {
      sums[at + i] += static_cast<double>(sum[i]);
      squares[at + i] += static_cast<double>(square[i]);
    }
  }
}

ETALON_SIMD_CLONES void region_sums(const float* src, ChannelRows rows, double* sums,
                                    double* squares) {
  std::int64_t at = 0;
  for (; at + kLane <= rows.channels; at += kLane) add_sums(src, rows, at, kLane, sums, squares);
  if (at < rows.channels) add_sums(src, rows, at, rows.channels - at, sums, squares);
}

// dst = x·scale + shift, and maybe max(0, dst); a NaN stays visible.
ETALON_SIMD_CLONES void normalize_rows(const float* __restrict src, float* __restrict dst,
                                       ChannelRows rows, const float* __restrict scale,
                                       const float* __restrict shift, bool relu) {
  for (std::int64_t row = 0; row < rows.count; ++row, src += rows.channels, dst += rows.channels) {
    for (std::int64_t c = 0; c < rows.channels; ++c) {
      const float value = src[c] * scale[c] + shift[c];
      dst[c] = relu && value < 0.0f ? 0.0f : value;
    }
  }
}

// Zeroes diff_dst where the rectifier was shut, and sums it, and it times x - mean.
[[gnu::always_inline]] inline void add_diff_sums(const float* src, const float* dst,
                                                 float* diff_dst, ChannelRows rows,
                                                 const float* mean, bool relu, std::int64_t at,
                                                 std::int64_t width, double* sums,
                                                 double* products) {
  for (std::int64_t first = 0; first < rows.count; first += kBlock) {
    float sum[kLane] = {}, product[kLane] = {};
    const std::int64_t end = std::min(first + kBlock, rows.count);
    for (std::int64_t row = first; row < end; ++row) {
      const std::int64_t from = row * rows.channels + at;
      for (std::int64_t i = 0; i < width; ++i) {
        const float diff = relu && dst[from + i] == 0.0f ? 0.0f : diff_dst[from + i];
        diff_dst[from + i] = diff;
        sum[i] += diff;
        product[i] += diff * (src[from + i] - mean[at + i]);
      }
    }
    for (std::int64_t i = 0; i < width; ++i) {
      sums[at + i] += static_cast<double>(sum[i]);
      products[at + i] += static_cast<double>(product[i]);
    }
  }
}

ETALON_SIMD_CLONES void region_diff_sums(const float* src, const float* dst, float* diff_dst,
                                         ChannelRows rows, const float* mean, bool relu,
                                         double* sums, double* products) {
  std::int64_t at = 0;
  for (; at + kLane <= rows.channels; at += kLane) {
    add_diff_sums(src, dst, diff_dst, rows, mean, relu, at, kLane, sums, products);
  }
  if (at < rows.channels) {
    add_diff_sums(src, dst, diff_dst, rows, mean, relu, at, rows.channels - at, sums, products);
  }
}

// diff_src = diff_dst·a + x·b + c of each channel.
ETALON_SIMD_CLONES void combine_rows(const float* __restrict src, const float* __restrict diff_dst,
                                     float* __restrict diff_src, ChannelRows rows,
                                     const float* __restrict a, const float* __restrict b,
                                     const float* __restrict c) {
  for (std::int64_t row = 0; row < rows.count; ++row) {
    const std::int64_t at = row * rows.channels;
    for (std::int64_t i = 0; i < rows.channels; ++i) {
      diff_src[at + i] = diff_dst[at + i] * a[i] + src[at + i] * b[i] + c[i];
    }
  }
}

}  // namespace channel_rows_detail

void add_channel_sums(const float* src, ChannelRows rows, double* sums, double* squares) {
  channel_rows_detail::region_sums(src, rows, sums, squares);
}

void scale_channels(const float* src, float* dst, ChannelRows rows, const float* scale,
                    const float* shift, bool relu) {
  channel_rows_detail::normalize_rows(src, dst, rows, scale, shift, relu);
}

void add_channel_diff_sums(const float* src, const float* dst, float* diff_dst, ChannelRows rows,
                           const float* mean, bool relu, double* sums, double* products) {
  channel_rows_detail::region_diff_sums(src, dst, diff_dst, rows, mean, relu, sums, products);
}

void combine_channels(const float* src, const float* diff_dst, float* diff_src, ChannelRows rows,
                      const float* a, const float* b, const float* c) {
  channel_rows_detail::combine_rows(src, diff_dst, diff_src, rows, a, b, c);
}

}  // namespace etalon
