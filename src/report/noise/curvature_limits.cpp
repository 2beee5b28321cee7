#include <limits>

#include "report/noise/curvature_answer.hpp"

namespace etalon {

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
