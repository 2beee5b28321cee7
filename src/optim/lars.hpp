// LARS, layer-wise adaptive rate scaling. For each tensor of weights, with g its gradient, λ the
// weight decay, τ the trust coefficient and v zero at the start:
//
//   r = τ ‖w‖ / (‖g‖ + λ ‖w‖),   1 where ‖w‖ or ‖g‖ is 0
//   v ← m v + η r (g + λ w)
//   w ← w − v
//
// Biases take r = 1 and λ = 0. η stands inside the momentum, as in the paper: ports that put η r
// outside are another algorithm. Source: You, Gitman, Ginsburg 2017, arXiv 1708.03888.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Lars final : public Optimizer {
 public:
  Lars(const OptimizerOptions& options, const ParameterLayout& layout);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{velocity_}, nullptr}; }
  void set_momentum(double momentum) override { momentum_ = static_cast<float>(momentum); }

 private:
  const std::vector<Segment> segments_;
  const double trust_, weight_decay_;
  float momentum_;
  AlignedVector velocity_;
};

}  // namespace etalon
