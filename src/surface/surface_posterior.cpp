#include "surface/surface_posterior.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
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
// How large the noise and the discrepancy may be: that of the greatest evidence is taken, sought
// from a place near the middle of their priors.
constexpr double kNoises[] = {0.04, 0.08, 0.15, 0.3, 0.6, 1.2};
constexpr double kDiscrepancies[] = {0.2, 0.4, 0.8, 1.6};
constexpr int kFirstNoise = 2;
constexpr int kFirstDiscrepancy = 1;
// Enough for what points are doubted to settle.
constexpr int kDoubtings = 3;

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

double SurfacePosterior::level_deviation(double u) const {
  for (const SweepPoint& point : energy_.sweep().points) {
    if (point.u == u) return point.level_deviation;
  }
  return 0.0;
}

// Of the discrepancy at the points, in rows, and at v, in columns.
Eigen::MatrixXd SurfacePosterior::cross_covariance(double u, std::span<const double> v) const {
  const std::vector<SweepPoint>& points = energy_.sweep().points;
  Eigen::MatrixXd cross(std::ssize(points), std::ssize(v));
  for (Eigen::Index j = 0; j < cross.cols(); ++j) {
    for (Eigen::Index i = 0; i < cross.rows(); ++i) {
      cross(i, j) = misfit().kernel(u - points[i].u, v[j] - points[i].v);
      if (points[i].u == u) cross(i, j) += points[i].level_deviation * points[i].level_deviation;
    }
  }
  return cross;
}

Prediction SurfacePosterior::predict(double u, std::span<const double> v,
                                     std::span<const double> shifts, double form_u) const {
  Eigen::MatrixXd root = cross_covariance(u, v);
  energy_.factor().matrixL().solveInPlace(root);
  Prediction prediction{root.transpose() * whitened_residuals_, -root.transpose() * root};
  const double level = level_deviation(u);
  prediction.covariance.array() += level * level;
  for (Eigen::Index j = 0; j < prediction.covariance.cols(); ++j) {
    prediction.covariance(j, j) += misfit().kernel(0.0, 0.0);
    for (Eigen::Index i = 0; i < j; ++i) {
      const double prior = misfit().kernel(0.0, v[i] - v[j]);
      prediction.covariance(i, j) += prior;
      prediction.covariance(j, i) += prior;
    }
  }
  BalanceCurve curve(form_u, v);
  for (Eigen::Index k = 0; k < prediction.mean.cols(); ++k) {
    curve.add_losses(draws_[k], shifts.empty() ? 0.0 : shifts[k], prediction.mean.col(k));
  }
  return prediction;
}

namespace {

// The misfit of greatest evidence, sought uphill from one place of the grid: evidence has one
// summit, and most of the grid is never looked at.
class MisfitSearch {
 public:
  MisfitSearch(const StandardizedSweep& sweep, UpdateKind kind,
               const SurfacePosterior::Parameters& start)
      : sweep_(sweep), kind_(kind), start_(start) {}

  SurfacePosterior climb() {
    look(kFirstNoise, kFirstDiscrepancy);
    for (std::size_t looked = 0; looked != looked_.size();) {
      looked = looked_.size();
      const auto [noise, discrepancy] = best_place_;
      look(noise + 1, discrepancy);
      look(noise - 1, discrepancy);
      look(noise, discrepancy + 1);
      look(noise, discrepancy - 1);
    }
    return std::move(*best_);
  }

 private:
  void look(int noise, int discrepancy) {
    if (noise < 0 || noise >= std::ssize(kNoises)) return;
    if (discrepancy < 0 || discrepancy >= std::ssize(kDiscrepancies)) return;
    if (!looked_.emplace(noise, discrepancy).second) return;
    MisfitModel misfit;
    misfit.noise = kNoises[noise];
    misfit.discrepancy = kDiscrepancies[discrepancy];
    SurfacePosterior candidate(sweep_, kind_, misfit, &start_);
    const double score = candidate.log_evidence() + log_prior(misfit);
    if (best_ && score <= greatest_) return;
    greatest_ = score;
    best_ = std::move(candidate);
    best_place_ = {noise, discrepancy};
  }

  const StandardizedSweep& sweep_;
  UpdateKind kind_;
  const SurfacePosterior::Parameters& start_;
  std::set<std::pair<int, int>> looked_;
  std::optional<SurfacePosterior> best_;
  std::pair<int, int> best_place_;
  double greatest_ = 0.0;
};

}  // namespace

SurfacePosterior fit_surface(const StandardizedSweep& sweep, UpdateKind kind,
                             const SamplingOptions& options, const MisfitModel* known) {
  SurfacePosterior best(sweep, kind, known ? *known : MisfitModel{});
  if (!known) {
    const SurfacePosterior::Parameters start = best.mode();
    best = MisfitSearch(sweep, kind, start).climb();
  }
  for (int i = 0; i < kDoubtings; ++i) {
    const SurfacePosterior::Parameters start = best.mode();
    best = SurfacePosterior(best.doubted(), kind, best.misfit(), &start);
  }
  best.draw(options);
  return best;
}

}  // namespace etalon
