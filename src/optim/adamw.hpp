// Adam with decoupled weight decay. With g the gradient, t = 1, 2, ... the step, m and v zero at
// the start:
//
//   w ← w − η λ w
//   m ← β1 m + (1 − β1) g
//   v ← β2 v + (1 − β2) g²
//   w ← w − η · (m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε)
//
// Source: Loshchilov and Hutter 2017, arXiv 1711.05101; as in torch.optim.AdamW.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class AdamW final : public Optimizer {
 public:
  AdamW(const OptimizerOptions& options, std::size_t size);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;

 private:
  const double beta1_, beta2_, eps_, weight_decay_;
  double beta1_power_ = 1.0;  // β1^t
  double beta2_power_ = 1.0;
  AlignedVector mean_;    // m
  AlignedVector square_;  // v
};

}  // namespace etalon
