#include "optim/stability_limit.hpp"

namespace etalon {

std::optional<StabilityLimit> stability_limit(const OptimizerOptions& optimizer) {
  const OptimizerOptions full = optimizer.with_defaults();
  const double beta = full.momentum.value_or(0.0);
  switch (full.info().family) {
    case OptimizerFamily::sgd:
      return StabilityLimit{};
    case OptimizerFamily::momentum:
      return StabilityLimit{2.0 * (1.0 + beta), 1.0 - beta, "2(1 + β)/λ_max"};
    case OptimizerFamily::nesterov:
      return StabilityLimit{2.0 * (1.0 + beta) / (1.0 + 2.0 * beta), 1.0 - beta,
                            "2(1 + β)/((1 + 2β)·λ_max)"};
    default:
      return std::nullopt;
  }
}

}  // namespace etalon
