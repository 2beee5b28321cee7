// Layers without parameters that touch each value alone: activation, dropout, and the step from
// images to rows.
#include <algorithm>

#include "core/random.hpp"
#include "core/simd.hpp"
#include "nn/activate.hpp"
#include "nn/layers.hpp"
#include "nn/transpose.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace plain_layers_detail {

// A 32-bit hash (Wellons 2018, "Prospecting for hash functions": lowbias32).
[[gnu::always_inline]] inline std::uint32_t mixed(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352du;
  x = (x ^ (x >> 15)) * 0x846ca68bu;
  return x ^ (x >> 16);
}

// dst = src · factor where the draw of a value is at least `threshold`, else 0.
ETALON_SIMD_CLONES void drop(const float* src, float* dst, std::int64_t size, std::uint32_t key,
                             std::uint32_t threshold, float factor) {
  for (std::int64_t i = 0; i < size; ++i) {
    const std::uint32_t draw = mixed(mixed(static_cast<std::uint32_t>(i)) ^ key);
    dst[i] = draw >= threshold ? src[i] * factor : 0.0f;
  }
}

}  // namespace plain_layers_detail

namespace {

class Activate final : public Layer {
 public:
  Activate(const LayerSpec& layer, const LayerContext& context, const float* src)
      : activation_(std::get<ActivationSpec>(layer.kind).activation), src_(src) {
    dst_.resize(context.size(layer.in));
  }
  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(dst_.size());
  }
  void forward(const float*) override { activate(src_, dst_.data(), size(), activation_); }
  void backward(const float*, const GradientSink&) override {
    if (diff_src_.empty()) return;
    std::copy_n(diff_dst_, diff_src_.size(), diff_src_.data());
    const float* values = needs_values_before(activation_) ? src_ : dst_.data();
    multiply_by_slope(diff_src_.data(), values, size(), activation_);
  }

 private:
  std::int64_t size() const { return static_cast<std::int64_t>(dst_.size()); }
  const Activation activation_;
  const float* const src_;
  float* diff_dst_ = nullptr;
};

// The same draws forward and backward: they are made anew from their key.
class Dropout final : public Layer {
 public:
  Dropout(const LayerSpec& layer, const LayerContext& context, const float* src)
      : rate_(context.training ? std::get<DropoutSpec>(layer.kind).rate : 0.0),
        batch_size_(context.batch_size),
        size_(layer.in.size()),
        layer_key_(RandomStream(0, layer.name).next_uint32()),
        src_(src) {
    dst_.resize(context.size(layer.in));
  }
  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(dst_.size());
  }
  void set_randomness(const Randomness& randomness) override { randomness_ = randomness; }
  void forward(const float*) override { drop_all(src_, dst_.data()); }
  void backward(const float*, const GradientSink&) override {
    if (!diff_src_.empty()) drop_all(diff_dst_, diff_src_.data());
  }

 private:
  void drop_all(const float* from, float* to) const {
    const auto threshold = static_cast<std::uint32_t>(rate_ * 4294967296.0);
    const auto factor = static_cast<float>(1.0 / (1.0 - rate_));
    for (std::int64_t n = 0; n < batch_size_; ++n) {
      plain_layers_detail::drop(from + n * size_, to + n * size_, size_, key_of(n), threshold,
                                factor);
    }
  }
  std::uint32_t key_of(std::int64_t n) const {
    const auto example = static_cast<std::uint64_t>(randomness_.first_example + n);
    const auto low = static_cast<std::uint32_t>(example);
    const auto high = static_cast<std::uint32_t>(example >> 32);
    const auto seed = static_cast<std::uint32_t>(randomness_.seed ^ (randomness_.seed >> 32));
    return philox4x32_10({low, high, 0, 0}, {seed, layer_key_})[0];
  }

  const double rate_;
  const std::int64_t batch_size_, size_;
  const std::uint32_t layer_key_;
  const float* const src_;
  Randomness randomness_;
  float* diff_dst_ = nullptr;
};

// Rows list the values channel by channel, whichever way images lie.
class Flatten final : public Layer {
 public:
  Flatten(const LayerSpec& layer, const LayerContext& context, const float* src)
      : shape_(layer.in), batch_size_(context.batch_size), src_(src) {
    dst_.resize(context.size(layer.in));
  }
  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(dst_.size());
  }
  void forward(const float*) override {
    transpose(src_, dst_.data(), batch_size_, shape_.pixels(), shape_.channels);
  }
  void backward(const float*, const GradientSink&) override {
    if (diff_src_.empty()) return;
    transpose(diff_dst_, diff_src_.data(), batch_size_, shape_.channels, shape_.pixels());
  }

 private:
  const TensorShape shape_;
  const std::int64_t batch_size_;
  const float* const src_;
  float* diff_dst_ = nullptr;
};

}  // namespace

std::unique_ptr<Layer> make_activation(const LayerSpec& layer, const LayerContext& context,
                                       float* src) {
  return std::make_unique<Activate>(layer, context, src);
}

std::unique_ptr<Layer> make_dropout(const LayerSpec& layer, const LayerContext& context,
                                    float* src) {
  return std::make_unique<Dropout>(layer, context, src);
}

std::unique_ptr<Layer> make_flatten(const LayerSpec& layer, const LayerContext& context,
                                    float* src) {
  return std::make_unique<Flatten>(layer, context, src);
}

}  // namespace etalon
