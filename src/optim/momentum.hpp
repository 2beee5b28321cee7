// Gradient descent with momentum, heavy-ball or Nesterov. With g the gradient, λ the weight decay,
// m the momentum and v the velocity, zero at the start:
//
//   g ← g + λ w
//   v ← m v + g
//   w ← w − η v              (heavy ball)
//   w ← w − η (g + m v)      (Nesterov)
//
// η multiplies at the end, outside v, so that changing η needs no correction of v. Source: Polyak
// 1964; Sutskever, Martens, Dahl, Hinton 2013; as in torch.optim.SGD with dampening 0.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Momentum final : public Optimizer {
 public:
  Momentum(const OptimizerOptions& options, std::size_t size, bool nesterov);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{velocity_}, nullptr}; }
  void set_momentum(double momentum) override { momentum_ = static_cast<float>(momentum); }

 private:
  float momentum_;
  const float weight_decay_;
  const bool nesterov_;
  AlignedVector velocity_;
};

}  // namespace etalon
