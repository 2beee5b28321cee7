#include <limits>

#include "report/noise/curvature_answer.hpp"

namespace etalon {

// Polyak 1964 for heavy ball; Nesterov's by the roots of its two-step recursion, Cohen et al. 2021
// (arXiv 2103.00065), appendix B.
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

std::optional<double> limited_from(const CurvaturePoint& point, const StabilityLimit& limit) {
  const auto greatest = point.measured.noise.greatest_lr().value;
  const auto noise_scale = point.measured.noise.noise_scale().value;
  const double sharpness = point.measured.sharpness.value;
  if (!greatest || !noise_scale || !(sharpness > 0.0)) return std::nullopt;
  const double ratio = limit.share_of_sgd * *greatest / (limit.product / sharpness);
  if (ratio <= 1.0) return std::numeric_limits<double>::infinity();
  return *noise_scale / (ratio - 1.0);
}

}  // namespace etalon
