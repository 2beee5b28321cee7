// Dense layers through oneDNN's sgemm. Weights are (IC, OC), so that the forward product reads both
// operands as they lie, and the weights' gradient can be accumulated straight into its destination.
#include <algorithm>

#include "core/simd.hpp"
#include "nn/activate.hpp"
#include "nn/layer_support.hpp"
#include "nn/layers.hpp"
#include "nn/matrix.hpp"

namespace etalon {

// Cloned functions need external linkage, see core/simd.hpp.
namespace dense_detail {

// Sums run side by side in single precision, and together in double.
[[gnu::always_inline]] inline double squared_length(const float* row, std::int64_t size) {
  constexpr std::int64_t kLanes = 16;
  float lanes[kLanes] = {};
  std::int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::int64_t k = 0; k < kLanes; ++k) lanes[k] += row[i + k] * row[i + k];
  }
  double sum = 0.0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  for (; i < size; ++i) sum += static_cast<double>(row[i]) * static_cast<double>(row[i]);
  return sum;
}

// norms[n] += factor · (|src_n|² + 1) · |diff_dst_n|²: the gradient of one example with respect to
// weights and bias is the outer product of (src_n, 1) and diff_dst_n (Goodfellow 2015, arXiv
// 1510.01799).
ETALON_SIMD_CLONES void add_outer_norms(const float* src, std::int64_t in, const float* diff_dst,
                                        std::int64_t out, std::int64_t rows, double factor,
                                        double* norms) {
  for (std::int64_t n = 0; n < rows; ++n, src += in, diff_dst += out) {
    norms[n] += factor * (squared_length(src, in) + 1.0) * squared_length(diff_dst, out);
  }
}

}  // namespace dense_detail

namespace {

class Dense final : public Layer {
 public:
  Dense(const LayerSpec& layer, const LayerContext& context, const float* src)
      : activation_(std::get<DenseSpec>(layer.kind).activation),
        rows_(context.rows(layer.in)),
        in_(layer.in.channels),
        out_(layer.out.channels),
        is_row_(layer.in.pixels() == 1),
        src_(src),
        weights_offset_(layer.offset),
        bias_offset_(layer.offset + in_ * out_),
        bias_sums_(static_cast<std::size_t>(out_)) {
    dst_.resize(static_cast<std::size_t>(rows_ * out_));
    const bool keeps_before = activation_ != Activation::none && activation_ != Activation::relu;
    if (keeps_before) before_.resize(dst_.size());
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(static_cast<std::size_t>(rows_ * in_));
  }

  void forward(const float* weights) override {
    multiply(rows_, out_, in_, {src_, in_}, {weights + weights_offset_, out_}, 1.0f, 0.0f,
             dst_.data(), out_);
    add_bias_and_activate(dst_.data(), weights + bias_offset_, rows_, out_, activation_,
                          before_.data());
  }

  bool overwrites_diff_dst() const override { return activation_ != Activation::none; }

  void backward(const float* weights, const GradientSink& sink) override {
    const float* values = needs_values_before(activation_) ? before_.data() : dst_.data();
    multiply_by_slope(diff_dst_, values, rows_ * out_, activation_);
    // Before the sink is written: it may be the weights themselves.
    if (!diff_src_.empty()) {
      multiply(rows_, in_, out_, {diff_dst_, out_}, {weights + weights_offset_, out_, true}, 1.0f,
               0.0f, diff_src_.data(), in_);
    }
    multiply(in_, out_, rows_, {src_, in_, true}, {diff_dst_, out_}, sink.scale,
             sink.accumulate ? 1.0f : 0.0f, sink.data + weights_offset_, out_);
    sum_rows(diff_dst_, bias_sums_.data(), rows_, out_);
    deposit(bias_sums_.data(), out_, bias_offset_, sink);
  }

  bool knows_example_norms() const override { return is_row_; }
  void add_squared_norms(double factor, double* norms) const override {
    dense_detail::add_outer_norms(src_, in_, diff_dst_, out_, rows_, factor, norms);
  }

 private:
  const Activation activation_;
  const std::int64_t rows_, in_, out_;
  const bool is_row_;       // one row for each example
  const float* const src_;  // (rows, IC)
  const std::int64_t weights_offset_, bias_offset_;
  AlignedVector bias_sums_;    // (OC)
  AlignedVector before_;       // (rows, OC), before the activation; empty where not needed
  float* diff_dst_ = nullptr;  // (rows, OC)
};

// Without bias, through the embedding's table (OC, IC), whose gradient gets a part from here too.
class TiedDense final : public Layer {
 public:
  TiedDense(const LayerSpec& layer, const LayerContext& context, const float* src)
      : rows_(context.rows(layer.in)),
        in_(layer.in.channels),
        out_(layer.out.channels),
        src_(src),
        table_(context.embedding) {
    dst_.resize(static_cast<std::size_t>(rows_ * out_));
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    if (need_diff_src) diff_src_.resize(static_cast<std::size_t>(rows_ * in_));
  }

  void forward(const float* weights) override {
    multiply(rows_, out_, in_, {src_, in_}, {weights + table_, in_, true}, 1.0f, 0.0f, dst_.data(),
             out_);
  }

  void backward(const float* weights, const GradientSink& sink) override {
    if (!diff_src_.empty()) {
      multiply(rows_, in_, out_, {diff_dst_, out_}, {weights + table_, in_}, 1.0f, 0.0f,
               diff_src_.data(), in_);
    }
    multiply(out_, in_, rows_, {diff_dst_, out_, true}, {src_, in_}, sink.scale,
             sink.accumulate ? 1.0f : 0.0f, sink.data + table_, in_);
  }

  bool knows_example_norms() const override { return false; }

 private:
  const std::int64_t rows_, in_, out_;
  const float* const src_;
  const std::int64_t table_;
  float* diff_dst_ = nullptr;
};

// Products with so few columns take as long in bf16 as in float.
bool gains_by_rounding(const LayerSpec& layer) {
  constexpr std::int64_t kFewColumns = 16;
  return std::min(layer.in.channels, layer.out.channels) > kFewColumns;
}

}  // namespace

std::unique_ptr<Layer> make_dense(const LayerSpec& layer, const LayerContext& context, float* src) {
  if (context.precision == Precision::bf16 && gains_by_rounding(layer)) {
    return make_rounded_dense(layer, context, src);
  }
  if (std::get<DenseSpec>(layer.kind).tied) {
    return std::make_unique<TiedDense>(layer, context, src);
  }
  return std::make_unique<Dense>(layer, context, src);
}

}  // namespace etalon
