// LAMB, layer-wise adaptive moments. For each tensor of weights, with g its gradient, λ the weight
// decay, t = 1, 2, ... the step, m and v zero at the start:
//
//   m ← β1 m + (1 − β1) g
//   v ← β2 v + (1 − β2) g²
//   u = (m / (1 − β1^t)) / (√(v / (1 − β2^t)) + ε) + λ w
//   w ← w − η (‖w‖ / ‖u‖) u,   the ratio 1 where either norm is 0
//
// Biases take the ratio 1 and λ = 0. φ of the paper is the identity. Source: You et al. 2019,
// arXiv 1904.00962.
#pragma once

#include "core/aligned_vector.hpp"
#include "optim/adam_coefficients.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

class Lamb final : public Optimizer {
 public:
  Lamb(const OptimizerOptions& options, const ParameterLayout& layout);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  OptimizerState state() override { return {{mean_, square_}, &steps_}; }
  void set_momentum(double momentum) override { constants_.beta1 = momentum; }

 private:
  void step_segment(const Segment& segment, const AdamCoefficients& coefficients, float lr,
                    const float* diff_weights, float* weights);

  const std::vector<Segment> segments_;
  AdamConstants constants_;
  const float weight_decay_;
  std::int64_t steps_ = 0;
  AlignedVector mean_;       // m
  AlignedVector square_;     // v
  AlignedVector direction_;  // u of the segment at hand; no state
};

}  // namespace etalon
