#include "nn/hessian_product.hpp"

#include <variant>

#include "nn/layer_support.hpp"
#include "nn/softmax_loss.hpp"

namespace etalon {

// Makes the tangent layers of each layer of a model.
class HessianProduct::Builder {
 public:
  explicit Builder(HessianProduct& of) : of_(of), src_(&of.src_) {}

  void operator()(const DenseSpec& spec) {
    add_affine({of_.batch_size_, spec.in_features, spec.out_features, offset_, false, spec.relu,
                is_first_});
  }

  void operator()(const ConvolutionSpec& spec) {
    const ImageShape out = spec.out();
    const std::int64_t pixels = out.height * out.width;
    const std::int64_t fan_in = spec.in.channels * spec.kernel * spec.kernel;
    add_selection(spec.in.size(), pixels * fan_in,
                  [&](std::int64_t i) { return unfolded(spec, i / fan_in, i % fan_in); });
    add_affine(
        {of_.batch_size_ * pixels, fan_in, spec.out_channels, offset_, true, true, is_first_});
    add_selection(out.size(), out.size(),
                  [&](std::int64_t i) { return i % pixels * spec.out_channels + i / pixels; });
  }

  void operator()(const MaxPoolSpec& spec) { add(make_pooling(spec, of_.batch_size_, *src_)); }
  void operator()(const FlattenSpec&) {}  // rows of a batch lie as its images do

 private:
  // The value of the image that stands in row `pixel` and column `at` of (C, K, K).
  static std::int64_t unfolded(const ConvolutionSpec& spec, std::int64_t pixel, std::int64_t at) {
    const std::int64_t area = spec.kernel * spec.kernel, width = spec.out().width;
    const std::int64_t y = pixel / width + at % area / spec.kernel - spec.padding;
    const std::int64_t x = pixel % width + at % spec.kernel - spec.padding;
    if (y < 0 || y >= spec.in.height || x < 0 || x >= spec.in.width) return -1;
    return (at / area * spec.in.height + y) * spec.in.width + x;
  }

  void add(std::unique_ptr<TangentLayer> layer) {
    of_.layers_.push_back(std::move(layer));
    src_ = &of_.layers_.back()->dst();
  }
  void add_selection(std::int64_t src_size, std::int64_t dst_size, const Selected& selected) {
    add(make_selection(of_.batch_size_, src_size, dst_size, selected, *src_));
  }
  void add_affine(const AffineShape& shape) {
    if (is_first_) of_.first_trained_ = of_.layers_.size();
    add(make_affine(shape, *src_));
    offset_ += (shape.in + 1) * shape.out;
    is_first_ = false;
  }

  HessianProduct& of_;
  TangentTensor* src_;
  std::int64_t offset_ = 0;
  bool is_first_ = true;
};

HessianProduct::HessianProduct(const ModelSpec& model, std::int64_t batch_size)
    : batch_size_(batch_size),
      classes_(model.classes),
      src_(batch_size * model.input.size()),
      labels_(static_cast<std::size_t>(batch_size)) {
  Builder build(*this);
  for (const LayerSpec& layer : model.layers) std::visit(build, layer);
}

void HessianProduct::prepare(std::span<const float> weights) {
  compute_alone();
  for (const auto& layer : layers_) layer->forward(weights.data());
  differentiate_loss();
  for (std::size_t i = layers_.size(); i-- > first_trained_;) layers_[i]->backward(weights.data());
}

void HessianProduct::multiply(std::span<const float> weights, std::span<const float> direction,
                              const GradientSink& sink) {
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
  softmax_loss_and_gradient(logits.value, labels_, classes_, logits.diff);
}

// With p = softmax(z): diff = (p − onehot)/N, so that its derivative is p∘(ż − p·ż)/N.
void HessianProduct::differentiate_loss_along() {
  TangentTensor& logits = layers_.back()->dst();
  const auto classes = static_cast<std::size_t>(classes_);
  const float share = 1.0f / static_cast<float>(batch_size_);
  for (std::size_t n = 0; n < labels_.size(); ++n) {
    const std::size_t row = n * classes, label = row + static_cast<std::size_t>(labels_[n]);
    const auto weight = [&](std::size_t i) {
      return logits.diff[i] + (i == label ? share : 0.0f);  // p/N
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
