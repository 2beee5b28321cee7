// A workload like Adam's that is a formula of the whole recipe, so that what moved settings are
// worth is known exactly.
#pragma once

#include <atomic>
#include <cmath>
#include <functional>

#include "core/random.hpp"
#include "etalon/scaling.hpp"
#include "etalon/workload.hpp"

namespace etalon::testing {

// The loss is 0.5 + 0.03 ln²(lr / η*(B)) + 0.03 ln²(length / length at B = 32): the best learning
// rate grows as √B, and the first moment should keep its length in examples, B/(1 − β1). With the
// base β1 of 0.9 the second term is 0.03 ln²(B/32), whatever the learning rate.
class RecipeWorkload : public Workload {
 public:
  static constexpr double kBeta1 = 0.9;
  static constexpr double kWorth = 0.03;

  static double loss(double batch_size, double lr, double beta1) {
    const double kappa = batch_size / 32;
    const double x = std::log(lr / (0.001 * std::sqrt(kappa)));
    const double y = std::log(kappa * (1 - kBeta1) / (1 - beta1));
    return 0.5 + 0.03 * x * x + kWorth * y * y;
  }

  static Recipe recipe() {
    Recipe recipe;
    recipe.optimizer = OptimizerFamily::adam;
    recipe.beta1 = kBeta1;
    recipe.beta2 = 0.999;
    recipe.eps = 1e-8;
    return recipe;
  }

  WorkloadInfo info() const override {
    WorkloadInfo info;
    info.name = "recipe";
    info.objective_name = "loss";
    return info;
  }

  TrialResult run(const TrialSpec& spec, TrialMonitor&) const override {
    ++runs_;
    TrialResult result;
    const auto batch_size = static_cast<std::uint64_t>(spec.batch_size);
    const double beta1 = spec.moved.beta1.value_or(kBeta1);
    RandomStream offset(spec.seed * 1000003 + batch_size, "offset");
    const auto hash = std::hash<double>{};
    RandomStream residual(hash(spec.lr) ^ hash(beta1) ^ (spec.seed * 1000003 + batch_size), "loss");
    if (beta1 < diverges_below) {
      result.state = TrialState::diverged;
      result.diverged_step = 1;
      return result;
    }
    result.state = TrialState::finished;
    result.objective = loss(static_cast<double>(spec.batch_size), spec.lr, beta1) +
                       0.01 * offset.normal() + 0.002 * residual.normal();
    return result;
  }

  int runs() const { return runs_; }
  double diverges_below = 0.0;  // of β1

 private:
  mutable std::atomic<int> runs_ = 0;
};

}  // namespace etalon::testing
