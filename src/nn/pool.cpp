// Pooling by plain loops over images channels last: a row of windows is a maximum (or sum) of whole
// rows of pixels first, which compilers turn into vector instructions.
#include <algorithm>
#include <limits>

#include "core/simd.hpp"
#include "nn/layers.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace pool_detail {

struct Windows {
  TensorShape in, out;
  std::int64_t window_height, window_width, stride;
  float share() const { return 1.0f / static_cast<float>(window_height * window_width); }
};

[[gnu::always_inline]] inline void take_maximum(float& to, float value) {
  to = value > to || value != value ? value : to;  // a NaN stays visible
}

// One row of windows of one image: `rows` are its first row of pixels.
ETALON_SIMD_CLONES void pool_maximum(const Windows& w, const float* rows, float* dst) {
  const std::int64_t C = w.in.channels, length = w.in.width * C;
  std::fill_n(dst, w.out.width * C, -std::numeric_limits<float>::infinity());
  for (std::int64_t y = 0; y < w.window_height; ++y) {
    for (std::int64_t x = 0; x < w.out.width; ++x) {
      const float* pixel = rows + y * length + x * w.stride * C;
      for (std::int64_t k = 0; k < w.window_width; ++k) {
        for (std::int64_t c = 0; c < C; ++c) take_maximum(dst[x * C + c], pixel[k * C + c]);
      }
    }
  }
}

ETALON_SIMD_CLONES void pool_average(const Windows& w, const float* rows, float* dst) {
  const std::int64_t C = w.in.channels, length = w.in.width * C;
  std::fill_n(dst, w.out.width * C, 0.0f);
  for (std::int64_t y = 0; y < w.window_height; ++y) {
    for (std::int64_t x = 0; x < w.out.width; ++x) {
      const float* pixel = rows + y * length + x * w.stride * C;
      for (std::int64_t k = 0; k < w.window_width; ++k) {
        for (std::int64_t c = 0; c < C; ++c) dst[x * C + c] += pixel[k * C + c];
      }
    }
  }
  const float share = w.share();
  for (std::int64_t i = 0; i < w.out.width * C; ++i) dst[i] *= share;
}

// The gradient goes to the first of a window's values that is its maximum.
ETALON_SIMD_CLONES void spread_maximum(const Windows& w, const float* rows, const float* dst,
                                       float* diff_dst, float* diff_rows) {
  const std::int64_t C = w.in.channels, length = w.in.width * C;
  for (std::int64_t y = 0; y < w.window_height; ++y) {
    for (std::int64_t x = 0; x < w.out.width; ++x) {
      const std::int64_t pixel = y * length + x * w.stride * C;
      for (std::int64_t k = 0; k < w.window_width; ++k) {
        for (std::int64_t c = 0; c < C; ++c) {
          const std::int64_t to = x * C + c, from = pixel + k * C + c;
          const float taken = rows[from] == dst[to] ? diff_dst[to] : 0.0f;
          diff_rows[from] += taken;
          diff_dst[to] -= taken;  // nothing is left for the next one
        }
      }
    }
  }
}

ETALON_SIMD_CLONES void spread_average(const Windows& w, const float* diff_dst, float* diff_rows) {
  const std::int64_t C = w.in.channels, length = w.in.width * C;
  const float share = w.share();
  for (std::int64_t y = 0; y < w.window_height; ++y) {
    for (std::int64_t x = 0; x < w.out.width; ++x) {
      float* pixel = diff_rows + y * length + x * w.stride * C;
      for (std::int64_t k = 0; k < w.window_width; ++k) {
        for (std::int64_t c = 0; c < C; ++c) pixel[k * C + c] += share * diff_dst[x * C + c];
      }
    }
  }
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

  bool overwrites_diff_dst() const override { return is_maximum(); }

  void backward(const float*, const GradientSink&) override {
    if (diff_src_.empty()) return;
    std::fill(diff_src_.begin(), diff_src_.end(), 0.0f);
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
    if (spec.window == 0) return {layer.in, layer.out, layer.in.height, layer.in.width, 1};
    return {layer.in, layer.out, spec.window, spec.window, spec.stride};
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
