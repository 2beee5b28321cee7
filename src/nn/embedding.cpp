// Tokens to rows of a table, and learned vectors added to positions.
#include <algorithm>
#include <cstring>

#include "nn/activate.hpp"
#include "nn/layer_support.hpp"
#include "nn/layers.hpp"

namespace etalon {
namespace {

class Embedding final : public Layer {
 public:
  Embedding(const LayerSpec& layer, const LayerContext& context, const float* src)
      : features_(layer.out.channels),
        vocabulary_(std::get<EmbeddingSpec>(layer.kind).vocabulary),
        tokens_(context.rows(layer.in)),
        is_tied_(context.is_tied),
        offset_(layer.offset),
        src_(src) {
    dst_.resize(context.size(layer.out));
  }

  void build_backward(float* diff_dst, bool) override { diff_dst_ = diff_dst; }

  void forward(const float* weights) override {
    for (std::int64_t n = 0; n < tokens_; ++n) {
      std::memcpy(dst_.data() + n * features_, weights + offset_ + token(n) * features_,
                  static_cast<std::size_t>(features_) * sizeof(float));
    }
  }

  bool knows_example_norms() const override { return false; }

  void backward(const float*, const GradientSink& sink) override {
    float* const table = sink.data + offset_;
    if (!sink.accumulate && !is_tied_) std::fill_n(table, vocabulary_ * features_, 0.0f);
    const GradientSink adding{sink.data, sink.scale, true};
    for (std::int64_t n = 0; n < tokens_; ++n) {
      deposit(diff_dst_ + n * features_, features_, offset_ + token(n) * features_, adding);
    }
  }

 private:
  std::int64_t token(std::int64_t n) const { return static_cast<std::int64_t>(src_[n]); }

  const std::int64_t features_, vocabulary_, tokens_;
  const bool is_tied_;
  const std::int64_t offset_;
  const float* const src_;  // tokens, written as floats
  float* diff_dst_ = nullptr;
};

class Positions final : public Layer {
 public:
  Positions(const LayerSpec& layer, const LayerContext& context, const float* src)
      : size_(layer.in.size()), batch_size_(context.batch_size), offset_(layer.offset), src_(src) {
    dst_.resize(context.size(layer.in));
    sums_.resize(static_cast<std::size_t>(size_));
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(dst_.size());
  }

  void forward(const float* weights) override {
    std::copy_n(src_, dst_.size(), dst_.data());
    add_bias_and_activate(dst_.data(), weights + offset_, batch_size_, size_, Activation::none,
                          nullptr);
  }

  bool knows_example_norms() const override { return false; }

  void backward(const float*, const GradientSink& sink) override {
    if (!diff_src_.empty()) std::copy_n(diff_dst_, diff_src_.size(), diff_src_.data());
    sum_rows(diff_dst_, sums_.data(), batch_size_, size_);
    deposit(sums_.data(), size_, offset_, sink);
  }

 private:
  const std::int64_t size_, batch_size_, offset_;
  const float* const src_;
  AlignedVector sums_;
  float* diff_dst_ = nullptr;
};

}  // namespace

std::unique_ptr<Layer> make_embedding(const LayerSpec& layer, const LayerContext& context,
                                      float* src) {
  return std::make_unique<Embedding>(layer, context, src);
}

std::unique_ptr<Layer> make_positions(const LayerSpec& layer, const LayerContext& context,
                                      float* src) {
  return std::make_unique<Positions>(layer, context, src);
}

}  // namespace etalon
