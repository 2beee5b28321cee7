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
#include "optim/adam_coefficients.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class AdamW final : public Optimizer {
 public:
  AdamW(const OptimizerOptions& options, std::size_t size);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{mean_, square_}, &steps_}; }
  void set_momentum(double momentum) override { constants_.beta1 = momentum; }

 private:
  AdamConstants constants_;
  const double weight_decay_;
  std::int64_t steps_ = 0;
  AlignedVector mean_;    // m
  AlignedVector square_;  // v
};

// The same of some of a model's parameters, with 1 − η λ as `decay`.
void update_adamw(const AdamCoefficients& coefficients, float lr, float decay,
                  std::span<const float> diff_weights, float* weights, float* mean, float* square);

}  // namespace etalon
