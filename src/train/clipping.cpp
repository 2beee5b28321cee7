#include "train/clipping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "optim/norms.hpp"

namespace etalon {
namespace {

void require_bound(const char* field, const std::optional<double>& bound) {
  if (!bound || is_positive_float(*bound)) return;
  throw InputError(fmt::format("{} is {}", field_name(field), *bound), "",
                   fmt::format("it must be {}", kPositiveFloat));
}

bool clip_values(std::span<float> gradient, float bound) {
  bool clipped = false;
  for (float& value : gradient) {
    clipped |= std::abs(value) > bound;
    value = std::isnan(value) ? value : std::clamp(value, -bound, bound);
  }
  return clipped;
}

bool clip_norm(std::span<float> gradient, double bound) {
  const double norm = std::sqrt(sum_of_squares(gradient.data(), gradient.size()));
  if (!(norm > bound) || !std::isfinite(norm)) return false;
  const auto factor = static_cast<float>(bound / norm);
  for (float& value : gradient) value *= factor;
  return true;
}

}  // namespace

void ClippingOptions::validate() const {
  require_bound("clip_norm", norm);
  require_bound("clip_value", value);
}

GradientClipper::GradientClipper(const ClippingOptions& options) : options_(options) {
  options_.validate();
}

void GradientClipper::clip(std::span<float> gradient) {
  bool clipped = false;
  if (options_.value) clipped |= clip_values(gradient, static_cast<float>(*options_.value));
  if (options_.norm) clipped |= clip_norm(gradient, *options_.norm);
  ++counts_.updates;
  counts_.clipped += clipped ? 1 : 0;
}

double GradientClipper::clipped_fraction() const {
  if (counts_.updates == 0) return 0.0;
  return static_cast<double>(counts_.clipped) / static_cast<double>(counts_.updates);
}

}  // namespace etalon
