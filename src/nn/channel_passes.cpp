#include "nn/channel_passes.hpp"

#include <algorithm>

#include "core/simd.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp. All of them pass over rows of `width`
// values.
namespace channel_passes_detail {

ETALON_SIMD_CLONES void add_moments(const float* __restrict src, std::int64_t rows,
                                    std::int64_t width, const float* __restrict origin,
                                    float* __restrict sums, float* __restrict squares) {
  for (std::int64_t row = 0; row < rows; ++row, src += width) {
    for (std::int64_t i = 0; i < width; ++i) {
      const float value = src[i] - origin[i];
      sums[i] += value;
      squares[i] += value * value;
    }
  }
}

ETALON_SIMD_CLONES void map(const float* __restrict src, float* __restrict dst, std::int64_t rows,
                            std::int64_t width, const float* __restrict scale,
                            const float* __restrict shift, bool relu) {
  for (std::int64_t row = 0; row < rows; ++row, src += width, dst += width) {
    for (std::int64_t i = 0; i < width; ++i) {
      const float value = src[i] * scale[i] + shift[i];
      dst[i] = relu && value < 0.0f ? 0.0f : value;
    }
  }
}

ETALON_SIMD_CLONES void add_gradient_moments(const float* __restrict src,
                                             const float* __restrict diff_dst, std::int64_t rows,
                                             std::int64_t width, const float* __restrict scale,
                                             const float* __restrict shift, bool relu,
                                             const float* __restrict mean, float* __restrict sums,
                                             float* __restrict products) {
  for (std::int64_t row = 0; row < rows; ++row, src += width, diff_dst += width) {
    for (std::int64_t i = 0; i < width; ++i) {
      const float value = src[i] * scale[i] + shift[i];
      const float g = relu && value <= 0.0f ? 0.0f : diff_dst[i];
      sums[i] += g;
      products[i] += g * (src[i] - mean[i]);
    }
  }
}

ETALON_SIMD_CLONES void combine(const float* __restrict src, const float* __restrict diff_dst,
                                float* __restrict diff_src, std::int64_t rows, std::int64_t width,
                                const float* __restrict scale, const float* __restrict shift,
                                bool relu, const float* __restrict a, const float* __restrict b,
                                const float* __restrict c) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < width; ++i) {
      const float value = src[i] * scale[i] + shift[i];
      const float g = relu && value <= 0.0f ? 0.0f : diff_dst[i];
      diff_src[i] = g * a[i] + src[i] * b[i] + c[i];
    }
    src += width, diff_dst += width, diff_src += width;
  }
}

}  // namespace channel_passes_detail

namespace {

using namespace channel_passes_detail;

constexpr std::int64_t kLeastWidth = 64;
constexpr std::int64_t kBlock = 64;  // wide rows whose sums are kept in single precision

std::int64_t width_for(std::int64_t channels) {
  return channels * ((kLeastWidth + channels - 1) / channels);
}

// Calls with where wide rows begin, how many there are, and how wide they are: at most `most` at a
// time, and the narrower rest last.
template <typename Function>
void for_wide_rows(std::int64_t size, std::int64_t width, std::int64_t most, Function&& function) {
  std::int64_t at = 0;
  while (size - at >= width) {
    const std::int64_t rows = std::min((size - at) / width, most);
    function(at, rows, width);
    at += rows * width;
  }
  if (at < size) function(at, std::int64_t{1}, size - at);
}

}  // namespace

ChannelPasses::ChannelPasses(std::int64_t channels)
    : channels_(channels), width_(width_for(channels)) {
  for (auto* values : {&scale_, &shift_, &origin_, &a_, &b_, &c_, &sums_, &others_}) {
    values->resize(static_cast<std::size_t>(width_));
  }
}

void ChannelPasses::repeat(const float* values, AlignedVector& to) const {
  for (std::int64_t at = 0; at < width_; at += channels_) {
    std::copy_n(values, channels_, to.data() + at);
  }
}

void ChannelPasses::add_sums_to(double* sums, double* others) {
  for (std::int64_t at = 0; at < width_; at += channels_) {
    for (std::int64_t c = 0; c < channels_; ++c) {
      sums[c] += static_cast<double>(sums_[static_cast<std::size_t>(at + c)]);
      others[c] += static_cast<double>(others_[static_cast<std::size_t>(at + c)]);
    }
  }
  std::ranges::fill(sums_, 0.0f);
  std::ranges::fill(others_, 0.0f);
}

void ChannelPasses::set_map(const float* scale, const float* shift, bool relu) {
  repeat(scale, scale_);
  repeat(shift, shift_);
  relu_ = relu;
}

void ChannelPasses::add_moments(const float* src, std::int64_t rows, double* sums,
                                double* squares) {
  repeat(src, origin_);
  const auto pass = [&](std::int64_t at, std::int64_t count, std::int64_t width) {
    channel_passes_detail::add_moments(src + at, count, width, origin_.data(), sums_.data(),
                                       others_.data());
    add_sums_to(sums, squares);
  };
  for_wide_rows(rows * channels_, width_, kBlock, pass);
}

void ChannelPasses::map(const float* src, float* dst, std::int64_t rows) const {
  const auto pass = [&](std::int64_t at, std::int64_t count, std::int64_t width) {
    channel_passes_detail::map(src + at, dst + at, count, width, scale_.data(), shift_.data(),
                               relu_);
  };
  for_wide_rows(rows * channels_, width_, rows, pass);
}

void ChannelPasses::add_gradient_moments(const float* src, const float* diff_dst, std::int64_t rows,
                                         const float* mean, double* sums, double* products) {
  repeat(mean, origin_);
  const auto pass = [&](std::int64_t at, std::int64_t count, std::int64_t width) {
    channel_passes_detail::add_gradient_moments(src + at, diff_dst + at, count, width,
                                                scale_.data(), shift_.data(), relu_, origin_.data(),
                                                sums_.data(), others_.data());
    add_sums_to(sums, products);
  };
  for_wide_rows(rows * channels_, width_, kBlock, pass);
}

void ChannelPasses::combine(const float* src, const float* diff_dst, float* diff_src,
                            std::int64_t rows, const float* a, const float* b, const float* c) {
  repeat(a, a_);
  repeat(b, b_);
  repeat(c, c_);
  const auto pass = [&](std::int64_t at, std::int64_t count, std::int64_t width) {
    channel_passes_detail::combine(src + at, diff_dst + at, diff_src + at, count, width,
                                   scale_.data(), shift_.data(), relu_, a_.data(), b_.data(),
                                   c_.data());
  };
  for_wide_rows(rows * channels_, width_, rows, pass);
}

}  // namespace etalon
