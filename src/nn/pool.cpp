// Pooling over images channels last, some neighbouring channels at a time in a vector.
#include <algorithm>
#include <cstring>
#include <limits>

#include "core/simd.hpp"
#include "nn/layers.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace pool_detail {

// `width` channels side by side, as the compilers' vector extension has them: four, which every
// x86-64 has; compilers take wider ones apart, value by value, before they clone a function.
template <int width>
struct Lanes {
  typedef float Type __attribute__((vector_size(width * sizeof(float))));
};
template <>
struct Lanes<1> {
  using Type = float;
};

template <int width>
[[gnu::always_inline]] inline void load(typename Lanes<width>::Type& to, const float* from) {
  std::memcpy(&to, from, sizeof(to));
}
template <int width>
[[gnu::always_inline]] inline void store(float* to, const typename Lanes<width>::Type& from) {
  std::memcpy(to, &from, sizeof(from));
}

struct Windows {
  TensorShape in, out;
  std::int64_t window_height, window_width, stride;
  float share() const { return 1.0f / static_cast<float>(window_height * window_width); }
  bool are_two_by_two() const { return window_height == 2 && window_width == 2; }
  bool overlap() const { return stride < window_height || stride < window_width; }
  // Whether every pixel lies in one window, and in one alone.
  bool tile() const {
    return !overlap() && out.height * window_height == in.height &&
           out.width * window_width == in.width;
  }
};

// Calls function.operator()<width>(first channel) for groups that cover all channels. Where the
// last ones may `overlap`, what is left over is done together with channels that were done before.
template <typename Function>
[[gnu::always_inline]] inline void for_channel_groups(std::int64_t channels, bool overlap,
                                                      Function&& function) {
  std::int64_t at = 0;
  for (; at + 4 <= channels; at += 4) function.template operator()<4>(at);
  if (overlap && at < channels && channels >= 4) {
    return function.template operator()<4>(channels - 4);
  }
  for (; at < channels; ++at) function.template operator()<1>(at);
}

// Calls with the offset of each value of a window from its first. `size` is that of a square window
// where the compiler is to know it, else 0.
template <int size, typename Function>
[[gnu::always_inline]] inline void for_window(const Windows& w, Function&& function) {
  const std::int64_t channels = w.in.channels, row = w.in.width * channels;
  if constexpr (size == 2) {
    function(0), function(channels), function(row), function(row + channels);
    return;
  }
  for (std::int64_t y = 0; y < w.window_height; ++y) {
    for (std::int64_t x = 0; x < w.window_width; ++x) function(y * row + x * channels);
  }
}

// One row of windows of one image, of channels [first, first + width): `rows` are its first row of
// pixels.
template <int width, bool maximum, int size>
[[gnu::always_inline]] inline void pool_row(const Windows& w, const float* rows, float* dst,
                                            std::int64_t first) {
  const std::int64_t channels = w.in.channels;
  const float share = w.share();
  for (std::int64_t x = 0; x < w.out.width; ++x) {
    const float* window = rows + x * w.stride * channels + first;
    typename Lanes<width>::Type values = {}, value;
    if (maximum) values = values - std::numeric_limits<float>::infinity();
    for_window<size>(
        w, [&](std::int64_t at) __attribute__((always_inline)) {
          load<width>(value, window + at);
          if (maximum) {
            values = ((value > values) | (value != value)) ? value : values;  // a NaN is seen
          } else {
            values += value;
          }
        });
    if (!maximum) values *= share;
    store<width>(dst + x * channels + first, values);
  }
}

// The gradient of a maximum goes to the first of a window's values that is it, that of a mean to
// all; added to what is there where windows overlap.
template <int width, bool maximum, int size>
[[gnu::always_inline]] inline void spread_row(const Windows& w, const float* rows, const float* dst,
                                              const float* diff_dst, float* diff_rows,
                                              std::int64_t first) {
  const std::int64_t channels = w.in.channels;
  const bool adds = size == 0 && w.overlap();
  const typename Lanes<width>::Type zero = {};
  for (std::int64_t x = 0; x < w.out.width; ++x) {
    const std::int64_t begin = x * w.stride * channels + first, to = x * channels + first;
    typename Lanes<width>::Type left, largest = {}, value, sum;
    load<width>(left, diff_dst + to);
    if (maximum) load<width>(largest, dst + to);
    if (!maximum) left *= w.share();
    for_window<size>(
        w, [&](std::int64_t at) __attribute__((always_inline)) {
          typename Lanes<width>::Type taken = left;
          if (maximum) {
            load<width>(value, rows + begin + at);
            taken = value == largest ? left : zero;
            left = value == largest ? zero : left;
          }
          if (adds) {
            load<width>(sum, diff_rows + begin + at);
            taken += sum;
          }
          store<width>(diff_rows + begin + at, taken);
        });
  }
}

