// What a sweep says about its loss surface: draws from the posterior of a BalanceSurface.
//
// Model: mean loss = surface + discrepancy + noise. The discrepancy is a Gaussian process over
// (ln B, ln η), because no four costs are exactly a training; the noise has a floor and grows with
// the excess over the best loss, because runs far from the optimum are the erratic ones. Bounds
// (diverged runs) are one-sided. Draws come from Hamiltonian Monte Carlo (Neal 2011, arXiv
// 1206.1901), preconditioned by the Gauss-Newton curvature at the mode. The same arguments give the
// same draws. Immutable once made; safe from any thread.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "surface/standardized_sweep.hpp"
#include "surface/surface_energy.hpp"

namespace etalon {

inline constexpr int kChains = 4;
inline constexpr int kDrawsPerChain = 100;

struct SamplingOptions {
  int chains = kChains;
  int draws_per_chain = kDrawsPerChain;  // kept, after a warm-up
  std::uint64_t seed = 1;
};

// What the losses at one batch size would be, one row per learning rate.
struct Prediction {
  Eigen::MatrixXd mean;        // a column per draw: surface + conditional mean of the discrepancy
  Eigen::MatrixXd covariance;  // of the discrepancy given the data, the same for every draw
};

class SurfacePosterior {
 public:
  using Parameters = BalanceSurface::Parameters;

  // Finds the mode from `start`, and from others if there is none; does not draw yet.
  SurfacePosterior(const StandardizedSweep& sweep, UpdateKind kind, const MisfitModel& misfit,
                   const Parameters* start = nullptr);

  void draw(const SamplingOptions& options);

  const MisfitModel& misfit() const { return energy_.misfit(); }
  const Parameters& mode() const { return mode_; }
  // The sweep as the mode doubts its points.
  StandardizedSweep doubted() { return energy_.doubted(mode_); }
  const std::vector<Parameters>& draws() const { return draws_; }
  // Laplace's approximation to the logarithm of the evidence, for comparing misfit models; minus
  // infinity where the curvature at the mode is none of a minimum.
  double log_evidence() const { return log_evidence_; }
  // Each draw's surface has the form at u that it has at `form_u`, moved along v by `shifts`, one
  // per draw or empty.
  Prediction predict(double u, std::span<const double> v, std::span<const double> shifts,
                     double form_u) const;

 private:
  double level_deviation(double u) const;  // of what was run there
  Eigen::MatrixXd cross_covariance(double u, std::span<const double> v) const;
  double descend(Parameters& parameters);
  void find_mode(const Parameters* start);
  void run_chain(const SurfaceEnergy::Matrix& scale, const SamplingOptions& options, int chain);

  SurfaceEnergy energy_;
  Parameters mode_;
  double log_evidence_ = -std::numeric_limits<double>::infinity();
  std::vector<Parameters> draws_;
  // Of the points, a column per draw, divided by the root of the points' covariance.
  Eigen::MatrixXd whitened_residuals_;
};

// The posterior whose misfit explains the sweep best (greatest evidence times a broad prior), with
// draws: the noise and the discrepancy are estimated from the sweep itself. Points that it explains
// badly are then doubted, as noise with heavy tails has it, so that a few strays shape no surface.
// A misfit that is known is taken as it is.
SurfacePosterior fit_surface(const StandardizedSweep& sweep, UpdateKind kind,
                             const SamplingOptions& options, const MisfitModel* known = nullptr);

}  // namespace etalon
