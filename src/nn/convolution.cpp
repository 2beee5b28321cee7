// Convolutions as oneDNN primitives, with images channels last. oneDNN chooses the format of the
// weights alone; parameters stay plain and are reordered, which costs little: they are small.
#include <optional>
#include <unordered_map>

#include "nn/activate.hpp"
#include "nn/layer_support.hpp"
#include "nn/layers.hpp"

namespace etalon {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

constexpr auto kFloat = memory::data_type::f32;

// What both directions are described by.
struct ConvolutionShape {
  ConvolutionShape(const LayerSpec& layer, std::int64_t batch_size)
      : spec(std::get<ConvolutionSpec>(layer.kind)),
        in(layer.in),
        out(layer.out),
        batch(batch_size),
        in_channels(layer.in.channels / spec.groups),
        out_channels(spec.out_channels / spec.groups) {}

  memory::desc images(const TensorShape& shape) const {
    return {{batch, shape.channels, shape.height, shape.width}, kFloat, memory::format_tag::nhwc};
  }
  memory::desc weights(bool plain) const {
    if (spec.groups == 1) {
      return {{spec.out_channels, in_channels, spec.kernel, spec.kernel},
              kFloat,
              plain ? memory::format_tag::oihw : memory::format_tag::any};
    }
    return {{spec.groups, out_channels, in_channels, spec.kernel, spec.kernel},
            kFloat,
            plain ? memory::format_tag::goihw : memory::format_tag::any};
  }
  memory::desc bias() const {
    if (!spec.bias) return {};
    return {{spec.out_channels}, kFloat, memory::format_tag::x};
  }
  memory::dims strides() const { return {spec.stride, spec.stride}; }
  memory::dims padding() const { return {spec.padding, spec.padding}; }
  // On the far sides, where the last windows need not reach the end.
  memory::dims far_padding() const {
    const auto missing = [&](std::int64_t from, std::int64_t to) {
      return (to - 1) * spec.stride + spec.kernel - from - spec.padding;
    };
    return {missing(in.height, out.height), missing(in.width, out.width)};
  }
  std::int64_t weights_size() const {
    return spec.out_channels * in_channels * spec.kernel * spec.kernel;
  }

  ConvolutionSpec spec;
  TensorShape in, out;
  std::int64_t batch, in_channels, out_channels;
};

// The same values in another format, or the same memory where the formats agree.
class Reordered {
 public:
  Reordered() = default;
  Reordered(const memory& from, const memory& to) : from_(from), to_(to) {
    reorder_ = dnnl::reorder(from_, to_);
  }
  void refresh(dnnl::stream& stream) {
    if (reorder_) reorder_->execute(stream, from_, to_);
  }
  memory& from() { return from_; }
  const memory& to() const { return to_; }

 private:
  memory from_, to_;
  std::optional<dnnl::reorder> reorder_;
};

class Convolution final : public Layer {
 public:
  Convolution(const LayerSpec& layer, const LayerContext& context, float* src)
      : shape_(layer, context.batch_size),
        stream_(cpu_engine()),
        weights_offset_(layer.offset),
        src_(shape_.images(shape_.in), cpu_engine(), src),
        plain_weights_(shape_.weights(true), cpu_engine(), nullptr),
        forward_descriptor_(describe_forward()) {
    dst_.resize(context.size(layer.out));
    forward_ = dnnl::convolution_forward(forward_descriptor_);
    weights_ = Reordered(plain_weights_, memory(forward_descriptor_.weights_desc(), cpu_engine()));
    forward_arguments_ = {{DNNL_ARG_SRC, src_},
                          {DNNL_ARG_WEIGHTS, weights_.to()},
                          {DNNL_ARG_DST, images(shape_.out, dst_.data())}};
    if (shape_.spec.bias) {
      bias_ = memory(shape_.bias(), cpu_engine(), nullptr);
      forward_arguments_.emplace(DNNL_ARG_BIAS, bias_);
    }
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = diff_dst;
    build_weights_gradient(images(shape_.out, diff_dst));
    if (need_diff_src) build_src_gradient(images(shape_.out, diff_dst));
  }

  void forward(const float* weights) override {
    bind(weights);
    weights_.refresh(stream_);
    forward_.execute(stream_, forward_arguments_);
  }

  bool knows_example_norms() const override { return false; }
  bool overwrites_diff_dst() const override { return shape_.spec.activation != Activation::none; }

