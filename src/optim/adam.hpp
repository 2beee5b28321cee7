// Adam, with weight decay as L2 regularization: it enters the gradient, and so the moments. With g
// the gradient, t = 1, 2, ... the step, m and v zero at the start:
//
//   g ← g + λ w
//   m ← β1 m + (1 − β1) g
//   v ← β2 v + (1 − β2) g²
//   w ← w − η · (m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε)
//
// Source: Kingma and Ba 2014, arXiv 1412.6980; as in torch.optim.Adam. For decoupled weight decay
// see AdamW; without weight decay the two are the same.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/adam_coefficients.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Adam final : public Optimizer {
 public:
  Adam(const OptimizerOptions& options, std::size_t size);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{mean_, square_}, &steps_}; }
  void set_momentum(double momentum) override { constants_.beta1 = momentum; }

 private:
  AdamConstants constants_;
  const float weight_decay_;
  std::int64_t steps_ = 0;
  AlignedVector mean_;    // m
  AlignedVector square_;  // v
};

}  // namespace etalon
