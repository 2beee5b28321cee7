#include "surface/exponent_shift.hpp"

#include <algorithm>

namespace etalon {
namespace {

// Of a normal distribution, that lies within one deviation.
constexpr double kWithinOne = 0.6827;
// Exponents that agree to less are known.
constexpr double kLeastExponentDeviation = 0.01;

double exponent_at(const std::vector<double>& ascending, double probability) {
  const auto place = static_cast<std::size_t>(probability * static_cast<double>(ascending.size()));
  return ascending[std::min(place, ascending.size() - 1)];
}

// By quantiles, since a few draws have their optimum far off.
ExponentPrior normal_of(std::span<const double> exponents) {
  std::vector<double> ascending(exponents.begin(), exponents.end());
  std::sort(ascending.begin(), ascending.end());
  const double width = exponent_at(ascending, 0.5 + 0.5 * kWithinOne) -
                       exponent_at(ascending, 0.5 - 0.5 * kWithinOne);
  return {exponent_at(ascending, 0.5), std::max(0.5 * width, kLeastExponentDeviation)};
}

double optimum_at(const BalanceSurface::Parameters& surface, BalanceCurve& curve,
                  std::span<const double> v) {
  Eigen::VectorXd losses = Eigen::VectorXd::Zero(std::ssize(v));
  curve.add_losses(surface, 0.0, losses);
  Eigen::Index least = 0;
  losses.minCoeff(&least);
  return v[static_cast<std::size_t>(least)];
}

}  // namespace

std::vector<double> exponents_of(std::span<const BalanceSurface::Parameters> surfaces,
                                 double u_from, double u_to, std::span<const double> v) {
  BalanceCurve from(u_from, v), to(u_to, v);
  std::vector<double> exponents;
  exponents.reserve(surfaces.size());
  for (const BalanceSurface::Parameters& surface : surfaces) {
    exponents.push_back((optimum_at(surface, to, v) - optimum_at(surface, from, v)) /
                        (u_to - u_from));
  }
  return exponents;
}

std::vector<double> exponent_shifts(std::span<const double> exponents, const ExponentPrior& prior) {
  const ExponentPrior own = normal_of(exponents);
  std::vector<double> shifts;
  shifts.reserve(exponents.size());
  for (const double exponent : exponents) {
    const double score = (exponent - own.mean) / own.deviation;
    shifts.push_back(prior.mean + prior.deviation * score - exponent);
  }
  return shifts;
}

}  // namespace etalon
