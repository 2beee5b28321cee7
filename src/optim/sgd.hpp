// Stochastic gradient descent. With g the gradient and λ the weight decay:
//
//   w ← w − η (g + λ w)
//
// Source: Robbins and Monro 1951; as in torch.optim.SGD.
#pragma once

#include "optim/optimizer.hpp"

namespace etalon {

class Sgd final : public Optimizer {
 public:
  explicit Sgd(const OptimizerOptions& options);
  void step(float lr, std::span<const float> diff_weights, std::span<float> weights) override;
  bool is_plain_descent() const override { return weight_decay_ == 0.0f; }

 private:
  const float weight_decay_;
};

}  // namespace etalon