template <bool maximum>
[[gnu::always_inline]] inline void pool_channels(const Windows& w, const float* rows, float* dst) {
  for_channel_groups(
      w.in.channels, true, [&]<int width>(std::int64_t first) __attribute__((always_inline)) {
        if (w.are_two_by_two()) return pool_row<width, maximum, 2>(w, rows, dst, first);
        pool_row<width, maximum, 0>(w, rows, dst, first);
      });
}

template <bool maximum>
[[gnu::always_inline]] inline void spread_channels(const Windows& w, const float* rows,
                                                   const float* dst, const float* diff_dst,
                                                   float* diff_rows) {
  for_channel_groups(
      w.in.channels,
      !w.overlap(), [&]<int width>(std::int64_t first) __attribute__((always_inline)) {
        if (w.are_two_by_two() && !w.overlap()) {
          return spread_row<width, maximum, 2>(w, rows, dst, diff_dst, diff_rows, first);
        }
        spread_row<width, maximum, 0>(w, rows, dst, diff_dst, diff_rows, first);
      });
}

ETALON_SIMD_CLONES void pool_maximum(const Windows& w, const float* rows, float* dst) {
  pool_channels<true>(w, rows, dst);
}
ETALON_SIMD_CLONES void pool_average(const Windows& w, const float* rows, float* dst) {
  pool_channels<false>(w, rows, dst);
}
ETALON_SIMD_CLONES void spread_maximum(const Windows& w, const float* rows, const float* dst,
                                       const float* diff_dst, float* diff_rows) {
  spread_channels<true>(w, rows, dst, diff_dst, diff_rows);
}
ETALON_SIMD_CLONES void spread_average(const Windows& w, const float* diff_dst, float* diff_rows) {
  spread_channels<false>(w, nullptr, nullptr, diff_dst, diff_rows);
}

}  // namespace pool_detail

namespace {

using namespace pool_detail;

class Pool final : public Layer {
 public:
  Pool(const LayerSpec& layer, const LayerContext& context, const float* src)
      : spec_(std::get<PoolSpec>(layer.kind)),
        windows_(windows_of(layer, spec_)),
        batch_size_(context.batch_size),
        src_(src) {
    dst_.resize(context.size(layer.out));
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(static_cast<std::size_t>(batch_size_ * windows_.in.size()));
  }

  void forward(const float*) override {
    for_rows([&](std::int64_t from, std::int64_t to) {
      if (is_maximum()) {
        pool_maximum(windows_, src_ + from, dst_.data() + to);
      } else {
        pool_average(windows_, src_ + from, dst_.data() + to);
      }
    });
  }

  void backward(const float*, const GradientSink&) override {
    if (diff_src_.empty()) return;
    if (!windows_.tile()) std::fill(diff_src_.begin(), diff_src_.end(), 0.0f);
    for_rows([&](std::int64_t from, std::int64_t to) {
      if (is_maximum()) {
        spread_maximum(windows_, src_ + from, dst_.data() + to, diff_dst_ + to,
                       diff_src_.data() + from);
      } else {
        spread_average(windows_, diff_dst_ + to, diff_src_.data() + from);
      }
    });
  }

 private:
  static Windows windows_of(const LayerSpec& layer, const PoolSpec& spec) {
    const TensorShape& in = layer.in;
    if (spec.window == 0) {
      return {in, layer.out, in.height, in.width, std::max(in.height, in.width)};
    }
    return {in, layer.out, spec.window, spec.window, spec.stride};
  }
  bool is_maximum() const { return spec_.kind == PoolSpec::Kind::maximum; }

  // Calls with where each row of windows begins in src and in dst.
  template <typename Function>
  void for_rows(Function&& function) const {
    const std::int64_t in_row = windows_.in.width * windows_.in.channels;
    const std::int64_t out_row = windows_.out.width * windows_.out.channels;
    for (std::int64_t n = 0; n < batch_size_; ++n) {
      for (std::int64_t y = 0; y < windows_.out.height; ++y) {
        function(n * windows_.in.size() + y * windows_.stride * in_row,
                 n * windows_.out.size() + y * out_row);
      }
    }
  }

  const PoolSpec spec_;
  const Windows windows_;
  const std::int64_t batch_size_;
  const float* const src_;
  float* diff_dst_ = nullptr;
};

}  // namespace

std::unique_ptr<Layer> make_pool(const LayerSpec& layer, const LayerContext& context, float* src) {
  return std::make_unique<Pool>(layer, context, src);
}

}  // namespace etalon
