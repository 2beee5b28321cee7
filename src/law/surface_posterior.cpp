#include "law/surface_posterior.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/random.hpp"

namespace etalon {
namespace {

constexpr int kStarts = 3;
constexpr int kMaxDescents = 80;
constexpr int kLeapfrogs = 7;
constexpr double kStep = 0.35;  // of a preconditioned trajectory, where the mode's curvature is 1

double square(double x) { return x * x; }

}  // namespace

SurfacePosterior::SurfacePosterior(Sweep sweep, const PosteriorOptions& options)
    : sweep_(std::move(sweep)), options_(options), prior_(BalanceSurface::prior(options.kind)) {
  factorize();
  find_mode();
  sample();
}

double SurfacePosterior::kernel(double du, double dv) const {
  const MisfitModel& misfit = options_.misfit;
  return square(misfit.discrepancy) *
         std::exp(-0.5 * square(dv / misfit.lr_length) - 0.5 * square(du / misfit.batch_length));
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
    covariance(i, i) += (square(options_.misfit.noise) +
                         square(options_.misfit.relative_noise * a.excess)) /
                        a.runs;
  }
  const Eigen::LLT<Eigen::MatrixXd> factor(covariance);
  precision_ = factor.solve(Eigen::MatrixXd::Identity(size, size));
  log_determinant_ = 2.0 * factor.matrixLLT().diagonal().array().log().sum();
}

Eigen::VectorXd SurfacePosterior::residuals(const Parameters& parameters) const {
  Eigen::VectorXd result(static_cast<Eigen::Index>(sweep_.points.size()));
  for (Eigen::Index i = 0; i < result.size(); ++i) {
    const SweepPoint& point = sweep_.points[i];
    result[i] = point.loss - BalanceSurface::loss(parameters, point.u, point.v);
  }
  return result;
}

double SurfacePosterior::energy(const Parameters& parameters, Parameters* gradient,
                                Matrix* curvature) const {
  const auto& points = sweep_.points;
  Eigen::VectorXd residual(static_cast<Eigen::Index>(points.size()));
  Eigen::Matrix<double, Eigen::Dynamic, BalanceSurface::kCount> jacobian(residual.size(),
                                                                         BalanceSurface::kCount);
  Parameters row;
  for (Eigen::Index i = 0; i < residual.size(); ++i) {
    residual[i] =
        points[i].loss - BalanceSurface::loss(parameters, points[i].u, points[i].v, row);
    jacobian.row(i) = row.transpose();
  }
  const Eigen::VectorXd weighted = precision_ * residual;
  const Parameters score = (parameters - prior_.mean).cwiseQuotient(prior_.deviation);
  double value = 0.5 * residual.dot(weighted) + 0.5 * score.squaredNorm();
  if (gradient) *gradient = score.cwiseQuotient(prior_.deviation) - jacobian.transpose() * weighted;
  if (curvature) {
    *curvature = jacobian.transpose() * precision_ * jacobian;
    curvature->diagonal() += prior_.deviation.array().square().inverse().matrix();
  }
  for (const SweepPoint& bound : sweep_.bounds) {
    const double missing = bound.loss - BalanceSurface::loss(parameters, bound.u, bound.v, row);
    if (missing <= 0.0) continue;
    const double weight = 1.0 / square(options_.misfit.relative_noise * bound.excess);
    value += 0.5 * weight * square(missing);
    if (gradient) *gradient -= weight * missing * row;
    if (curvature) *curvature += weight * row * row.transpose();
  }
  return value;
}

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
    const bool settled = value - found < 1e-5;
    parameters = candidate;
    value = energy(parameters, &gradient, &curvature);
    damping *= 0.3;
    if (settled) break;
  }
  return value;
}

void SurfacePosterior::find_mode() {
  RandomStream stream(options_.seed, "surface.starts");
  double least = std::numeric_limits<double>::infinity();
  for (int start = 0; start < kStarts; ++start) {
    Parameters candidate = prior_.mean;
    for (int i = 0; start > 0 && i < BalanceSurface::kCount; ++i) {
      candidate[i] += 0.5 * prior_.deviation[i] * stream.normal();
    }
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

void SurfacePosterior::sample() {
  Matrix curvature;
  energy(mode_, nullptr, &curvature);
  const Eigen::SelfAdjointEigenSolver<Matrix> eigen(curvature);
  const Matrix scale = eigen.eigenvectors() *
                       eigen.eigenvalues().array().rsqrt().matrix().asDiagonal().toDenseMatrix();
  RandomStream stream(options_.seed, "surface.draws");
  const auto normals = [&stream] {
    Parameters result;
    for (double& value : result) value = stream.normal();
    return result;
  };
  const int discarded = options_.draws_per_chain / 3;
  for (int chain = 0; chain < options_.chains; ++chain) {
    Parameters position = mode_ + 0.5 * scale * normals();
    Parameters gradient;
    double potential = energy(position, &gradient, nullptr);
    for (int draw = -discarded; draw < options_.draws_per_chain; ++draw) {
      Parameters momentum = normals();
      const double start = potential + 0.5 * momentum.squaredNorm();
      const double step = kStep * (0.6 + 0.8 * stream.uniform());
      Parameters moved = position;
      Parameters slope = gradient;
      double value = potential;
      for (int leap = 0; leap < kLeapfrogs; ++leap) {
        momentum -= 0.5 * step * scale.transpose() * slope;
        moved += step * scale * momentum;
        value = energy(moved, &slope, nullptr);
        momentum -= 0.5 * step * scale.transpose() * slope;
      }
      const double change = start - value - 0.5 * momentum.squaredNorm();
      if (std::isfinite(change) && std::log(1.0 - stream.uniform()) < change) {
        position = moved;
        gradient = slope;
        potential = value;
      }
      if (draw >= 0) draws_.push_back(position);
    }
  }
}

Prediction SurfacePosterior::predict(double u, std::span<const double> v) const {
  const auto rows = static_cast<Eigen::Index>(v.size());
  const auto size = static_cast<Eigen::Index>(sweep_.points.size());
  Eigen::MatrixXd cross(rows, size);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      cross(i, j) = kernel(u - sweep_.points[j].u, v[i] - sweep_.points[j].v);
    }
  }
  const Eigen::MatrixXd gain = cross * precision_;
  Prediction prediction;
  prediction.mean.resize(rows, static_cast<Eigen::Index>(draws_.size()));
  for (Eigen::Index k = 0; k < prediction.mean.cols(); ++k) {
    prediction.mean.col(k) = gain * residuals(draws_[k]);
    for (Eigen::Index i = 0; i < rows; ++i) {
      prediction.mean(i, k) += BalanceSurface::loss(draws_[k], u, v[i]);
    }
  }
  prediction.covariance = -gain * cross.transpose();
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < rows; ++j) {
      prediction.covariance(i, j) += kernel(0.0, v[i] - v[j]);
    }
  }
  return prediction;
}

}  // namespace etalon
