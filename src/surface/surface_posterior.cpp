#include "surface/surface_posterior.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/random.hpp"

namespace etalon {
namespace {

constexpr int kStarts = 3;
constexpr int kMaxDescents = 80;
// Of the priors, that one step of a descent goes at most: a first step from far off would land
// where exponentials are bounded, and no slope leads back from there.
constexpr double kMostDeviations = 3.0;
constexpr int kLeapfrogs = 7;
// Of a preconditioned trajectory, where the mode's curvature is 1; each chain then finds its own,
// so that it accepts this share of its trajectories (Beskos et al. 2013, arXiv 1001.4460: 0.65 to
// 0.8).
constexpr double kFirstStep = 0.35;
constexpr double kAcceptance = 0.75;
constexpr int kWarmup = 50;
// Trajectories of one length would come back to where they began: a step is drawn evenly from the
// first share of it, over the second.
constexpr double kStepShares[] = {0.6, 0.8};
// How large the noise and the discrepancy may be: that of the greatest evidence is taken.
constexpr double kNoises[] = {0.08, 0.15, 0.3};
constexpr double kDiscrepancies[] = {0.2, 0.4, 0.8, 1.6};

// Broad priors of the two logarithms, around what replicated trainings show: runs differ by a
// fraction of the rise at one octave, and so do smooth forms from measured curves.
constexpr double kNoiseMedian = 0.15;
constexpr double kNoiseDeviation = 0.6;
constexpr double kDiscrepancyMedian = 0.5;
constexpr double kDiscrepancyDeviation = 0.8;

double log_prior(const MisfitModel& misfit) {
  const double noise = std::log(misfit.noise / kNoiseMedian) / kNoiseDeviation;
  const double discrepancy =
      std::log(misfit.discrepancy / kDiscrepancyMedian) / kDiscrepancyDeviation;
  return -0.5 * (noise * noise + discrepancy * discrepancy);
}

template <class Stream>
BalanceSurface::Parameters normals(Stream& stream) {
  BalanceSurface::Parameters result;
  for (double& value : result) value = stream.normal();
  return result;
}

// A step of a descent, made shorter where it goes too far; by the level, which is in no
// exponential, it may.
BalanceSurface::Parameters shortened(const BalanceSurface::Parameters& step,
                                     const BalanceSurface::Prior& prior) {
  BalanceSurface::Parameters scores = step.cwiseQuotient(prior.deviation);
  scores[BalanceSurface::kLevel] = 0.0;
  return step / std::max(1.0, scores.cwiseAbs().maxCoeff() / kMostDeviations);
}

}  // namespace

SurfacePosterior::SurfacePosterior(const StandardizedSweep& sweep, UpdateKind kind,
                                   const MisfitModel& misfit, const Parameters* start)
    : energy_(sweep, kind, misfit) {
  find_mode(start);
}

// Levenberg and Marquardt's descent; `parameters` end at the minimum, whose energy is returned.
double SurfacePosterior::descend(Parameters& parameters) {
  double damping = 1e-2;
  Parameters gradient;
  SurfaceEnergy::Matrix curvature;
  double value = energy_.value(parameters, gradient, curvature);
  for (int i = 0; i < kMaxDescents && damping < 1e9; ++i) {
    SurfaceEnergy::Matrix damped = curvature;
    damped.diagonal() *= 1.0 + damping;
    const Parameters candidate =
        parameters - shortened(damped.ldlt().solve(gradient), energy_.prior());
    const double found = energy_.value(candidate);
    if (!(found < value)) {
      damping *= 5.0;
      continue;
    }
    const bool settled = value - found < 1e-4;
    parameters = candidate;
    value = energy_.value(parameters, gradient, curvature);
    damping *= 0.3;
    if (settled) break;
  }
  return value;
}

void SurfacePosterior::find_mode(const Parameters* start) {
  RandomStream stream(0, "surface.starts");
  mode_ = energy_.prior().mean;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < (start ? 1 : kStarts); ++i) {
    Parameters candidate = start ? *start : energy_.prior().mean;
    if (i > 0) candidate += 0.5 * energy_.prior().deviation.cwiseProduct(normals(stream));
    const double value = descend(candidate);
    if (value < least) {
      least = value;
      mode_ = candidate;
    }
  }
  SurfaceEnergy::Matrix curvature;
  Parameters gradient;
  energy_.value(mode_, gradient, curvature);
  const Eigen::LLT<SurfaceEnergy::Matrix> factor(curvature);
  if (factor.info() != Eigen::Success) return;
  log_evidence_ = -least - 0.5 * energy_.log_determinant() -
                  factor.matrixLLT().diagonal().array().log().sum() -
                  energy_.prior().deviation.array().log().sum();
}

