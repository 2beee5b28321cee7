#include "nn/hessian_product.hpp"

#include <algorithm>
#include <variant>

#include "nn/layer_support.hpp"
#include "nn/loss.hpp"

namespace etalon {

// Makes the tangent layers of each layer of a model.
class HessianProduct::Builder {
 public:
  explicit Builder(HessianProduct& of) : of_(of), src_(&of.src_) {}

  void add(const LayerSpec& layer) {
    layer_ = &layer;
    std::visit(*this, layer.kind);
  }

  void operator()(const DenseSpec& spec) {
    add_affine({of_.batch_size_, layer_->in.channels, spec.out_features, layer_->offset, false,
                spec.activation == Activation::relu, is_first_});
  }

  void operator()(const ConvolutionSpec& spec) {
    const TensorShape &in = layer_->in, &out = layer_->out;
    const std::int64_t fan_in = in.channels * spec.kernel * spec.kernel;
    add_selection(in.size(), out.pixels() * fan_in,
                  [&](std::int64_t i) { return unfolded(spec, i / fan_in, i % fan_in); });
    add_affine({of_.batch_size_ * out.pixels(), fan_in, spec.out_channels, layer_->offset, true,
                spec.activation == Activation::relu, is_first_});
    add_selection(out.size(), out.size(), [&](std::int64_t i) {
      return i % out.pixels() * spec.out_channels + i / out.pixels();
    });
  }

  void operator()(const PoolSpec&) {
    append(make_pooling(layer_->in, layer_->out, of_.batch_size_, *src_));
  }
  template <typename Other>
  void operator()(const Other&) {}  // a flatten: rows of a batch lie as its images do

 private:
  // The value of the image that stands in row `pixel` and column `at` of (C, K, K).
  std::int64_t unfolded(const ConvolutionSpec& spec, std::int64_t pixel, std::int64_t at) const {
    const TensorShape& in = layer_->in;
    const std::int64_t area = spec.kernel * spec.kernel, width = layer_->out.width;
    const std::int64_t y = pixel / width + at % area / spec.kernel - spec.padding;
    const std::int64_t x = pixel % width + at % spec.kernel - spec.padding;
    if (y < 0 || y >= in.height || x < 0 || x >= in.width) return -1;
    return (at / area * in.height + y) * in.width + x;
  }

  void append(std::unique_ptr<TangentLayer> layer) {
    of_.layers_.push_back(std::move(layer));
    src_ = &of_.layers_.back()->dst();
  }
  void add_selection(std::int64_t src_size, std::int64_t dst_size, const Selected& selected) {
    append(make_selection(of_.batch_size_, src_size, dst_size, selected, *src_));
  }
  void add_affine(const AffineShape& shape) {
    if (is_first_) of_.first_trained_ = of_.layers_.size();
    append(make_affine(shape, *src_));
    is_first_ = false;
  }

  HessianProduct& of_;
  TangentTensor* src_;
  const LayerSpec* layer_ = nullptr;
  bool is_first_ = true;
};

namespace {

// Whether tangent layers know a layer.
struct IsKnown {
  const LayerSpec& layer;
  static bool is_bent(Activation activation) {
    return activation == Activation::none || activation == Activation::relu;
  }
  bool operator()(const DenseSpec& spec) const {
    return !spec.tied && layer.in.pixels() == 1 && is_bent(spec.activation);
  }
  bool operator()(const ConvolutionSpec& spec) const {
    return spec.bias && spec.groups == 1 && spec.stride == 1;
  }
  bool operator()(const PoolSpec& spec) const {
    return spec.kind == PoolSpec::Kind::maximum && spec.window > 0 && spec.window == spec.stride;
  }
  bool operator()(const FlattenSpec&) const { return true; }
  template <typename Other>
  bool operator()(const Other&) const {
    return false;
  }
};

}  // namespace

bool HessianProduct::is_exact_for(const ModelSpec& model) {
  return model.task.classes > 0 && std::ranges::all_of(model.layers, [](const LayerSpec& layer) {
           return std::visit(IsKnown{layer}, layer.kind);
         });
}

HessianProduct::HessianProduct(const ModelSpec& model, std::int64_t batch_size)
    : batch_size_(batch_size),
      classes_(model.task.classes),
      smoothing_(model.task.label_smoothing),
      src_(batch_size * model.input().size()),
      labels_(static_cast<std::size_t>(batch_size)) {
  if (!is_exact_for(model)) {
    differences_.emplace(model, batch_size);
    return;
  }
  Builder build(*this);
  for (const LayerSpec& layer : model.layers) build.add(layer);
}

void HessianProduct::prepare(std::span<const float> weights) {
  if (differences_) return;
  compute_alone();
  for (const auto& layer : layers_) layer->forward(weights.data());
  differentiate_loss();
  for (std::size_t i = layers_.size(); i-- > first_trained_;) layers_[i]->backward(weights.data());
}

void HessianProduct::multiply(std::span<const float> weights, std::span<const float> direction,
                              const GradientSink& sink) {
  if (differences_) return differences_->multiply(weights, direction, sink);
  compute_alone();
  for (std::size_t i = first_trained_; i < layers_.size(); ++i) {
    layers_[i]->forward_dot(weights.data(), direction.data());
  }
  differentiate_loss_along();
  for (std::size_t i = layers_.size(); i-- > first_trained_;) {
    layers_[i]->backward_dot(weights.data(), direction.data(), sink);
  }
}

void HessianProduct::differentiate_loss() {
  TangentTensor& logits = layers_.back()->dst();
  SoftmaxLoss{classes_, 1, smoothing_}.loss_and_gradient(logits.value, labels_, logits.diff);
}

// With p = softmax(z): diff = (p − label)/N, so that its derivative is p∘(ż − p·ż)/N.
void HessianProduct::differentiate_loss_along() {
  TangentTensor& logits = layers_.back()->dst();
  const auto classes = static_cast<std::size_t>(classes_);
  const float share = 1.0f / static_cast<float>(batch_size_);
  const auto smoothing = static_cast<float>(smoothing_);
  const float spread = share * smoothing / static_cast<float>(classes_);
  const float kept = share * (1.0f - smoothing);
  for (std::size_t n = 0; n < labels_.size(); ++n) {
    const std::size_t row = n * classes, label = row + static_cast<std::size_t>(labels_[n]);
    const auto weight = [&](std::size_t i) {
      return logits.diff[i] + spread + (i == label ? kept : 0.0f);  // p/N
    };
    float mean = 0.0f;
    for (std::size_t i = row; i < row + classes; ++i) mean += weight(i) * logits.dot[i];
    mean /= share;
    for (std::size_t i = row; i < row + classes; ++i) {
      logits.diff_dot[i] = weight(i) * (logits.dot[i] - mean);
    }
  }
}

}  // namespace etalon
