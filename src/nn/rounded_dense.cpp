// Dense layers whose products take their factors in bf16.
#include "nn/activate.hpp"
#include "nn/layer_support.hpp"
#include "nn/layers.hpp"
#include "nn/rounded_product.hpp"

namespace etalon {
namespace {

class RoundedDense final : public Layer {
 public:
  RoundedDense(const LayerSpec& layer, const LayerContext& context, const float* src)
      : spec_(std::get<DenseSpec>(layer.kind)),
        rows_(context.rows(layer.in)),
        in_(layer.in.channels),
        out_(layer.out.channels),
        src_(src),
        weights_offset_(spec_.tied ? context.embedding : layer.offset),
        rounded_src_(rows_, in_),
        rounded_weights_(spec_.tied ? out_ : in_, spec_.tied ? in_ : out_) {
    dst_.resize(static_cast<std::size_t>(rows_ * out_));
    if (needs_values_before(spec_.activation)) before_.resize(dst_.size());
    forward_ =
        RoundedProduct(rounded_src_.factor(), rounded_weights_.factor(spec_.tied), dst_.data());
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    rounded_diff_dst_ = RoundedMatrix(rows_, out_);
    diff_weights_.resize(static_cast<std::size_t>(in_ * out_));
    weights_gradient_ = spec_.tied
                            ? RoundedProduct(rounded_diff_dst_.factor(true), rounded_src_.factor(),
                                             diff_weights_.data())
                            : RoundedProduct(rounded_src_.factor(true), rounded_diff_dst_.factor(),
                                             diff_weights_.data());
    if (!need_diff_src) return;
    diff_src_.resize(static_cast<std::size_t>(rows_ * in_));
    src_gradient_ = RoundedProduct(rounded_diff_dst_.factor(), rounded_weights_.factor(!spec_.tied),
                                   diff_src_.data());
  }

  void forward(const float* weights) override {
    rounded_src_.round(src_);
    rounded_weights_.round(weights + weights_offset_);
    forward_.run();
    if (spec_.tied) return;
    add_bias_and_activate(dst_.data(), weights + bias_offset(), rows_, out_, spec_.activation,
                          before_.data());
  }

  bool overwrites_diff_dst() const override { return spec_.activation != Activation::none; }

  // With the weights that `forward` rounded: they are the same.
  void backward(const float*, const GradientSink& sink) override {
    const float* values = before_.empty() ? dst_.data() : before_.data();
    multiply_by_slope(diff_dst_, values, rows_ * out_, spec_.activation);
    rounded_diff_dst_.round(diff_dst_);
    if (!diff_src_.empty()) src_gradient_.run();
    weights_gradient_.run();
    deposit(diff_weights_.data(), in_ * out_, weights_offset_, sink);
    if (!spec_.tied) deposit_bias(sink);
  }

  bool knows_example_norms() const override { return false; }

 private:
  std::int64_t bias_offset() const { return weights_offset_ + in_ * out_; }

  void deposit_bias(const GradientSink& sink) {
    bias_sums_.resize(static_cast<std::size_t>(out_));
    sum_rows(diff_dst_, bias_sums_.data(), rows_, out_);
    deposit(bias_sums_.data(), out_, bias_offset(), sink);
  }

  const DenseSpec spec_;
  const std::int64_t rows_, in_, out_;
  const float* const src_;  // (rows, IC)
  const std::int64_t weights_offset_;
  RoundedMatrix rounded_src_, rounded_weights_, rounded_diff_dst_;
  RoundedProduct forward_, src_gradient_, weights_gradient_;
  AlignedVector diff_weights_, bias_sums_;
  AlignedVector before_;       // (rows, OC), before the activation; empty where not needed
  float* diff_dst_ = nullptr;  // (rows, OC)
};

}  // namespace

std::unique_ptr<Layer> make_rounded_dense(const LayerSpec& layer, const LayerContext& context,
                                          const float* src) {
  return std::make_unique<RoundedDense>(layer, context, src);
}

}  // namespace etalon