  void backward(const float* weights, const GradientSink& sink) override {
    multiply_by_slope(diff_dst_, dst_.data(), static_cast<std::int64_t>(dst_.size()),
                      shape_.spec.activation);
    // Before the sink is written: it may be the weights themselves.
    if (!diff_src_.empty()) {
      bind(weights);
      src_gradient_weights_.refresh(stream_);
      src_gradient_.execute(stream_, src_gradient_arguments_);
    }
    weights_gradient_.execute(stream_, weights_gradient_arguments_);
    diff_weights_.refresh(stream_);
    deposit(static_cast<const float*>(diff_weights_.to().get_data_handle()), shape_.weights_size(),
            weights_offset_, sink);
    if (!shape_.spec.bias) return;
    deposit(static_cast<const float*>(diff_bias_.get_data_handle()), shape_.spec.out_channels,
            weights_offset_ + shape_.weights_size(), sink);
  }

 private:
  memory images(const TensorShape& shape, float* data) const {
    return {shape_.images(shape), cpu_engine(), data};
  }

  dnnl::convolution_forward::primitive_desc describe_forward() const {
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
        shape_.images(shape_.in), shape_.weights(false), shape_.bias(), shape_.images(shape_.out),
        shape_.strides(), shape_.padding(), shape_.far_padding());
    dnnl::primitive_attr attributes;
    if (shape_.spec.activation == Activation::relu) {
      dnnl::post_ops relu;
      relu.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      attributes.set_post_ops(relu);
    }
    return {description, attributes, cpu_engine()};
  }

  void build_weights_gradient(const memory& diff_dst) {
    const dnnl::convolution_backward_weights::primitive_desc descriptor(
        {dnnl::algorithm::convolution_direct, shape_.images(shape_.in), shape_.weights(false),
         shape_.bias(), shape_.images(shape_.out), shape_.strides(), shape_.padding(),
         shape_.far_padding()},
        cpu_engine(), forward_descriptor_);
    weights_gradient_ = dnnl::convolution_backward_weights(descriptor);
    diff_weights_ = Reordered(memory(descriptor.diff_weights_desc(), cpu_engine()),
                              memory(shape_.weights(true), cpu_engine()));
    weights_gradient_arguments_ = {{DNNL_ARG_SRC, src_},
                                   {DNNL_ARG_DIFF_DST, diff_dst},
                                   {DNNL_ARG_DIFF_WEIGHTS, diff_weights_.from()}};
    if (!shape_.spec.bias) return;
    diff_bias_ = memory(shape_.bias(), cpu_engine());
    weights_gradient_arguments_.emplace(DNNL_ARG_DIFF_BIAS, diff_bias_);
  }

  void build_src_gradient(const memory& diff_dst) {
    const dnnl::convolution_backward_data::primitive_desc descriptor(
        {dnnl::algorithm::convolution_direct, shape_.images(shape_.in), shape_.weights(false),
         shape_.images(shape_.out), shape_.strides(), shape_.padding(), shape_.far_padding()},
        cpu_engine(), forward_descriptor_);
    src_gradient_ = dnnl::convolution_backward_data(descriptor);
    src_gradient_weights_ =
        Reordered(plain_weights_, memory(descriptor.weights_desc(), cpu_engine()));
    diff_src_.resize(static_cast<std::size_t>(shape_.batch * shape_.in.size()));
    src_gradient_arguments_ = {{DNNL_ARG_DIFF_DST, diff_dst},
                               {DNNL_ARG_WEIGHTS, src_gradient_weights_.to()},
                               {DNNL_ARG_DIFF_SRC, images(shape_.in, diff_src_.data())}};
  }

  // Points the plain memories at the caller's weights; oneDNN only reads them.
  void bind(const float* weights) {
    float* const own = const_cast<float*>(weights) + weights_offset_;
    plain_weights_.set_data_handle(own);
    if (shape_.spec.bias) bias_.set_data_handle(own + shape_.weights_size());
  }

  const ConvolutionShape shape_;
  dnnl::stream stream_;
  const std::int64_t weights_offset_;
  memory src_;
  memory plain_weights_, bias_;  // the caller's vector
  const dnnl::convolution_forward::primitive_desc forward_descriptor_;
  dnnl::convolution_forward forward_;
  Reordered weights_;
  Arguments forward_arguments_;

  float* diff_dst_ = nullptr;
  dnnl::convolution_backward_weights weights_gradient_;
  Reordered diff_weights_;
  memory diff_bias_;
  Arguments weights_gradient_arguments_;
  dnnl::convolution_backward_data src_gradient_;
  Reordered src_gradient_weights_;
  Arguments src_gradient_arguments_;
};

}  // namespace

std::unique_ptr<Layer> make_convolution(const LayerSpec& layer, const LayerContext& context,
                                        float* src) {
  return std::make_unique<Convolution>(layer, context, src);
}

}  // namespace etalon
