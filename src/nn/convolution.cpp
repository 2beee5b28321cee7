// Convolution, max pooling and the step from images to rows, as oneDNN primitives. Each layer lets
// oneDNN choose the memory formats and reorders where two choices differ; parameters stay plain.
#include <optional>
#include <unordered_map>

#include "nn/layer.hpp"
#include "nn/layer_support.hpp"

namespace etalon {
namespace {

using dnnl::memory;
using Arguments = std::unordered_map<int, memory>;

constexpr auto kFloat = memory::data_type::f32;

memory::desc images(std::int64_t batch_size, const ImageShape& shape, memory::format_tag tag) {
  return {{batch_size, shape.channels, shape.height, shape.width}, kFloat, tag};
}

// A memory in the wanted format, filled from another one on `refresh`; the other one itself where
// the formats agree.
class Reordered {
 public:
  Reordered() = default;
  Reordered(const memory& from, const memory::desc& wanted, const LayerContext& context)
      : from_(from), to_(from) {
    if (from.get_desc() == wanted) return;
    to_ = memory(wanted, context.engine);
    reorder_ = dnnl::reorder(from_, to_);
  }
  // Into `to`, in whatever format that one is.
  Reordered(const memory& from, const memory& to) : from_(from), to_(to) {
    reorder_ = dnnl::reorder(from_, to_);
  }

  const memory& get() const { return to_; }
  memory& from() { return from_; }
  void refresh(dnnl::stream& stream) {
    if (reorder_) reorder_->execute(stream, from_, to_);
  }

 private:
  memory from_;
  memory to_;
  std::optional<dnnl::reorder> reorder_;
};

class Convolution final : public Layer {
 public:
  Convolution(const ConvolutionSpec& spec, const LayerContext& context, const memory& src)
      : spec_(spec), context_(context), src_(src), forward_descriptor_(describe_forward()) {
    forward_ = dnnl::convolution_forward(forward_descriptor_);
    forward_src_ = Reordered(src, forward_descriptor_.src_desc(), context_);
    plain_weights_ = memory(weights_desc(memory::format_tag::oihw), context_.engine, nullptr);
    bias_ = memory(bias_desc(), context_.engine, nullptr);
    forward_weights_ = Reordered(plain_weights_, forward_descriptor_.weights_desc(), context_);
    dst_ = memory(forward_descriptor_.dst_desc(), context_.engine);
    forward_arguments_ = {{DNNL_ARG_SRC, forward_src_.get()},
                          {DNNL_ARG_WEIGHTS, forward_weights_.get()},
                          {DNNL_ARG_BIAS, bias_},
                          {DNNL_ARG_DST, dst_}};
  }

  void build_backward(const memory& diff_dst, bool need_diff_src) override {
    build_relu(diff_dst);
    build_weights_gradient();
    if (need_diff_src) build_src_gradient();
  }

  void forward(const float* weights) override {
    forward_src_.refresh(context_.stream);
    bind(weights);
    forward_weights_.refresh(context_.stream);
    forward_.execute(context_.stream, forward_arguments_);
  }

  bool knows_example_norms() const override { return false; }

  void backward(const float* weights, const GradientSink& sink) override {
    relu_.execute(context_.stream, relu_arguments_);
    if (diff_src_) {
      src_gradient_diff_dst_.refresh(context_.stream);
      bind(weights);
      src_gradient_weights_.refresh(context_.stream);
      src_gradient_.execute(context_.stream, src_gradient_arguments_);
    }
    weights_gradient_src_.refresh(context_.stream);
    weights_gradient_diff_dst_.refresh(context_.stream);
    weights_gradient_.execute(context_.stream, weights_gradient_arguments_);
    diff_weights_.refresh(context_.stream);
    deposit(static_cast<const float*>(diff_weights_.get().get_data_handle()), weights_size(),
            context_.parameter_offset, sink);
    deposit(static_cast<const float*>(diff_bias_.get_data_handle()), spec_.out_channels,
            bias_offset(), sink);
  }

 private:
  memory::desc weights_desc(memory::format_tag tag) const {
    return {{spec_.out_channels, spec_.in.channels, spec_.kernel, spec_.kernel}, kFloat, tag};
  }
  memory::desc bias_desc() const { return {{spec_.out_channels}, kFloat, memory::format_tag::x}; }
  std::int64_t weights_size() const {
    return spec_.out_channels * spec_.in.channels * spec_.kernel * spec_.kernel;
  }
  std::int64_t bias_offset() const { return context_.parameter_offset + weights_size(); }
  memory::dims padding() const { return {spec_.padding, spec_.padding}; }

