#include "core/interval.hpp"
#include "etalon/scaling.hpp"

namespace etalon {

double adascale_gain(double noise_scale, double base_batch_size, double kappa) {
  check_in("noise_scale", noise_scale, kPositive);
  check_in("base_batch_size", base_batch_size, kPositive);
  check_in("kappa", kappa, kPositive);
  const double ratio = noise_scale / base_batch_size;
  return (ratio + 1) / (ratio / kappa + 1);
}

std::optional<double> stability_limit(const Recipe& recipe, double sharpness) {
  check_in("sharpness", sharpness, kPositive);
  const double m = recipe.momentum.value_or(0.0);
  switch (recipe.optimizer) {
    case OptimizerFamily::sgd:
    case OptimizerFamily::momentum:
      return 2 * (1 + m) / sharpness;
    case OptimizerFamily::nesterov:
      return 2 * (1 + m) / ((1 + 2 * m) * sharpness);
    case OptimizerFamily::adam:
    case OptimizerFamily::adamw: {
      const double b = recipe.beta1.value_or(0.9);
      return 2 * (1 + b) / ((1 - b) * sharpness);
    }
    default:
      return std::nullopt;
  }
}

double momentum_correction(double old_lr, double new_lr) {
  check_in("old_lr", old_lr, kPositive);
  check_in("new_lr", new_lr, kPositive);
  return new_lr / old_lr;
}

}  // namespace etalon
