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

using Type = memory::data_type;

// What both directions are described by.
struct ConvolutionShape {
  ConvolutionShape(const LayerSpec& layer, const LayerContext& context)
      : spec(std::get<ConvolutionSpec>(layer.kind)),
        in(layer.in),
        out(layer.out),
        factors(context.precision == Precision::bf16 ? Type::bf16 : Type::f32),
        batch(context.batch_size),
        in_channels(layer.in.channels / spec.groups),
        out_channels(spec.out_channels / spec.groups) {}

  memory::desc images(const TensorShape& shape, Type type = Type::f32) const {
    return {{batch, shape.channels, shape.height, shape.width}, type, memory::format_tag::nhwc};
  }
  memory::dims weights_extents() const {
    if (spec.groups == 1) return {spec.out_channels, in_channels, spec.kernel, spec.kernel};
    return {spec.groups, out_channels, in_channels, spec.kernel, spec.kernel};
  }
  // As parameters are.
  memory::desc plain_weights() const {
    return {weights_extents(), Type::f32,
            spec.groups == 1 ? memory::format_tag::oihw : memory::format_tag::goihw};
  }
  // In whatever format is fastest.
  memory::desc weights(Type type) const {
    return {weights_extents(), type, memory::format_tag::any};
  }
  memory::desc bias() const {
    if (!spec.bias) return {};
    return {{spec.out_channels}, Type::f32, memory::format_tag::x};
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
  Type factors;  // of the products; their sums are floats
  std::int64_t batch, in_channels, out_channels;
};

// The same values in another format, or the same memory where the formats agree.
class Reordered {
 public:
  Reordered() = default;
  Reordered(const memory& from, const memory::desc& format) : from_(from), to_(from) {
    if (from.get_desc() == format) return;
    to_ = memory(format, cpu_engine());
    reorder_ = dnnl::reorder(from_, to_);
  }
  void refresh(dnnl::stream& stream) {
    if (reorder_) reorder_->execute(stream, from_, to_);
  }
  const memory& from() const { return from_; }
  const memory& to() const { return to_; }

 private:
  memory from_, to_;
  std::optional<dnnl::reorder> reorder_;
};

class Convolution final : public Layer {
 public:
  Convolution(const LayerSpec& layer, const LayerContext& context, float* src)
      : shape_(layer, context),
        stream_(cpu_engine()),
        weights_offset_(layer.offset),
        src_(images(shape_.in, src), shape_.images(shape_.in, shape_.factors)),
        plain_weights_(shape_.plain_weights(), cpu_engine(), nullptr),
        forward_descriptor_(describe_forward()) {
    dst_.resize(context.size(layer.out));
    forward_ = dnnl::convolution_forward(forward_descriptor_);
    weights_ = Reordered(plain_weights_, forward_descriptor_.weights_desc());
    forward_arguments_ = {{DNNL_ARG_SRC, src_.to()},
                          {DNNL_ARG_WEIGHTS, weights_.to()},
                          {DNNL_ARG_DST, images(shape_.out, dst_.data())}};
    if (shape_.spec.bias) {
      bias_ = memory(shape_.bias(), cpu_engine(), nullptr);
      forward_arguments_.emplace(DNNL_ARG_BIAS, bias_);
    }
  }

  void build_backward(float* diff_dst, bool need_diff_src) override {
    diff_dst_ = Reordered(images(shape_.out, diff_dst), shape_.images(shape_.out, shape_.factors));
    build_weights_gradient();
    if (need_diff_src) build_src_gradient();
  }

  void forward(const float* weights) override {
    bind(weights);
    weights_.refresh(stream_);
    src_.refresh(stream_);
    forward_.execute(stream_, forward_arguments_);
  }

  bool knows_example_norms() const override { return false; }
  bool overwrites_diff_dst() const override { return shape_.spec.activation != Activation::none; }

  void backward(const float* weights, const GradientSink& sink) override {
    multiply_by_slope(floats_in(diff_dst_.from()), dst_.data(),
                      static_cast<std::int64_t>(dst_.size()), shape_.spec.activation);
    diff_dst_.refresh(stream_);
    // Before the sink is written: it may be the weights themselves.
    if (!diff_src_.empty()) {
      bind(weights);
      src_gradient_weights_.refresh(stream_);
      src_gradient_.execute(stream_, src_gradient_arguments_);
    }
    weights_gradient_.execute(stream_, weights_gradient_arguments_);
    diff_weights_.refresh(stream_);
    deposit(floats_in(diff_weights_.to()), shape_.weights_size(), weights_offset_, sink);
    if (!shape_.spec.bias) return;
    deposit(floats_in(diff_bias_), shape_.spec.out_channels,
            weights_offset_ + shape_.weights_size(), sink);
  }

 private:
  static float* floats_in(const memory& values) {
    return static_cast<float*>(values.get_data_handle());
  }

  memory images(const TensorShape& shape, float* data) const {
    return {shape_.images(shape), cpu_engine(), data};
  }

  dnnl::convolution_forward::primitive_desc describe_forward() const {
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
        src_.to().get_desc(), shape_.weights(shape_.factors), shape_.bias(),
        shape_.images(shape_.out), shape_.strides(), shape_.padding(), shape_.far_padding());
    dnnl::primitive_attr attributes;
    if (shape_.spec.activation == Activation::relu) {
      dnnl::post_ops relu;
      relu.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
      attributes.set_post_ops(relu);
    }
    return {description, attributes, cpu_engine()};
  }

  void build_weights_gradient() {
    const dnnl::convolution_backward_weights::primitive_desc descriptor(
        {dnnl::algorithm::convolution_direct, src_.to().get_desc(), shape_.weights(Type::f32),
         shape_.bias(), diff_dst_.to().get_desc(), shape_.strides(), shape_.padding(),
         shape_.far_padding()},
        cpu_engine(), forward_descriptor_);
    weights_gradient_ = dnnl::convolution_backward_weights(descriptor);
    diff_weights_ =
        Reordered(memory(descriptor.diff_weights_desc(), cpu_engine()), shape_.plain_weights());
    weights_gradient_arguments_ = {{DNNL_ARG_SRC, src_.to()},
                                   {DNNL_ARG_DIFF_DST, diff_dst_.to()},
                                   {DNNL_ARG_DIFF_WEIGHTS, diff_weights_.from()}};
    if (!shape_.spec.bias) return;
    diff_bias_ = memory(shape_.bias(), cpu_engine());
    weights_gradient_arguments_.emplace(DNNL_ARG_DIFF_BIAS, diff_bias_);
  }

  void build_src_gradient() {
    const dnnl::convolution_backward_data::primitive_desc descriptor(
        {dnnl::algorithm::convolution_direct, shape_.images(shape_.in),
         shape_.weights(shape_.factors), diff_dst_.to().get_desc(), shape_.strides(),
         shape_.padding(), shape_.far_padding()},
        cpu_engine(), forward_descriptor_);
    src_gradient_ = dnnl::convolution_backward_data(descriptor);
    src_gradient_weights_ = Reordered(plain_weights_, descriptor.weights_desc());
    diff_src_.resize(static_cast<std::size_t>(shape_.batch * shape_.in.size()));
    src_gradient_arguments_ = {{DNNL_ARG_DIFF_DST, diff_dst_.to()},
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
  Reordered src_;
  memory plain_weights_, bias_;  // the caller's vector
  const dnnl::convolution_forward::primitive_desc forward_descriptor_;
  dnnl::convolution_forward forward_;
  Reordered weights_;
  Arguments forward_arguments_;

  Reordered diff_dst_;
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
