// Self-attention. Scores and values are matrix products of each head of each example, which read
// query, key and value where they lie in the rows of the layer before.
#include <algorithm>
#include <cmath>

#include "core/simd.hpp"
#include "nn/activation_math.hpp"
#include "nn/layers.hpp"
#include "nn/matrix.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace attention_detail {

// Softmax over the first `seen` of each row of scores · scale, zero beyond; row t of a causal one
// sees t + 1.
ETALON_SIMD_CLONES void softmax_rows(float* scores, std::int64_t size, float scale, bool causal) {
  for (std::int64_t t = 0; t < size; ++t, scores += size) {
    const std::int64_t seen = causal ? t + 1 : size;
    float largest = scores[0];
    for (std::int64_t i = 1; i < seen; ++i) largest = scores[i] > largest ? scores[i] : largest;
    for (std::int64_t i = 0; i < seen; ++i) scores[i] = fast_exp(scale * (scores[i] - largest));
    float sum = 0.0f;
    for (std::int64_t i = 0; i < seen; ++i) sum += scores[i];
    const float share = 1.0f / sum;
    for (std::int64_t i = 0; i < seen; ++i) scores[i] *= share;
    for (std::int64_t i = seen; i < size; ++i) scores[i] = 0.0f;
  }
}

// diff = weight ∘ (diff - Σ weight·diff) · scale of each row: the softmax backward, in place.
ETALON_SIMD_CLONES void softmax_rows_backward(const float* weights, float* diff, std::int64_t size,
                                              float scale) {
  for (std::int64_t t = 0; t < size; ++t, weights += size, diff += size) {
    float sum = 0.0f;
    for (std::int64_t i = 0; i < size; ++i) sum += weights[i] * diff[i];
    for (std::int64_t i = 0; i < size; ++i) diff[i] = weights[i] * (diff[i] - sum) * scale;
  }
}

}  // namespace attention_detail

namespace {

class Attention final : public Layer {
 public:
  Attention(const LayerSpec& layer, const LayerContext& context, const float* src)
      : spec_(std::get<AttentionSpec>(layer.kind)),
        batch_size_(context.batch_size),
        positions_(layer.in.pixels()),
        features_(layer.out.channels),
        width_(features_ / spec_.heads),
        scale_(1.0f / std::sqrt(static_cast<float>(width_))),
        src_(src) {
    dst_.resize(context.size(layer.out));
    weights_.resize(static_cast<std::size_t>(batch_size_ * spec_.heads * area()));
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (!need_diff_src) return;
    diff_src_.resize(dst_.size() * 3);
    diff_weights_.resize(static_cast<std::size_t>(area()));
  }

  void forward(const float*) override {
    for_heads([&](std::int64_t in, std::int64_t out, float* weights) {
      const float* q = src_ + in;
      multiply(positions_, positions_, width_, {q, in_row()}, {q + features_, in_row(), true}, 1.0f,
               0.0f, weights, positions_);
      attention_detail::softmax_rows(weights, positions_, scale_, spec_.causal);
      multiply(positions_, width_, positions_, {weights, positions_}, {value(q), in_row()}, 1.0f,
               0.0f, dst_.data() + out, features_);
    });
  }

  void backward(const float*, const GradientSink&) override {
    if (diff_src_.empty()) return;
    for_heads([&](std::int64_t in, std::int64_t out, float* weights) {
      backward_head(src_ + in, diff_src_.data() + in, diff_dst_ + out, weights);
    });
  }

 private:
  std::int64_t area() const { return positions_ * positions_; }
  std::int64_t in_row() const { return 3 * features_; }
  const float* value(const float* query) const { return query + 2 * features_; }

  // Calls with where a head of an example begins in src and in dst, and with its weights.
  template <typename Function>
  void for_heads(Function&& function) {
    float* weights = weights_.data();
    for (std::int64_t n = 0; n < batch_size_; ++n) {
      for (std::int64_t h = 0; h < spec_.heads; ++h, weights += area()) {
        function(n * positions_ * in_row() + h * width_, n * positions_ * features_ + h * width_,
                 weights);
      }
    }
  }

  void backward_head(const float* query, float* diff_query, const float* diff_dst,
                     const float* weights) {
    float* const diff = diff_weights_.data();
    const std::int64_t t = positions_;
    multiply(t, width_, t, {weights, t, true}, {diff_dst, features_}, 1.0f, 0.0f,
             diff_query + 2 * features_, in_row());
    multiply(t, t, width_, {diff_dst, features_}, {value(query), in_row(), true}, 1.0f, 0.0f, diff,
             t);
    attention_detail::softmax_rows_backward(weights, diff, t, scale_);
    multiply(t, width_, t, {diff, t}, {query + features_, in_row()}, 1.0f, 0.0f, diff_query,
             in_row());
    multiply(t, width_, t, {diff, t, true}, {query, in_row()}, 1.0f, 0.0f, diff_query + features_,
             in_row());
  }

  const AttentionSpec spec_;
  const std::int64_t batch_size_, positions_, features_, width_;
  const float scale_;
  const float* const src_;      // (N, T, 3·D)
  AlignedVector weights_;       // (N, heads, T, T)
  AlignedVector diff_weights_;  // (T, T)
  float* diff_dst_ = nullptr;   // (N, T, D)
};

}  // namespace

std::unique_ptr<Layer> make_attention(const LayerSpec& layer, const LayerContext& context,
                                      float* src) {
  return std::make_unique<Attention>(layer, context, src);
}

}  // namespace etalon
