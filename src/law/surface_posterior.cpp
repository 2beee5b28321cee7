#include "law/surface_posterior.hpp"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>

#include "core/random.hpp"

namespace etalon {
namespace {

constexpr int kStarts = 3;
constexpr int kMaxDescents = 80;
constexpr int kLeapfrogs = 7;
// Of a preconditioned trajectory, where the mode's curvature is 1; each chain then finds its own,
// so that it accepts this share of its trajectories (Beskos et al. 2013, arXiv 1001.4460: 0.65 to
// 0.8).
constexpr double kFirstStep = 0.35;
constexpr double kAcceptance = 0.75;
constexpr int kWarmup = 50;

double square(double x) { return x * x; }

template <class Stream>
BalanceSurface::Parameters normals(Stream& stream) {
  BalanceSurface::Parameters result;
  for (double& value : result) value = stream.normal();
  return result;
}

BalanceSurface::Places places_of(const std::vector<SweepPoint>& points) {
  Eigen::ArrayXd u(points.size()), v(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    u[i] = points[i].u;
    v[i] = points[i].v;
  }
  return {u, v};
}

}  // namespace

SurfacePosterior::SurfacePosterior(const Sweep& sweep, UpdateKind kind, const MisfitModel& misfit,
                                   const Parameters* start)
    : sweep_(sweep),
      points_(places_of(sweep.points)),
      bounds_(places_of(sweep.bounds)),
      point_losses_(sweep.points.size()),
      misfit_(misfit),
      prior_(BalanceSurface::prior(kind)) {
  for (std::size_t i = 0; i < sweep.points.size(); ++i) point_losses_[i] = sweep.points[i].loss;
  factorize();
  find_mode(start);
}

double SurfacePosterior::kernel(double du, double dv) const {
  return square(misfit_.discrepancy) *
         std::exp(-0.5 * square(dv / misfit_.lr_length) - 0.5 * square(du / misfit_.batch_length));
}

void SurfacePosterior::factorize() {
  const auto& points = sweep_.points;
  const auto size = static_cast<Eigen::Index>(points.size());
  Eigen::MatrixXd covariance(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    const SweepPoint& a = points[i];
    for (Eigen::Index j = 0; j <= i; ++j) {
      covariance(i, j) = covariance(j, i) = kernel(a.u - points[j].u, a.v - points[j].v);
    }
    covariance(i, i) +=
        (square(misfit_.noise) + square(misfit_.relative_noise * a.excess)) / a.runs;
  }
  const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
  precision_ = factor.solve(Eigen::MatrixXd::Identity(size, size));
  log_determinant_ = 2.0 * factor.matrixLLT().diagonal().array().log().sum();
}

double SurfacePosterior::energy(const Parameters& parameters, Parameters* gradient,
                                Matrix* curvature) const {
  BalanceSurface::Jacobian jacobian;
  const bool needs_slopes = gradient || curvature;
  const Eigen::VectorXd residual =
      point_losses_ -
      BalanceSurface::losses(parameters, points_, needs_slopes ? &jacobian : nullptr);
  const Eigen::VectorXd weighted = precision_ * residual;
  const Parameters score = (parameters - prior_.mean).cwiseQuotient(prior_.deviation);
  const double value = 0.5 * residual.dot(weighted) + 0.5 * score.squaredNorm();
  if (gradient) *gradient = score.cwiseQuotient(prior_.deviation) - jacobian.transpose() * weighted;
  if (curvature) {
    *curvature = jacobian.transpose() * precision_ * jacobian;
    curvature->diagonal() += prior_.deviation.array().square().inverse().matrix();
  }
  return value + add_bounds(parameters, gradient, curvature);
}

double SurfacePosterior::add_bounds(const Parameters& parameters, Parameters* gradient,
                                    Matrix* curvature) const {
  if (sweep_.bounds.empty()) return 0.0;
  BalanceSurface::Jacobian jacobian;
  const bool needs_slopes = gradient || curvature;
  const Eigen::VectorXd losses =
      BalanceSurface::losses(parameters, bounds_, needs_slopes ? &jacobian : nullptr);
  double value = 0.0;
  for (Eigen::Index i = 0; i < losses.size(); ++i) {
    const double missing = sweep_.bounds[i].loss - losses[i];
    if (missing <= 0.0) continue;
    const double weight = 1.0 / square(misfit_.relative_noise * sweep_.bounds[i].excess);
    value += 0.5 * weight * square(missing);
    if (gradient) *gradient -= weight * missing * jacobian.row(i).transpose();
    if (curvature) *curvature += weight * jacobian.row(i).transpose() * jacobian.row(i);
  }
  return value;
}

// Levenberg and Marquardt's descent; `parameters` end at the minimum, whose energy is returned.
double SurfacePosterior::descend(Parameters& parameters) const {
  double damping = 1e-2;
  Parameters gradient;
  Matrix curvature;
  double value = energy(parameters, &gradient, &curvature);
  for (int i = 0; i < kMaxDescents && damping < 1e9; ++i) {
    Matrix damped = curvature;
    damped.diagonal() *= 1.0 + damping;
    const Parameters candidate = parameters - damped.ldlt().solve(gradient);
    const double found = energy(candidate, nullptr, nullptr);
    if (!(found < value)) {
      damping *= 5.0;
      continue;
    }
    const bool settled = value - found < 1e-4;
    parameters = candidate;
    value = energy(parameters, &gradient, &curvature);
    damping *= 0.3;
    if (settled) break;
  }
  return value;
}

void SurfacePosterior::find_mode(const Parameters* start) {
  RandomStream stream(0, "surface.starts");
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < (start ? 1 : kStarts); ++i) {
    Parameters candidate = start ? *start : prior_.mean;
    if (i > 0) candidate += 0.5 * prior_.deviation.cwiseProduct(normals(stream));
    const double value = descend(candidate);
    if (value < least) {
      least = value;
      mode_ = candidate;
    }
  }
  Matrix curvature;
  energy(mode_, nullptr, &curvature);
  const Eigen::LLT<Matrix> factor(curvature);
  log_evidence_ = -least - 0.5 * log_determinant_ -
                  factor.matrixLLT().diagonal().array().log().sum() -
                  prior_.deviation.array().log().sum();
}

