// A layer that carries, beside its values, their derivatives along one direction of the weights,
// forward and backward: what the product of the Hessian with that direction is made of (Pearlmutter
// 1994, "Fast exact multiplication by the Hessian", the operator R).
//
// A network is a chain of them, each of which writes the next one's tensor. A convolution is three:
// images are unfolded into rows, multiplied as a dense layer's, and put back into planes; what only
// moves values (unfolding, planes, pooling, flattening) is a selection. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/aligned_vector.hpp"
#include "model/model_spec.hpp"
#include "nn/layer.hpp"

namespace etalon {

// One tensor of a batch: its values, their derivatives along the direction (dots), the gradient of
// the loss with respect to the values, and that one's derivatives along the direction.
struct TangentTensor {
  explicit TangentTensor(std::int64_t size)
      : value(static_cast<std::size_t>(size)), dot(value), diff(value), diff_dot(value) {}
  AlignedVector value, dot, diff, diff_dot;
};

class TangentLayer {
 public:
  TangentLayer(TangentTensor& src, std::int64_t dst_size) : src_(src), dst_(dst_size) {}
  virtual ~TangentLayer() = default;
  TangentLayer(const TangentLayer&) = delete;
  TangentLayer& operator=(const TangentLayer&) = delete;

  TangentTensor& dst() { return dst_; }

  // `weights` and `direction` are whole flat vectors of the network.
  virtual void forward(const float* weights) = 0;   // src.value to dst.value
  virtual void backward(const float* weights) = 0;  // dst.diff to src.diff
  // src.dot to dst.dot, after `forward`.
  virtual void forward_dot(const float* weights, const float* direction) = 0;
  // dst.diff_dot to src.diff_dot, after `backward`; leaves its part of the product in `sink`.
  virtual void backward_dot(const float* weights, const float* direction,
                            const GradientSink& sink) = 0;

 protected:
  TangentTensor& src_;
  TangentTensor dst_;
};

// A matrix product with bias and, maybe, max(0, x): `rows` of `in` values to rows of `out`. The
// weights lie at `offset` of the flat vector as (in, out), or as (out, in), then the bias.
struct AffineShape {
  std::int64_t rows = 0, in = 0, out = 0, offset = 0;
  bool by_output = false;  // the weights are (out, in)
  bool relu = false;
  bool is_first = false;  // src depends on no weights: its dots are zero, its gradient is not asked
};
std::unique_ptr<TangentLayer> make_affine(const AffineShape& shape, TangentTensor& src);

// Of each value of one example's dst, which value of its src it is; below 0: none, and it is zero.
using Selected = std::function<std::int64_t(std::int64_t)>;
std::unique_ptr<TangentLayer> make_selection(std::int64_t batch_size, std::int64_t src_size,
                                             std::int64_t dst_size, const Selected& selected,
                                             TangentTensor& src);

// Images channels first, `in` to `out`: the largest value of each window, which do not overlap.
std::unique_ptr<TangentLayer> make_pooling(const TensorShape& in, const TensorShape& out,
                                           std::int64_t batch_size, TangentTensor& src);

}  // namespace etalon