  dnnl::convolution_forward::primitive_desc describe_forward() const {
    const auto any = memory::format_tag::any;
    const dnnl::convolution_forward::desc description(
        dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct,
        images(context_.batch_size, spec_.in, any), weights_desc(any), bias_desc(),
        images(context_.batch_size, spec_.out(), any), {1, 1}, padding(), padding());
    dnnl::post_ops relu;
    relu.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(relu);
    return {description, attributes, context_.engine};
  }

  void build_relu(const memory& diff_dst) {
    const auto algorithm = dnnl::algorithm::eltwise_relu_use_dst_for_bwd;
    const auto dst_desc = dst_.get_desc();
    const dnnl::eltwise_backward::primitive_desc descriptor(
        {algorithm, diff_dst.get_desc(), dst_desc, 0.0f, 0.0f}, context_.engine,
        dnnl::eltwise_forward::primitive_desc(
            {dnnl::prop_kind::forward_training, algorithm, dst_desc, 0.0f, 0.0f}, context_.engine));
    relu_ = dnnl::eltwise_backward(descriptor);
    masked_diff_dst_ = memory(descriptor.diff_src_desc(), context_.engine);
    relu_arguments_ = {
        {DNNL_ARG_DST, dst_}, {DNNL_ARG_DIFF_DST, diff_dst}, {DNNL_ARG_DIFF_SRC, masked_diff_dst_}};
  }

  void build_weights_gradient() {
    const auto any = memory::format_tag::any;
    const dnnl::convolution_backward_weights::primitive_desc descriptor(
        {dnnl::algorithm::convolution_direct,
         images(context_.batch_size, spec_.in, any),
         weights_desc(any),
         bias_desc(),
         images(context_.batch_size, spec_.out(), any),
         {1, 1},
         padding(),
         padding()},
        context_.engine, forward_descriptor_);
    weights_gradient_ = dnnl::convolution_backward_weights(descriptor);
    weights_gradient_src_ = Reordered(src_, descriptor.src_desc(), context_);
    weights_gradient_diff_dst_ = Reordered(masked_diff_dst_, descriptor.diff_dst_desc(), context_);
    diff_weights_ = Reordered(memory(descriptor.diff_weights_desc(), context_.engine),
                              weights_desc(memory::format_tag::oihw), context_);
    diff_bias_ = memory(bias_desc(), context_.engine);
    weights_gradient_arguments_ = {{DNNL_ARG_SRC, weights_gradient_src_.get()},
                                   {DNNL_ARG_DIFF_DST, weights_gradient_diff_dst_.get()},
                                   {DNNL_ARG_DIFF_WEIGHTS, diff_weights_.from()},
                                   {DNNL_ARG_DIFF_BIAS, diff_bias_}};
  }

  void build_src_gradient() {
    const auto any = memory::format_tag::any;
    const dnnl::convolution_backward_data::primitive_desc descriptor(
        {dnnl::algorithm::convolution_direct,
         images(context_.batch_size, spec_.in, any),
         weights_desc(any),
         images(context_.batch_size, spec_.out(), any),
         {1, 1},
         padding(),
         padding()},
        context_.engine, forward_descriptor_);
    src_gradient_ = dnnl::convolution_backward_data(descriptor);
    src_gradient_diff_dst_ = Reordered(masked_diff_dst_, descriptor.diff_dst_desc(), context_);
    src_gradient_weights_ =
        Reordered(plain_weights_, memory(descriptor.weights_desc(), context_.engine));
    diff_src_ = memory(descriptor.diff_src_desc(), context_.engine);
    src_gradient_arguments_ = {{DNNL_ARG_DIFF_DST, src_gradient_diff_dst_.get()},
                               {DNNL_ARG_WEIGHTS, src_gradient_weights_.get()},
                               {DNNL_ARG_DIFF_SRC, diff_src_}};
  }

  // Points the plain memories at the caller's weights; oneDNN only reads them.
  void bind(const float* weights) {
    plain_weights_.set_data_handle(const_cast<float*>(weights) + context_.parameter_offset);
    bias_.set_data_handle(const_cast<float*>(weights) + bias_offset());
  }

  const ConvolutionSpec spec_;
  LayerContext context_;
  const memory src_;
  const dnnl::convolution_forward::primitive_desc forward_descriptor_;
  dnnl::convolution_forward forward_;
  Reordered forward_src_;
  memory plain_weights_, bias_;  // the caller's vector
  Reordered forward_weights_;
  Arguments forward_arguments_;

  dnnl::eltwise_backward relu_;
  memory masked_diff_dst_;
  Arguments relu_arguments_;

  dnnl::convolution_backward_weights weights_gradient_;
  Reordered weights_gradient_src_, weights_gradient_diff_dst_, diff_weights_;
  memory diff_bias_;
  Arguments weights_gradient_arguments_;