void SurfacePosterior::draw(const SamplingOptions& options) {
  Matrix curvature;
  energy(mode_, nullptr, &curvature);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(curvature);
  const Parameters deviations = eigen.eigenvalues().array().rsqrt();
  const Matrix scale = eigen.eigenvectors() * deviations.asDiagonal();
  for (int chain = 0; chain < options.chains; ++chain) run_chain(scale, options, chain);
  residuals_.resize(points_.size(), static_cast<Eigen::Index>(draws_.size()));
  for (Eigen::Index k = 0; k < residuals_.cols(); ++k) {
    residuals_.col(k) = point_losses_ - BalanceSurface::losses(draws_[k], points_);
  }
}

void SurfacePosterior::run_chain(const Matrix& scale, const SamplingOptions& options, int chain) {
  RandomStream stream(options.seed, fmt::format("surface.chain.{}", chain));
  Parameters position = mode_ + 0.5 * scale * normals(stream);
  Parameters gradient;
  double potential = energy(position, &gradient, nullptr);
  double log_step = std::log(kFirstStep);
  for (int i = -kWarmup; i < options.draws_per_chain; ++i) {
    Parameters momentum = normals(stream);
    Parameters moved = position;
    Parameters slope = gradient;
    double value = potential;
    const double start = potential + 0.5 * momentum.squaredNorm();
    const double step = std::exp(log_step) * (0.6 + 0.8 * stream.uniform());
    for (int leap = 0; leap < kLeapfrogs; ++leap) {
      momentum -= 0.5 * step * scale.transpose() * slope;
      moved += step * scale * momentum;
      value = energy(moved, &slope, nullptr);
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

Prediction SurfacePosterior::predict(double u, std::span<const double> v,
                                     std::span<const double> shifts) const {
  const auto rows = static_cast<Eigen::Index>(v.size());
  const auto size = static_cast<Eigen::Index>(sweep_.points.size());
  const auto columns = static_cast<Eigen::Index>(draws_.size());
  Eigen::MatrixXd cross(rows, size);
  Prediction prediction{Eigen::MatrixXd(rows, columns), Eigen::MatrixXd(rows, rows)};
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      cross(i, j) = kernel(u - sweep_.points[j].u, v[i] - sweep_.points[j].v);
    }
    for (Eigen::Index j = 0; j < rows; ++j) {
      prediction.covariance(i, j) = kernel(0.0, v[i] - v[j]);
    }
  }
  const Eigen::MatrixXd gain = cross * precision_;
  prediction.covariance -= gain * cross.transpose();
  prediction.mean = gain * residuals_;
  const Eigen::ArrayXd here = Eigen::ArrayXd::Constant(rows, u);
  const Eigen::Map<const Eigen::ArrayXd> places(v.data(), rows);
  for (Eigen::Index k = 0; k < columns; ++k) {
    const double shift = shifts.empty() ? 0.0 : shifts[k];
    prediction.mean.col(k) += BalanceSurface::losses(draws_[k], {here, places - shift});
  }
  return prediction;
}

}  // namespace etalon
