#include "surface/balance_surface.hpp"

#include <cmath>

#include "surface/balance_costs.hpp"

namespace etalon {
namespace {

BalanceCosts costs_at(double u, double v) {
  return {Eigen::ArrayXd::Constant(1, u), Eigen::ArrayXd::Constant(1, v)};
}

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

double BalanceSurface::loss(const Parameters& parameters, double u, double v) {
  return costs_at(u, v).losses(parameters)[0];
}

double BalanceSurface::loss(const Parameters& parameters, double u, double v,
                            Parameters& gradient) {
  BalanceCosts costs = costs_at(u, v);
  const double value = costs.losses(parameters)[0];
  gradient = costs.gradient(Eigen::VectorXd::Ones(1));
  return value;
}

}  // namespace etalon