void SurfacePosterior::draw(const SamplingOptions& options) {
  SurfaceEnergy::Matrix curvature;
  Parameters gradient;
  energy_.value(mode_, gradient, curvature);
  const Eigen::SelfAdjointEigenSolver<SurfaceEnergy::Matrix> eigen(curvature);
  // No less than the priors curve it, but for rounding.
  const double least = energy_.prior().deviation.array().square().inverse().minCoeff();
  const Parameters deviations = eigen.eigenvalues().array().max(least).rsqrt();
  const SurfaceEnergy::Matrix scale = eigen.eigenvectors() * deviations.asDiagonal();
  for (int chain = 0; chain < options.chains; ++chain) run_chain(scale, options, chain);
  whitened_residuals_.resize(std::ssize(energy_.sweep().points), std::ssize(draws_));
  for (Eigen::Index k = 0; k < whitened_residuals_.cols(); ++k) {
    whitened_residuals_.col(k) = energy_.residuals(draws_[k]);
  }
  energy_.factor().matrixL().solveInPlace(whitened_residuals_);
}

void SurfacePosterior::run_chain(const SurfaceEnergy::Matrix& scale, const SamplingOptions& options,
                                 int chain) {
  RandomStream stream(options.seed, fmt::format("surface.chain.{}", chain));
  Parameters position = mode_ + 0.5 * scale * normals(stream);
  Parameters gradient;
  double potential = energy_.value(position, gradient);
  double log_step = std::log(kFirstStep);
  for (int i = -kWarmup; i < options.draws_per_chain; ++i) {
    Parameters momentum = normals(stream);
    Parameters moved = position;
    Parameters slope = gradient;
    double value = potential;
    const double start = potential + 0.5 * momentum.squaredNorm();
    const double step = std::exp(log_step) * (kStepShares[0] + kStepShares[1] * stream.uniform());
    for (int leap = 0; leap < kLeapfrogs; ++leap) {
      momentum -= 0.5 * step * scale.transpose() * slope;
      moved += step * scale * momentum;
      value = energy_.value(moved, slope);
      momentum -= 0.5 * step * scale.transpose() * slope;
    }
    const double change = start - value - 0.5 * momentum.squaredNorm();
    const double acceptance = std::isfinite(change) ? std::exp(std::min(change, 0.0)) : 0.0;
    if (i < 0) log_step += (acceptance - kAcceptance) / std::sqrt(kWarmup + i + 4.0);
    if (1.0 - stream.uniform() < acceptance) {
      position = moved;
      gradient = slope;
      potential = value;
    }
    if (i >= 0) draws_.push_back(position);
  }
}

// Of the discrepancy at the points, in rows, and at v, in columns.
Eigen::MatrixXd SurfacePosterior::cross_covariance(double u, std::span<const double> v) const {
  const std::vector<SweepPoint>& points = energy_.sweep().points;
  Eigen::MatrixXd cross(std::ssize(points), std::ssize(v));
  for (Eigen::Index j = 0; j < cross.cols(); ++j) {
    for (Eigen::Index i = 0; i < cross.rows(); ++i) {
      cross(i, j) = misfit().kernel(u - points[i].u, v[j] - points[i].v);
    }
  }
  return cross;
}

Prediction SurfacePosterior::predict(double u, std::span<const double> v,
                                     std::span<const double> shifts) const {
  Eigen::MatrixXd root = cross_covariance(u, v);
  energy_.factor().matrixL().solveInPlace(root);
  Prediction prediction{root.transpose() * whitened_residuals_, -root.transpose() * root};
  for (Eigen::Index j = 0; j < prediction.covariance.cols(); ++j) {
    prediction.covariance(j, j) += misfit().kernel(0.0, 0.0);
    for (Eigen::Index i = 0; i < j; ++i) {
      const double prior = misfit().kernel(0.0, v[i] - v[j]);
      prediction.covariance(i, j) += prior;
      prediction.covariance(j, i) += prior;
    }
  }
  BalanceCurve curve(u, v);
  for (Eigen::Index k = 0; k < prediction.mean.cols(); ++k) {
    curve.add_losses(draws_[k], shifts.empty() ? 0.0 : shifts[k], prediction.mean.col(k));
  }
  return prediction;
}

SurfacePosterior fit_surface(const StandardizedSweep& sweep, UpdateKind kind,
                             const SamplingOptions& options, const MisfitModel* known) {
  SurfacePosterior best(sweep, kind, known ? *known : MisfitModel{});
  if (known) {
    best.draw(options);
    return best;
  }
  std::optional<double> greatest;
  const SurfacePosterior::Parameters start = best.mode();
  for (const double noise : kNoises) {
    for (const double discrepancy : kDiscrepancies) {
      MisfitModel misfit;
      misfit.noise = noise;
      misfit.discrepancy = discrepancy;
      SurfacePosterior candidate(sweep, kind, misfit, &start);
      const double score = candidate.log_evidence() + log_prior(misfit);
      if (greatest && score <= *greatest) continue;
      greatest = score;
      best = std::move(candidate);
    }
  }
  best.draw(options);
  return best;
}

}  // namespace etalon
