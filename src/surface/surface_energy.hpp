// Minus the logarithm of the posterior density of a BalanceSurface, given a sweep and a misfit, up
// to a constant.
//
// Each function computes no more than its result needs. For one thread.
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include "surface/balance_surface.hpp"
#include "surface/standardized_sweep.hpp"

namespace etalon {

// In units of the sweep's loss_scale and natural logarithms.
struct MisfitModel {
  double noise = 0.15;           // deviation of one run near the optimum
  double relative_noise = 0.25;  // deviation per unit of excess
  double discrepancy = 0.5;      // deviation of the discrepancy
  double lr_length = 1.5;        // over which the discrepancy varies
  double batch_length = 1.0;

  // By how much the surface may lie below a bound. Below one that is inferred of a run that was
  // stopped early it may by as much as the surface and a run may differ.
  double bound_variance(const SweepPoint& bound) const;
  // Of the noise of a point that is not doubted.
  double noise_variance(const SweepPoint& point) const;
  // The covariance of the discrepancy at two places.
  double kernel(double du, double dv) const;
};

class SurfaceEnergy {
 public:
  using Parameters = BalanceSurface::Parameters;
  using Matrix = Eigen::Matrix<double, BalanceSurface::kCount, BalanceSurface::kCount>;

  SurfaceEnergy(const StandardizedSweep& sweep, UpdateKind kind, const MisfitModel& misfit);

  double value(const Parameters& parameters);
  // Gauss and Newton's curvature.
  double value(const Parameters& parameters, Parameters& gradient, Matrix& curvature);
  // For many calls: the inverse of the covariance is computed at the first.
  double value(const Parameters& parameters, Parameters& gradient);

  // The measured losses minus the surface's.
  Eigen::VectorXd residuals(const Parameters& parameters);

  const BalanceSurface::Prior& prior() const { return prior_; }
  const MisfitModel& misfit() const { return misfit_; }
  const StandardizedSweep& sweep() const { return sweep_; }
  // Of the covariance of the points: discrepancy and noise.
  const Eigen::LLT<Eigen::MatrixXd>& factor() const { return factor_; }
  double log_determinant() const;
  // The sweep with its points doubted anew: one step of expectation and maximization where noise is
  // Student's (Lange, Little and Taylor 1989).
  StandardizedSweep doubted(const Parameters& parameters);

 private:
  double prior_value(const Parameters& parameters, Parameters* gradient) const;
  double bounds_value(const Parameters& parameters, Parameters* gradient, Matrix* curvature);

  StandardizedSweep sweep_;
  MisfitModel misfit_;
  BalanceSurface::Prior prior_;
  BalanceCosts points_, bounds_;
  Eigen::VectorXd losses_;  // of the points
  Eigen::LLT<Eigen::MatrixXd> factor_;
  Eigen::MatrixXd precision_;  // inverse covariance of the points
  Eigen::VectorXd residual_, weighted_;
};

}  // namespace etalon
