// What a sweep says about its loss surface: draws from the posterior of a BalanceSurface.
//
// Model: mean loss = surface + discrepancy + noise. The discrepancy is a Gaussian process over
// (ln B, ln η), because no four costs are exactly a training; the noise has a floor and grows with
// the excess over the best loss, because runs far from the optimum are the erratic ones. Bounds
// (diverged runs) are one-sided. Draws come from Hamiltonian Monte Carlo (Neal 2011, arXiv
// 1206.1901), preconditioned by the Gauss-Newton curvature at the mode. The same sweep, options and
// seed give the same draws. Immutable once made; safe from any thread.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <span>
#include <vector>

#include "law/balance_surface.hpp"
#include "law/sweep.hpp"

namespace etalon {

// In units of the sweep's loss_scale and natural logarithms.
struct MisfitModel {
  double noise = 0.15;           // deviation of one run near the optimum
  double relative_noise = 0.15;  // deviation per unit of excess
  double discrepancy = 0.2;      // deviation of the discrepancy
  double lr_length = 1.0;        // over which the discrepancy varies
  double batch_length = 1.0;
};

struct PosteriorOptions {
  UpdateKind kind = UpdateKind::adaptive;
  MisfitModel misfit;
  int chains = 4;
  int draws_per_chain = 60;  // kept; a third more is discarded first
  std::uint64_t seed = 1;
};

// What the losses at one batch size would be: one column per draw, one row per learning rate.
struct Prediction {
  Eigen::MatrixXd mean;        // surface + conditional mean of the discrepancy
  Eigen::MatrixXd covariance;  // of the discrepancy given the data, the same for every draw
};

class SurfacePosterior {
 public:
  SurfacePosterior(Sweep sweep, const PosteriorOptions& options);

  const Sweep& sweep() const { return sweep_; }
  const BalanceSurface::Parameters& mode() const { return mode_; }
  const std::vector<BalanceSurface::Parameters>& draws() const { return draws_; }
  // Laplace's approximation to the logarithm of the evidence, for comparing misfit models.
  double log_evidence() const { return log_evidence_; }
  Prediction predict(double u, std::span<const double> v) const;
  const MisfitModel& misfit() const { return options_.misfit; }

 private:
  using Parameters = BalanceSurface::Parameters;
  using Matrix = Eigen::Matrix<double, BalanceSurface::kCount, BalanceSurface::kCount>;

  // Minus the log posterior up to a constant, with gradient and Gauss-Newton curvature if asked.
  double energy(const Parameters& parameters, Parameters* gradient, Matrix* curvature) const;
  double kernel(double du, double dv) const;
  void factorize();
  Eigen::VectorXd residuals(const Parameters& parameters) const;
  void find_mode();
  double descend(Parameters& parameters) const;
  void sample();

  Sweep sweep_;
  PosteriorOptions options_;
  BalanceSurface::Prior prior_;
  Eigen::MatrixXd precision_;  // inverse covariance of the points
  double log_determinant_ = 0.0;
  Parameters mode_;
  double log_evidence_ = 0.0;
  std::vector<Parameters> draws_;
};

}  // namespace etalon
