#include <limits>

#include "report/noise/curvature_answer.hpp"

namespace etalon {

// Where λ_max may be 0, it may be stable at any rate.
EstimatedRatio stable_lr(const Sharpness& sharpness, const StabilityLimit& limit) {
  EstimatedRatio lr{limit.product / sharpness.value, {}, {}};
  if (sharpness.high) lr.low = limit.product / *sharpness.high;
  if (sharpness.low && *sharpness.low > 0.0) lr.high = limit.product / *sharpness.low;
  return lr;
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
