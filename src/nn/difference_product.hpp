// The product of the Hessian with a direction, from the gradients a step along it and against it:
//
//   H·v ≈ (∂loss/∂weights (weights + ε·v) - ∂loss/∂weights (weights - ε·v)) / 2ε
//
// for any network. ε·v is a thousandth as long as the weights: the third derivative's part is then
// below, and the rounding of single precision about, a thousandth of the product. The witness is
// the exact product where there is one. One thread at a time.
#pragma once

#include <cstdint>
#include <span>

#include "core/aligned_vector.hpp"
#include "nn/network.hpp"

namespace etalon {

class DifferenceProduct {
 public:
  // `batch_size` >= 1.
  DifferenceProduct(const ModelSpec& model, std::int64_t batch_size);

  Network& network() { return network_; }
  // Leaves scale · H·v in `sink`, at `weights`, which the sink is not.
  void multiply(std::span<const float> weights, std::span<const float> direction,
                const GradientSink& sink);

 private:
  void compute_gradient(std::span<const float> weights, std::span<const float> direction,
                        float step, AlignedVector& gradient);

  Network network_;
  const std::size_t parameters_;
  AlignedVector moved_, ahead_, behind_;
};

}  // namespace etalon