  dnnl::convolution_backward_data src_gradient_;
  Reordered src_gradient_diff_dst_, src_gradient_weights_;
  Arguments src_gradient_arguments_;
};

class MaxPool final : public Layer {
 public:
  MaxPool(const MaxPoolSpec& spec, const LayerContext& context, const memory& src)
      : spec_(spec), context_(context), src_(src), forward_descriptor_(describe_forward()) {
    forward_ = dnnl::pooling_forward(forward_descriptor_);
    dst_ = memory(forward_descriptor_.dst_desc(), context_.engine);
    workspace_ = memory(forward_descriptor_.workspace_desc(), context_.engine);
    forward_arguments_ = {
        {DNNL_ARG_SRC, src_}, {DNNL_ARG_DST, dst_}, {DNNL_ARG_WORKSPACE, workspace_}};
  }

  void build_backward(const memory& diff_dst, bool need_diff_src) override {
    if (!need_diff_src) return;
    const memory::dims window{spec_.window, spec_.window};
    const dnnl::pooling_backward::primitive_desc descriptor({dnnl::algorithm::pooling_max,
                                                             src_.get_desc(),
                                                             dst_.get_desc(),
                                                             window,
                                                             window,
                                                             {0, 0},
                                                             {0, 0}},
                                                            context_.engine, forward_descriptor_);
    backward_ = dnnl::pooling_backward(descriptor);
    diff_dst_ = Reordered(diff_dst, descriptor.diff_dst_desc(), context_);
    diff_src_ = memory(descriptor.diff_src_desc(), context_.engine);
    backward_arguments_ = {{DNNL_ARG_DIFF_DST, diff_dst_.get()},
                           {DNNL_ARG_DIFF_SRC, diff_src_},
                           {DNNL_ARG_WORKSPACE, workspace_}};
  }

  void forward(const float*) override { forward_.execute(context_.stream, forward_arguments_); }

  void backward(const float*, const GradientSink&) override {
    if (!diff_src_) return;
    diff_dst_.refresh(context_.stream);
    backward_.execute(context_.stream, backward_arguments_);
  }

 private:
  dnnl::pooling_forward::primitive_desc describe_forward() const {
    const memory::dims window{spec_.window, spec_.window};
    return {{dnnl::prop_kind::forward_training,
             dnnl::algorithm::pooling_max,
             src_.get_desc(),
             images(context_.batch_size, spec_.out(), memory::format_tag::any),
             window,
             window,
             {0, 0},
             {0, 0}},
            context_.engine};
  }

  const MaxPoolSpec spec_;
  LayerContext context_;
  const memory src_;
  const dnnl::pooling_forward::primitive_desc forward_descriptor_;
  dnnl::pooling_forward forward_;
  memory workspace_;
  Arguments forward_arguments_;
  dnnl::pooling_backward backward_;
  Reordered diff_dst_;
  Arguments backward_arguments_;
};

// Reorders to plain NCHW, whose memory is then read as rows; no copy where it is plain already.
class Flatten final : public Layer {
 public:
  Flatten(const FlattenSpec& spec, const LayerContext& context, const memory& src)
      : spec_(spec),
        context_(context),
        src_(src),
        forward_(src, images(context.batch_size, spec.in, memory::format_tag::nchw), context) {
    dst_ = forward_.get();
  }

  void build_backward(const memory& diff_dst, bool need_diff_src) override {
    if (!need_diff_src) return;
    const memory plain(images(context_.batch_size, spec_.in, memory::format_tag::nchw),
                       context_.engine, diff_dst.get_data_handle());
    backward_ = Reordered(plain, src_.get_desc(), context_);
    rows_ = diff_dst;
    diff_src_ = backward_.get();
  }

  void forward(const float*) override { forward_.refresh(context_.stream); }
  void backward(const float*, const GradientSink&) override { backward_.refresh(context_.stream); }

 private:
  const FlattenSpec spec_;
  LayerContext context_;
  const memory src_;
  Reordered forward_;
  memory rows_;  // keeps the next layer's gradient alive
  Reordered backward_;
};

}  // namespace

std::unique_ptr<Layer> make_layer(const ConvolutionSpec& spec, const LayerContext& context,
                                  const memory& src) {
  return std::make_unique<Convolution>(spec, context, src);
}
std::unique_ptr<Layer> make_layer(const MaxPoolSpec& spec, const LayerContext& context,
                                  const memory& src) {
  return std::make_unique<MaxPool>(spec, context, src);
}
std::unique_ptr<Layer> make_layer(const FlattenSpec& spec, const LayerContext& context,
                                  const memory& src) {
  return std::make_unique<Flatten>(spec, context, src);
}

}  // namespace etalon
