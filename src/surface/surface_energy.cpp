#include "surface/surface_energy.hpp"

#include <cmath>

namespace etalon {
namespace {

// Of Student's distribution of noise.
constexpr double kFreedom = 4.0;

double square(double x) { return x * x; }

BalanceCosts costs_at(const std::vector<SweepPoint>& points) {
  Eigen::ArrayXd u(points.size()), v(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    u[i] = points[i].u;
    v[i] = points[i].v;
  }
  return {u, v};
}

Eigen::MatrixXd covariance_of(const std::vector<SweepPoint>& points, const MisfitModel& misfit) {
  const auto size = static_cast<Eigen::Index>(points.size());
  Eigen::MatrixXd covariance(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const SweepPoint& a = points[i];
    for (Eigen::Index j = 0; j <= i; ++j) {
      const SweepPoint& b = points[j];
      covariance(i, j) = misfit.kernel(a.u - b.u, a.v - b.v);
      if (a.u == b.u) covariance(i, j) += a.level_deviation * b.level_deviation;
      covariance(j, i) = covariance(i, j);
    }
    covariance(i, i) += misfit.noise_variance(a) * a.doubt;
  }
  return covariance;
}

}  // namespace

double MisfitModel::bound_variance(const SweepPoint& bound) const {
  const double of_excess = square(relative_noise * bound.excess);
  return bound.is_soft ? of_excess + square(noise) + square(discrepancy) : of_excess;
}

double MisfitModel::noise_variance(const SweepPoint& point) const {
  return (square(noise) + square(relative_noise * point.excess)) / point.runs;
}

double MisfitModel::kernel(double du, double dv) const {
  return square(discrepancy) *
         std::exp(-0.5 * square(dv / lr_length) - 0.5 * square(du / batch_length));
}

SurfaceEnergy::SurfaceEnergy(const StandardizedSweep& sweep, UpdateKind kind,
                             const MisfitModel& misfit)
    : sweep_(sweep),
      misfit_(misfit),
      prior_(BalanceSurface::prior(kind)),
      points_(costs_at(sweep.points)),
      bounds_(costs_at(sweep.bounds)),
      losses_(sweep.points.size()),
      factor_(covariance_of(sweep.points, misfit)) {
  for (std::size_t i = 0; i < sweep.points.size(); ++i) losses_[i] = sweep.points[i].loss;
}

double SurfaceEnergy::log_determinant() const {
  return 2.0 * factor_.matrixLLT().diagonal().array().log().sum();
}

Eigen::VectorXd SurfaceEnergy::residuals(const Parameters& parameters) {
  return losses_ - points_.losses(parameters);
}

StandardizedSweep SurfaceEnergy::doubted(const Parameters& parameters) {
  const auto size = losses_.size();
  const Eigen::MatrixXd precision = factor_.solve(Eigen::MatrixXd::Identity(size, size));
  const Eigen::VectorXd weighted = precision * residuals(parameters);
  StandardizedSweep sweep = sweep_;
  for (Eigen::Index i = 0; i < size; ++i) {
    SweepPoint& point = sweep.points[i];
    const double undoubted = misfit_.noise_variance(point);
    const double variance = undoubted * point.doubt;
    // Of the point's noise, given all: its mean squared and its variance.
    const double squared =
        square(variance * weighted[i]) + variance - square(variance) * precision(i, i);
    point.doubt = (kFreedom + squared / undoubted) / (kFreedom + 1.0);
  }
  return sweep;
}

double SurfaceEnergy::value(const Parameters& parameters) {
  residual_ = losses_ - points_.losses(parameters);
  factor_.matrixL().solveInPlace(residual_);
  return 0.5 * residual_.squaredNorm() + prior_value(parameters, nullptr) +
         bounds_value(parameters, nullptr, nullptr);
}

double SurfaceEnergy::value(const Parameters& parameters, Parameters& gradient) {
  if (precision_.size() == 0) {
    precision_ = factor_.solve(Eigen::MatrixXd::Identity(losses_.size(), losses_.size()));
  }
  residual_ = losses_ - points_.losses(parameters);
  weighted_.noalias() = precision_ * residual_;
  const double value = 0.5 * residual_.dot(weighted_) + prior_value(parameters, &gradient);
  gradient -= points_.gradient(weighted_);
  return value + bounds_value(parameters, &gradient, nullptr);
}

double SurfaceEnergy::value(const Parameters& parameters, Parameters& gradient, Matrix& curvature) {
  constexpr int kCount = BalanceSurface::kCount;
  // Derivatives and residuals, both divided by the root of the covariance.
  Eigen::Matrix<double, Eigen::Dynamic, kCount + 1> whitened(losses_.size(), kCount + 1);
  whitened.col(kCount) = losses_ - points_.losses(parameters);
  whitened.leftCols<kCount>() = points_.jacobian();
  factor_.matrixL().solveInPlace(whitened);
  const auto slopes = whitened.leftCols<kCount>();
  const auto residual = whitened.col(kCount);
  const double value = 0.5 * residual.squaredNorm() + prior_value(parameters, &gradient);
  gradient -= slopes.transpose() * residual;
  curvature = slopes.transpose() * slopes;
  curvature.diagonal() += prior_.deviation.array().square().inverse().matrix();
  return value + bounds_value(parameters, &gradient, &curvature);
}

double SurfaceEnergy::prior_value(const Parameters& parameters, Parameters* gradient) const {
  const Parameters score = (parameters - prior_.mean).cwiseQuotient(prior_.deviation);
  if (gradient) *gradient = score.cwiseQuotient(prior_.deviation);
  return 0.5 * score.squaredNorm();
}

double SurfaceEnergy::bounds_value(const Parameters& parameters, Parameters* gradient,
                                   Matrix* curvature) {
  if (sweep_.bounds.empty()) return 0.0;
  const Eigen::VectorXd& losses = bounds_.losses(parameters);
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(losses.size());  // where the surface is too low
  Eigen::VectorXd missing = weights;
  for (Eigen::Index i = 0; i < losses.size(); ++i) {
    const SweepPoint& bound = sweep_.bounds[i];
    if (bound.loss <= losses[i]) continue;
    missing[i] = bound.loss - losses[i];
    weights[i] = 1.0 / misfit_.bound_variance(bound);
  }
  const Eigen::VectorXd forces = weights.cwiseProduct(missing);
  if (gradient) *gradient -= bounds_.gradient(forces);
  if (curvature) {
    const BalanceSurface::Jacobian jacobian = bounds_.jacobian();
    *curvature += jacobian.transpose() * weights.asDiagonal() * jacobian;
  }
  return 0.5 * missing.dot(forces);
}

}  // namespace etalon
