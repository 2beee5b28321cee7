// Lion, the sign of an interpolated momentum. With g the gradient, λ the weight decay, m zero at
// the start:
//
//   w ← w − η (sign(β1 m + (1 − β1) g) + λ w)
//   m ← β2 m + (1 − β2) g
//
// sign(0) is 0. Source: Chen et al. 2023, arXiv 2302.06675, algorithm 2.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Lion final : public Optimizer {
 public:
  Lion(const OptimizerOptions& options, std::size_t size);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{mean_}, nullptr}; }
  void set_momentum(double momentum) override { beta1_ = momentum; }

 private:
  double beta1_;
  const double beta2_;
  const double weight_decay_;
  AlignedVector mean_;  // m
};

}  // namespace etalon
