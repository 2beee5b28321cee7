#include "noise/moment_errors.hpp"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "core/interval.hpp"
#include "etalon/bounds.hpp"

namespace etalon {
namespace {

double two_sided_quantile(double degrees_of_freedom, double level) {
  return boost::math::quantile(boost::math::students_t(degrees_of_freedom), 0.5 + 0.5 * level);
}

Estimated around(double value, double variance, double quantile) {
  const double half = quantile * std::sqrt(variance);
  return {value, value - half, value + half};
}

struct ScaleInterval {
  double low = 0.0;
  std::optional<double> high;
};

// All θ >= 0 with (Ŝ − θĜ²)² <= q²·Var(Ŝ − θĜ²): a·θ² − 2bθ + c <= 0. Where that is a > 0, it is an
// interval; otherwise its lower end is the smaller root that is above 0, and it has no upper end.
ScaleInterval fieller(const MomentErrors& of, double quantile) {
  const double q2 = quantile * quantile;
  const double g = of.moments.squared_gradient, s = of.moments.covariance_trace;
  const double a = g * g - q2 * of.gradient_variance, b = s * g - q2 * of.covariation;
  const double c = s * s - q2 * of.covariance_variance;
  const double root = std::sqrt(std::max(0.0, b * b - a * c));
  const double product = b + std::copysign(root, b);  // without cancellation
  if (a > 0.0) {
    if (product == 0.0) return {0.0, 0.0};
    const double one = product / a, other = c / product;
    return {std::max(0.0, std::min(one, other)), std::max(0.0, std::max(one, other))};
  }
  if (c <= 0.0 || product == 0.0) return {};
  const double one = a == 0.0 ? 0.0 : product / a, other = c / product;
  return {std::max({0.0, one, other}), std::nullopt};
}

// The variance falls at least as 1/examples.
double examples_to_tell(const MomentErrors& of, double quantile) {
  const double half = quantile * std::sqrt(of.gradient_variance);
  const double g = of.moments.squared_gradient;
  const double likely = g > 0.0 ? g : std::max(g + half, half / 3.0);
  return std::ceil(of.examples * std::max(1.0, (half / likely) * (half / likely)));
}

void add_errors(const MomentErrors& of, const NoiseScaleOptions& options, NoiseScale& scale) {
  const double quantile = two_sided_quantile(of.degrees_of_freedom, options.level);
  scale.squared_gradient = around(of.moments.squared_gradient, of.gradient_variance, quantile);
  scale.covariance_trace = around(of.moments.covariance_trace, of.covariance_variance, quantile);
  const ScaleInterval interval = fieller(of, quantile);
  scale.low = interval.low;
  scale.high = interval.high;
  if (scale.squared_gradient.low > 0.0) return;
  scale.value = std::nullopt;
  scale.examples_needed = examples_to_tell(of, quantile);
}

}  // namespace

void NoiseScaleOptions::validate() const { check_level(level); }

void check_moment(const char* field, double value, double least) {
  check_in(field_name(field), value, {.least = least});
}

NoiseScale noise_scale_of(const MomentErrors& errors, const NoiseScaleOptions& options) {
  options.validate();
  const auto& [g, s] = errors.moments;
  NoiseScale scale;
  scale.squared_gradient.value = g;
  scale.covariance_trace.value = s;
  scale.measurements = errors.measurements;
  scale.examples = errors.examples;
  if (g > 0.0 && s > 0.0) scale.value = s / g;
  if (errors.degrees_of_freedom > 0.0) add_errors(errors, options, scale);
  return scale;
}

void add_jackknife(std::span<const NoiseMoments> all, MomentErrors& of) {
  const auto count = static_cast<double>(all.size());
  NoiseMoments mean;
  for (const NoiseMoments& each : all) {
    mean.squared_gradient += each.squared_gradient / count;
    mean.covariance_trace += each.covariance_trace / count;
  }
  const double share = (count - 1.0) / count;
  for (const NoiseMoments& each : all) {
    const double g = each.squared_gradient - mean.squared_gradient;
    const double s = each.covariance_trace - mean.covariance_trace;
    of.gradient_variance += share * g * g;
    of.covariance_variance += share * s * s;
    of.covariation += share * g * s;
  }
  of.degrees_of_freedom = count - 1.0;
}

}  // namespace etalon
