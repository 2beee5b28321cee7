// A layer compiled for one batch size: the interface, and the makers of each kind.
//
// A layer is built forward (its maker takes `src` and allocates `dst`), then, for training,
// backward from the last layer to the first (`build_backward` takes the gradient of its `dst` and
// allocates the gradient of its `src`). After that `forward` and `backward` allocate nothing of
// their own. Memory is shared by handle: a layer's `dst` is the next one's `src`. Not thread-safe;
// one thread per network.
#pragma once

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

#include "nn/model_spec.hpp"

namespace etalon {

// Where a backward pass leaves the gradient of the loss with respect to the parameters:
//   data[i] = (accumulate ? data[i] : 0) + scale · ∂loss/∂weights[i]
// With data = weights, accumulate and scale = -lr that is a step of gradient descent in place.
struct GradientSink {
  float* data = nullptr;  // as long as the network's flat parameters
  float scale = 1.0f;
  bool accumulate = false;
};

class Layer {
 public:
  virtual ~Layer() = default;
  const dnnl::memory& dst() const { return dst_; }
  // Empty for a layer whose src needs no gradient.
  const dnnl::memory& diff_src() const { return diff_src_; }

  virtual void build_backward(const dnnl::memory& diff_dst, bool need_diff_src) = 0;
  // `weights` is the network's whole flat vector.
  virtual void forward(const float* weights) = 0;
  // Reads what `forward` left and diff_dst; diff_dst may be overwritten.
  virtual void backward(const float* weights, const GradientSink& sink) = 0;

  // Whether `add_squared_norms` knows the gradients of single examples without computing them.
  virtual bool knows_example_norms() const { return true; }
  // After `backward`, for each example n of the batch: adds to norms[n] the squared norm of its
  // part of ∂loss/∂weights, times `factor`. Nothing for a layer without parameters.
  virtual void add_squared_norms(double factor, double* norms) const {
    static_cast<void>(factor), static_cast<void>(norms);
  }

 protected:
  dnnl::memory dst_;
  dnnl::memory diff_src_;
};

// What a maker needs besides the spec.
struct LayerContext {
  dnnl::engine engine;
  dnnl::stream stream;
  std::int64_t batch_size = 0;
  std::int64_t parameter_offset = 0;  // of the layer's first segment
};

std::unique_ptr<Layer> make_layer(const DenseSpec& spec, const LayerContext& context,
                                  const dnnl::memory& src);
std::unique_ptr<Layer> make_layer(const ConvolutionSpec& spec, const LayerContext& context,
                                  const dnnl::memory& src);
std::unique_ptr<Layer> make_layer(const MaxPoolSpec& spec, const LayerContext& context,
                                  const dnnl::memory& src);
std::unique_ptr<Layer> make_layer(const FlattenSpec& spec, const LayerContext& context,
                                  const dnnl::memory& src);

}  // namespace etalon
