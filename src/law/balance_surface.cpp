#include "law/balance_surface.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// Far from the data an exponential may overflow; that of this is more than any loss that matters.
constexpr double kMostExponent = 40.0;

Eigen::ArrayXd growth(const Eigen::ArrayXd& exponents) {
  return exponents.min(kMostExponent).exp();
}

void find_distinct(const Eigen::ArrayXd& values, Eigen::ArrayXd& distinct,
                   std::vector<Eigen::Index>& index) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  distinct = Eigen::Map<const Eigen::ArrayXd>(sorted.data(), std::ssize(sorted));
  index.reserve(static_cast<std::size_t>(values.size()));
  for (const double value : values) {
    index.push_back(std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin());
  }
}

}  // namespace

BalanceSurface::Places::Places(const Eigen::Ref<const Eigen::ArrayXd>& u,
                               const Eigen::Ref<const Eigen::ArrayXd>& v)
    : u_(u), v_(v) {
  find_distinct(u_, distinct_u_, u_index_);
  find_distinct(v_, distinct_v_, v_index_);
}

// One cost S·(e^(r·z) − 1)/r with z = a·u + b·v, and its derivatives by ln S (itself), ln r and z.
struct BalanceSurface::Cost {
  Cost(double log_slope, double log_rate, double a_of_u, double b_of_v, const Places& at)
      : a(a_of_u), b(b_of_v), by_z(at.size()) {
    const double slope = std::exp(log_slope);
    const double rate = std::exp(log_rate);
    const Eigen::ArrayXd by_u = slope * growth(rate * a * at.distinct_u_);
    const Eigen::ArrayXd by_v = growth(rate * b * at.distinct_v_);
    for (Eigen::Index i = 0; i < at.size(); ++i) {
      const auto k = static_cast<std::size_t>(i);
      by_z[i] = by_u[at.u_index_[k]] * by_v[at.v_index_[k]];
    }
    value = (by_z - slope) / rate;
  }
  Eigen::ArrayXd by_log_rate(const Places& at) const {
    return by_z * (a * at.u_ + b * at.v_) - value;
  }
  double a, b;
  Eigen::ArrayXd by_z;
  Eigen::ArrayXd value;
};

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

Eigen::VectorXd BalanceSurface::losses(const Parameters& t, const Places& at, Jacobian* jacobian) {
  const Cost progress(t[kLogA], t[kLogP], t[kKappa1], -1.0, at);
  const Cost noise(t[kLogC], t[kLogQ], -t[kKappa2], 1.0, at);
  const Cost instability(t[kLogD], t[kLogW], 0.0, 1.0, at);
  const Cost steps(t[kLogG], t[kLogH], 1.0, 0.0, at);
  if (jacobian) {
    jacobian->resize(at.size(), kCount);
    jacobian->col(kLevel).setOnes();
    jacobian->col(kLogA) = progress.value;
    jacobian->col(kLogP) = progress.by_log_rate(at);
    jacobian->col(kKappa1) = progress.by_z * at.u_;
    jacobian->col(kLogC) = noise.value;
    jacobian->col(kLogQ) = noise.by_log_rate(at);
    jacobian->col(kKappa2) = -noise.by_z * at.u_;
    jacobian->col(kLogD) = instability.value;
    jacobian->col(kLogW) = instability.by_log_rate(at);
    jacobian->col(kLogG) = steps.value;
    jacobian->col(kLogH) = steps.by_log_rate(at);
  }
  return t[kLevel] + progress.value + noise.value + instability.value + steps.value;
}

double BalanceSurface::loss(const Parameters& t, double u, double v) {
  return losses(t, Places(Eigen::ArrayXd::Constant(1, u), Eigen::ArrayXd::Constant(1, v)))[0];
}

double BalanceSurface::loss(const Parameters& t, double u, double v, Parameters& gradient) {
  const Places place(Eigen::ArrayXd::Constant(1, u), Eigen::ArrayXd::Constant(1, v));
  Jacobian jacobian;
  const double value = losses(t, place, &jacobian)[0];
  gradient = jacobian.row(0);
  return value;
}

}  // namespace etalon
