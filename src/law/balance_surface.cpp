#include "law/balance_surface.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// One cost S·(e^(r·z) − 1)/r with its derivatives by ln S, ln r and z.
struct Cost {
  Cost(double log_slope, double log_rate, double z) {
    const double slope = std::exp(log_slope);
    const double rate = std::exp(log_rate);
    // Far from the data the exponential may overflow; this is larger than any loss that matters.
    const double exponent = std::min(rate * z, 40.0);
    const double growth = std::exp(exponent);
    value = slope * std::expm1(exponent) / rate;
    by_z = slope * growth;
    by_log_rate = by_z * z - value;
  }
  double value;
  double by_z;
  double by_log_rate;
};

}  // namespace

BalanceSurface::Prior BalanceSurface::prior(UpdateKind kind) {
  // Theory says 1 for SGD and 1/2 to 1 for Adam; decay and schedules blur both.
  const double kappa = kind == UpdateKind::sgd ? 1.0 : 0.75;
  const double kappa_deviation = 0.4;
  Prior prior;
  prior.mean << 0.0, std::log(2.5), std::log(0.5), kappa, std::log(1.5), 0.0, kappa, 0.0,
      std::log(1.5), 0.0, std::log(0.7);
  prior.deviation << 5.0, 0.8, 0.7, kappa_deviation, 1.2, 0.5, kappa_deviation, 1.5, 0.5, 1.5, 0.5;
  return prior;
}

double BalanceSurface::loss(const Parameters& t, double u, double v) {
  return t[kLevel] + Cost(t[kLogA], t[kLogP], t[kKappa1] * u - v).value +
         Cost(t[kLogC], t[kLogQ], v - t[kKappa2] * u).value + Cost(t[kLogD], t[kLogW], v).value +
         Cost(t[kLogG], t[kLogH], u).value;
}

double BalanceSurface::loss(const Parameters& t, double u, double v, Parameters& gradient) {
  const Cost progress(t[kLogA], t[kLogP], t[kKappa1] * u - v);
  const Cost noise(t[kLogC], t[kLogQ], v - t[kKappa2] * u);
  const Cost instability(t[kLogD], t[kLogW], v);
  const Cost steps(t[kLogG], t[kLogH], u);
  gradient << 1.0, progress.value, progress.by_log_rate, progress.by_z * u, noise.value,
      noise.by_log_rate, -noise.by_z * u, instability.value, instability.by_log_rate, steps.value,
      steps.by_log_rate;
  return t[kLevel] + progress.value + noise.value + instability.value + steps.value;
}

}  // namespace etalon
