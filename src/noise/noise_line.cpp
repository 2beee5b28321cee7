#include <fmt/format.h>

#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <map>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "noise/moment_errors.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kLeastNorms = 20;  // at each batch size, to doubt the line

// The norms at one batch size.
struct NormGroup {
  double batch_size = 0.0;
  double count = 0.0;
  double mean = 0.0;
  double variance = 0.0;               // of the mean
  double gradient = 0.0, trace = 0.0;  // shares of the mean in Ĝ² and Ŝ, which are linear in it
};

std::map<double, std::vector<double>> norms_by_batch_size(std::span<const BatchNorm> norms) {
  std::map<double, std::vector<double>> groups;
  for (const BatchNorm& norm : norms) {
    check_moment("batch_size", norm.batch_size, 1.0);
    check_moment("squared_norm", norm.squared_norm, 0.0);
    groups[norm.batch_size].push_back(norm.squared_norm);
  }
  return groups;
}

NormGroup summarized(double batch_size, const std::vector<double>& norms) {
  NormGroup group{batch_size, static_cast<double>(norms.size())};
  for (const double norm : norms) group.mean += norm / group.count;
  for (const double norm : norms) {
    group.variance += (norm - group.mean) * (norm - group.mean) / (group.count - 1.0) / group.count;
  }
  return group;
}

std::vector<NormGroup> groups_of(std::span<const BatchNorm> norms) {
  std::vector<NormGroup> groups;
  for (const auto& [batch_size, values] : norms_by_batch_size(norms)) {
    if (values.size() < 2) {
      throw InputError(fmt::format("there is one gradient norm at batch size {:g}", batch_size), "",
                       "give at least 2 at each, better 20, at the same weights: their spread is "
                       "the error");
    }
    groups.push_back(summarized(batch_size, values));
  }
  if (groups.size() >= 2) return groups;
  throw InputError(groups.empty() ? std::string("there are no gradient norms")
                                  : fmt::format("all gradient norms are at one batch size, {:g}",
                                                groups[0].batch_size),
                   "", "give norms at two batch sizes or more, at the same weights");
}

// Var|g_B|² of Gaussian gradients with Σ ∝ I is as (S/B)² + 2G²S/B.
double weight_of(const NormGroup& group, double inverse_scale) {
  const double b = group.batch_size;
  return group.count * b * b / (1.0 + 2.0 * b * inverse_scale);
}

// The shares of the means in intercept and slope of the weighted line in x = 1/B.
void set_shares(std::vector<NormGroup>& groups, double inverse_scale) {
  double w = 0.0, wx = 0.0, wxx = 0.0;
  for (const NormGroup& group : groups) {
    const double weight = weight_of(group, inverse_scale), x = 1.0 / group.batch_size;
    w += weight, wx += weight * x, wxx += weight * x * x;
  }
  const double determinant = w * wxx - wx * wx;
  for (NormGroup& group : groups) {
    const double weight = weight_of(group, inverse_scale), x = 1.0 / group.batch_size;
    group.gradient = weight * (wxx - wx * x) / determinant;
    group.trace = weight * (w * x - wx) / determinant;
  }
}

NoiseMoments moments_on(const std::vector<NormGroup>& groups) {
  NoiseMoments moments;
  for (const NormGroup& group : groups) {
    moments.squared_gradient += group.gradient * group.mean;
    moments.covariance_trace += group.trace * group.mean;
  }
  return moments;
}

// Weights as if noise and gradient were alike first, then as the line has them.
NoiseMoments fit_moments(std::vector<NormGroup>& groups) {
  set_shares(groups, 1.0 / groups.front().batch_size);
  const NoiseMoments first = moments_on(groups);
  if (!(first.covariance_trace > 0.0)) return first;
  set_shares(groups, std::max(0.0, first.squared_gradient) / first.covariance_trace);
  return moments_on(groups);
}

// Welch and Satterthwaite: of a sum of means, each times its share.
double freedom_of(const std::vector<NormGroup>& groups, double NormGroup::*share) {
  double sum = 0.0, squares = 0.0;
  for (const NormGroup& group : groups) {
    const double part = group.*share * (group.*share) * group.variance;
    sum += part;
    squares += part * part / (group.count - 1.0);
  }
  return squares > 0.0 ? sum * sum / squares : 1.0;
}

MomentErrors errors_on(const std::vector<NormGroup>& groups, const NoiseMoments& moments) {
  MomentErrors of;
  of.moments = moments;
  for (const NormGroup& group : groups) {
    of.gradient_variance += group.gradient * group.gradient * group.variance;
    of.covariance_variance += group.trace * group.trace * group.variance;
    of.covariation += group.gradient * group.trace * group.variance;
    of.measurements += static_cast<std::int64_t>(group.count);
    of.examples += group.count * group.batch_size;
  }
  of.degrees_of_freedom =
      std::min(freedom_of(groups, &NormGroup::gradient), freedom_of(groups, &NormGroup::trace));
  return of;
}

// Of the means about the line: their squared distances in errors, by Fisher's distribution, as the
// errors are those of few norms. Fewer still are too far from normal.
std::optional<double> p_value_of(const std::vector<NormsAtBatchSize>& batch_sizes) {
  if (batch_sizes.size() < 3) return std::nullopt;
  double distance = 0.0, freedom = 0.0;
  for (const NormsAtBatchSize& each : batch_sizes) {
    if (each.norms < kLeastNorms || !(each.standard_error > 0.0)) return std::nullopt;
    const double z = (each.mean - each.fitted) / each.standard_error;
    distance += z * z;
    freedom += static_cast<double>(each.norms - 1);
  }
  const double left = static_cast<double>(batch_sizes.size()) - 2.0;
  const boost::math::fisher_f known(left, freedom);
  return boost::math::cdf(boost::math::complement(known, distance / left));
}

}  // namespace

double expected_squared_norm(double batch_size, const NoiseMoments& moments) {
  return moments.squared_gradient + moments.covariance_trace / batch_size;
}

NoiseLine fit_noise_line(std::span<const BatchNorm> norms, const NoiseScaleOptions& options) {
  std::vector<NormGroup> groups = groups_of(norms);
  const NoiseMoments moments = fit_moments(groups);
  NoiseLine line{noise_scale_of(errors_on(groups, moments), options), {}, {}};
  for (const NormGroup& group : groups) {
    line.batch_sizes.push_back({group.batch_size, static_cast<std::int64_t>(group.count),
                                group.mean, std::sqrt(group.variance),
                                expected_squared_norm(group.batch_size, moments)});
  }
  line.p_value = p_value_of(line.batch_sizes);
  return line;
}

}  // namespace etalon
