// The product of the Hessian of a batch's mean loss with a direction, without the Hessian.
//
//   H·v = d/dε ∂loss/∂weights (weights + ε·v) at ε = 0
//
// is exact (Pearlmutter 1994, "Fast exact multiplication by the Hessian"), for a rectifier and a
// maximum that stay on their side; what their bends add to the curvature of a mean over all data is
// not in it. A product costs about two gradients. That is for dense layers, convolutions and maxima
// with rectifiers; of other networks it is a difference of two gradients, see
// difference_product.hpp. Allocates nothing of its own after construction; one thread at a time.
// The witnesses are second differences of the naive loss, and PyTorch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/aligned_vector.hpp"
#include "model/model_spec.hpp"
#include "nn/difference_product.hpp"
#include "nn/layer.hpp"
#include "nn/tangent_layer.hpp"

namespace etalon {

class HessianProduct {
 public:
  // `batch_size` >= 1.
  HessianProduct(const ModelSpec& model, std::int64_t batch_size);
  HessianProduct(const HessianProduct&) = delete;  // its layers hold on to each other's tensors
  HessianProduct& operator=(const HessianProduct&) = delete;

  // Whether products are exact, not differences.
  static bool is_exact_for(const ModelSpec& model);

  // To be filled before `prepare`, as a Network's.
  std::span<float> src() { return differences_ ? differences_->network().src() : src_.value; }
  std::span<std::int32_t> labels() {
    return differences_ ? differences_->network().labels() : std::span(labels_);
  }
  std::span<float> targets() {
    return differences_ ? differences_->network().targets() : std::span<float>();
  }

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
  const double smoothing_;
  TangentTensor src_;
  std::vector<std::int32_t> labels_;
  std::vector<std::unique_ptr<TangentLayer>> layers_;
  std::size_t first_trained_ = 0;                 // the first layer with parameters
  std::optional<DifferenceProduct> differences_;  // in place of all this
};

}  // namespace etalon
