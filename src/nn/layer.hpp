// A layer compiled for one batch size: the interface.
//
// A layer is built forward (its maker takes `src` and allocates `dst`), then, for training,
// backward from the last layer to the first (`build_backward` takes the gradient of its `dst` and
// allocates the gradient of its `src`). After that `forward` and `backward` allocate nothing of
// their own.
//
// Values lie channels last from end to end: (N, H, W, C) of a `TensorShape`, so that a row of
// features is (N, F) and a text (N, T, D). A layer's `dst` is the next one's `src`. Not
// thread-safe; one thread per network.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "core/aligned_vector.hpp"
#include "model/model_spec.hpp"
#include "nn/step_profile.hpp"

namespace etalon {

// Where a backward pass leaves the gradient of the loss with respect to the parameters:
//   data[i] = (accumulate ? data[i] : 0) + scale · ∂loss/∂weights[i]
// With data = weights, accumulate and scale = -lr that is a step of gradient descent in place.
struct GradientSink {
  float* data = nullptr;  // as long as the network's flat parameters
  float scale = 1.0f;
  bool accumulate = false;
};

// What random layers draw from: each example of a training has numbers of its own, wherever the
// batches are cut.
struct Randomness {
  std::uint64_t seed = 0;
  std::int64_t first_example = 0;  // of the batch, among all that the training has seen
};

class Layer {
 public:
  virtual ~Layer() = default;
  float* dst() { return dst_.data(); }
  // Null for a layer whose src needs no gradient.
  float* diff_src() { return diff_src_.empty() ? nullptr : diff_src_.data(); }

  virtual void build_backward(float* diff_dst, bool need_diff_src) = 0;
  // `weights` is the network's whole flat vector, statistics included.
  virtual void forward(const float* weights) = 0;
  // Reads what `forward` left and diff_dst; diff_dst may be overwritten where `overwrites`.
  virtual void backward(const float* weights, const GradientSink& sink) = 0;
  virtual bool overwrites_diff_dst() const { return false; }

  // Before `forward`, of a layer that draws.
  virtual void set_randomness(const Randomness& randomness) { static_cast<void>(randomness); }
  // Moves running statistics in `weights` by what the forward passes since the last call saw.
  virtual void update_statistics(float* weights) { static_cast<void>(weights); }

  // Whether `add_squared_norms` knows the gradients of single examples without computing them.
  virtual bool knows_example_norms() const { return true; }
  // After `backward`, for each example n of the batch: adds to norms[n] the squared norm of its
  // part of ∂loss/∂weights, times `factor`. Nothing for a layer without parameters.
  virtual void add_squared_norms(double factor, double* norms) const {
    static_cast<void>(factor), static_cast<void>(norms);
  }

 protected:
  AlignedVector dst_;
  AlignedVector diff_src_;
};

// What a maker needs besides the spec.
struct LayerContext {
  std::int64_t batch_size = 0;
  std::int64_t statistics = 0;     // offset of the first running statistic in the flat vector
  std::int64_t embedding = 0;      // offset of the embedding's table, for what is tied to it
  bool is_tied = false;            // a later layer leaves its part of the table's gradient first
  StepProfile* profile = nullptr;  // counts the time of every pass where it is not null
  Precision precision = Precision::float32;
  bool training = false;  // else batch norms take their running statistics, dropout passes on

  std::size_t size(const TensorShape& shape) const {
    return static_cast<std::size_t>(batch_size * shape.size());
  }
  std::int64_t rows(const TensorShape& shape) const { return batch_size * shape.pixels(); }
};

}  // namespace etalon
