// The product of the Hessian of a batch's mean loss with a direction, without the Hessian.
//
//   H·v = d/dε ∂loss/∂weights (weights + ε·v) at ε = 0
//
// is exact (Pearlmutter 1994, "Fast exact multiplication by the Hessian"), for a rectifier and a
// maximum that stay on their side; what their bends add to the curvature of a mean over all data is
// not in it. A product costs about two gradients. Allocates nothing of its own after construction;
// one thread at a time. The witnesses are second differences of the naive loss, and PyTorch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/aligned_vector.hpp"
#include "model/model_spec.hpp"
#include "nn/layer.hpp"
#include "nn/tangent_layer.hpp"

namespace etalon {

class HessianProduct {
 public:
  // `batch_size` >= 1.
  HessianProduct(const ModelSpec& model, std::int64_t batch_size);
  HessianProduct(const HessianProduct&) = delete;  // its layers hold on to each other's tensors
  HessianProduct& operator=(const HessianProduct&) = delete;

  // To be filled before `prepare`: (N, C, H, W) features and N labels.
  std::span<float> src() { return src_.value; }
  std::span<std::int32_t> labels() { return labels_; }

  // At these weights, for every direction after it.
  void prepare(std::span<const float> weights);
  // Leaves scale · H·v in `sink`, as GradientSink says; `weights` are those of `prepare`, and the
  // sink is neither of both.
  void multiply(std::span<const float> weights, std::span<const float> direction,
                const GradientSink& sink);

 private:
  class Builder;
  void differentiate_loss();
  void differentiate_loss_along();

  const std::int64_t batch_size_;
  const std::int64_t classes_;
  TangentTensor src_;
  std::vector<std::int32_t> labels_;
  std::vector<std::unique_ptr<TangentLayer>> layers_;
  std::size_t first_trained_ = 0;  // the first layer with parameters
};

}  // namespace etalon
