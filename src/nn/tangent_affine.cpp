#include <algorithm>

#include "nn/layer_support.hpp"
#include "nn/matrix.hpp"
#include "nn/tangent_layer.hpp"

namespace etalon {
namespace {

class Affine final : public TangentLayer {
 public:
  Affine(const AffineShape& shape, TangentTensor& src)
      : TangentLayer(src, shape.rows * shape.out),
        shape_(shape),
        bias_sums_(static_cast<std::size_t>(shape.out)) {}

  void forward(const float* weights) override {
    multiply_by(src_.value, weights, 0.0f, dst_.value);
    add_bias_of(weights, dst_.value);
    if (!shape_.relu) return;
    for (float& value : dst_.value) value = value > 0.0f ? value : 0.0f;
  }

  // ż = Ȧ·W + A·Ẇ + ḃ
  void forward_dot(const float* weights, const float* direction) override {
    multiply_by(src_.value, direction, 0.0f, dst_.dot);
    if (!shape_.is_first) multiply_by(src_.dot, weights, 1.0f, dst_.dot);
    add_bias_of(direction, dst_.dot);
    mask(dst_.dot);
  }

  void backward(const float* weights) override {
    mask(dst_.diff);
    if (!shape_.is_first) multiply_back(dst_.diff, weights, 0.0f, src_.diff);
  }

  // The derivatives of δ·Wᵀ and of Aᵀ·δ along the direction, by the rule for products.
  void backward_dot(const float* weights, const float* direction,
                    const GradientSink& sink) override {
    mask(dst_.diff_dot);
    if (!shape_.is_first) {
      multiply_back(dst_.diff_dot, weights, 0.0f, src_.diff_dot);
      multiply_back(dst_.diff, direction, 1.0f, src_.diff_dot);
    }
    deposit_outer(src_.value, dst_.diff_dot, sink.scale, sink.accumulate ? 1.0f : 0.0f, sink.data);
    if (!shape_.is_first) deposit_outer(src_.dot, dst_.diff, sink.scale, 1.0f, sink.data);
    deposit_bias(sink);
  }

 private:
  Matrix weights_at(const float* weights, bool transposed) const {
    return {weights + shape_.offset, shape_.by_output ? shape_.in : shape_.out,
            transposed != shape_.by_output};
  }
  std::int64_t bias_offset() const { return shape_.offset + shape_.in * shape_.out; }

  // to = beta·to + rows·W
  void multiply_by(const AlignedVector& rows, const float* weights, float beta, AlignedVector& to) {
    multiply(shape_.rows, shape_.out, shape_.in, {rows.data(), shape_.in},
             weights_at(weights, false), 1.0f, beta, to.data(), shape_.out);
  }
  // to = beta·to + rows·Wᵀ
  void multiply_back(const AlignedVector& rows, const float* weights, float beta,
                     AlignedVector& to) {
    multiply(shape_.rows, shape_.in, shape_.out, {rows.data(), shape_.out},
             weights_at(weights, true), 1.0f, beta, to.data(), shape_.in);
  }
  // data = beta·data + scale·Aᵀ·δ, in the order of the weights
  void deposit_outer(const AlignedVector& a, const AlignedVector& diff, float scale, float beta,
                     float* data) const {
    const Matrix from{a.data(), shape_.in, !shape_.by_output};
    const Matrix to{diff.data(), shape_.out, shape_.by_output};
    if (shape_.by_output) {
      multiply(shape_.out, shape_.in, shape_.rows, to, from, scale, beta, data + shape_.offset,
               shape_.in);
    } else {
      multiply(shape_.in, shape_.out, shape_.rows, from, to, scale, beta, data + shape_.offset,
               shape_.out);
    }
  }

  void add_bias_of(const float* weights, AlignedVector& to) const {
    const float* bias = weights + bias_offset();
    const auto out = static_cast<std::size_t>(shape_.out);
    for (std::size_t i = 0; i < to.size(); i += out) {
      for (std::size_t j = 0; j < out; ++j) to[i + j] += bias[j];
    }
  }

  void deposit_bias(const GradientSink& sink) {
    std::fill(bias_sums_.begin(), bias_sums_.end(), 0.0f);
    const std::size_t out = bias_sums_.size();
    for (std::size_t i = 0; i < dst_.diff_dot.size(); i += out) {
      for (std::size_t j = 0; j < out; ++j) bias_sums_[j] += dst_.diff_dot[i + j];
    }
    deposit(bias_sums_.data(), shape_.out, bias_offset(), sink);
  }

  // Where the activation is zero, so are all derivatives through it.
  void mask(AlignedVector& values) const {
    if (!shape_.relu) return;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = dst_.value[i] == 0.0f ? 0.0f : values[i];
    }
  }

  const AffineShape shape_;
  AlignedVector bias_sums_;  // (out)
};

}  // namespace

std::unique_ptr<TangentLayer> make_affine(const AffineShape& shape, TangentTensor& src) {
  return std::make_unique<Affine>(shape, src);
}

}  // namespace etalon
