// RMSprop. With g the gradient, α the smoothing constant (option beta2), v and b zero at the start:
//
//   g ← g + λ w
//   v ← α v + (1 − α) g²
//   w ← w − η g / (√v + ε)                              (momentum 0)
//   b ← μ b + g / (√v + ε),  w ← w − η b                (momentum μ)
//
// Source: Tieleman and Hinton 2012 (Coursera, lecture 6.5); as in torch.optim.RMSprop, which does
// not center and adds ε outside the root.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class RmsProp final : public Optimizer {
 public:
  RmsProp(const OptimizerOptions& options, std::size_t size);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override;
  void set_momentum(double momentum) override { momentum_ = static_cast<float>(momentum); }

 private:
  const float smoothing_, one_minus_smoothing_, eps_, weight_decay_;
  float momentum_;
  AlignedVector square_;    // v
  AlignedVector velocity_;  // b; empty where it was made without momentum
};

}  // namespace etalon
