#include "law/balance_surface.hpp"

#include <cmath>

namespace etalon {
namespace {

using Places = Eigen::Ref<const Eigen::ArrayXd>;

// Far from the data the exponential may overflow; this is larger than any loss that matters.
constexpr double kMostExponent = 40.0;

// One cost S·(e^(r·z) − 1)/r at many z, with its derivatives by ln S (itself), ln r and z.
struct Cost {
  Cost(double log_slope, double log_rate, const Eigen::ArrayXd& z)
      : by_z(std::exp(log_slope) * (std::exp(log_rate) * z).min(kMostExponent).exp()),
        value((by_z - std::exp(log_slope)) / std::exp(log_rate)) {}
  Eigen::ArrayXd by_log_rate(const Eigen::ArrayXd& z) const { return by_z * z - value; }
  Eigen::ArrayXd by_z;
  Eigen::ArrayXd value;
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

Eigen::VectorXd BalanceSurface::losses(const Parameters& t, Places u, Places v,
                                       Jacobian* jacobian) {
  const Eigen::ArrayXd progress_at = t[kKappa1] * u - v;
  const Eigen::ArrayXd noise_at = v - t[kKappa2] * u;
  const Cost progress(t[kLogA], t[kLogP], progress_at);
  const Cost noise(t[kLogC], t[kLogQ], noise_at);
  const Cost instability(t[kLogD], t[kLogW], v);
  const Cost steps(t[kLogG], t[kLogH], u);
  if (jacobian) {
    jacobian->resize(u.size(), kCount);
    jacobian->col(kLevel).setOnes();
    jacobian->col(kLogA) = progress.value;
    jacobian->col(kLogP) = progress.by_log_rate(progress_at);
    jacobian->col(kKappa1) = progress.by_z * u;
    jacobian->col(kLogC) = noise.value;
    jacobian->col(kLogQ) = noise.by_log_rate(noise_at);
    jacobian->col(kKappa2) = -noise.by_z * u;
    jacobian->col(kLogD) = instability.value;
    jacobian->col(kLogW) = instability.by_log_rate(v);
    jacobian->col(kLogG) = steps.value;
    jacobian->col(kLogH) = steps.by_log_rate(u);
  }
  return t[kLevel] + progress.value + noise.value + instability.value + steps.value;
}

double BalanceSurface::loss(const Parameters& t, double u, double v) {
  return losses(t, Eigen::ArrayXd::Constant(1, u), Eigen::ArrayXd::Constant(1, v))[0];
}

double BalanceSurface::loss(const Parameters& t, double u, double v, Parameters& gradient) {
  Jacobian jacobian;
  const double value =
      losses(t, Eigen::ArrayXd::Constant(1, u), Eigen::ArrayXd::Constant(1, v), &jacobian)[0];
  gradient = jacobian.row(0);
  return value;
}

}  // namespace etalon
