#include "law/local_fit.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace etalon {
namespace {

Eigen::Vector4d powers(double x) { return {x, x * x, x * x * x, x * x * x * x}; }

Eigen::Vector4d slope_contrast(double x) { return {1, 2 * x, 3 * x * x, 4 * x * x * x}; }

struct Solution {
  Eigen::Vector4d coefficients;
  Eigen::Matrix4d unscaled;  // covariance over the residual variance
  double variance = 0.0;
  double degrees_of_freedom = 0.0;
};

// Columns: x, x², x³, x⁴ with each seed's mean taken out, which is the same as fitting its offset.
struct Design {
  Eigen::MatrixX4d columns;
  Eigen::VectorXd losses;
  double offsets = 0;  // number of seeds
};

Design centered_design(const std::vector<FitPoint>& points) {
  const auto size = static_cast<Eigen::Index>(points.size());
  Design design{Eigen::MatrixX4d(size, 4), Eigen::VectorXd(size)};
  std::set<std::size_t> seeds;
  for (Eigen::Index i = 0; i < size; ++i) {
    const FitPoint& point = points[static_cast<std::size_t>(i)];
    design.columns.row(i) = powers(point.x).transpose();
    design.losses(i) = point.loss;
    seeds.insert(point.seed);
  }
  for (const std::size_t seed : seeds) {
    Eigen::RowVector4d column_sum = Eigen::RowVector4d::Zero();
    double loss_sum = 0, count = 0;
    for (Eigen::Index i = 0; i < size; ++i) {
      if (points[static_cast<std::size_t>(i)].seed != seed) continue;
      column_sum += design.columns.row(i);
      loss_sum += design.losses(i);
      count += 1;
    }
    for (Eigen::Index i = 0; i < size; ++i) {
      if (points[static_cast<std::size_t>(i)].seed != seed) continue;
      design.columns.row(i) -= column_sum / count;
      design.losses(i) -= loss_sum / count;
    }
  }
  design.offsets = static_cast<double>(seeds.size());
  return design;
}

// With priors of the higher coefficients about zero, of standard deviation kCubic·scale and
// kQuartic·scale where the residual variance is `variance`; a scale of 0 leaves those terms out.
Solution solve(const Design& design, double variance, double scale) {
  const Eigen::Index size = scale > 0 ? 4 : 2;
  const Eigen::MatrixXd columns = design.columns.leftCols(size);
  const Eigen::MatrixXd gram = columns.transpose() * columns;
  Eigen::MatrixXd normal = gram;
  if (scale > 0) {
    const double cubic = LocalFit::kCubic * scale, quartic = LocalFit::kQuartic * scale;
    normal(2, 2) += variance / (cubic * cubic);
    normal(3, 3) += variance / (quartic * quartic);
  }
  const Eigen::MatrixXd inverse = normal.completeOrthogonalDecomposition().pseudoInverse();
  Solution solution{Eigen::Vector4d::Zero(), Eigen::Matrix4d::Zero()};
  solution.coefficients.head(size) = inverse * (columns.transpose() * design.losses);
  solution.unscaled.topLeftCorner(size, size) = inverse;
  solution.degrees_of_freedom =
      static_cast<double>(design.losses.size()) - design.offsets - (inverse * gram).trace();
  const double residual = (design.losses - design.columns * solution.coefficients).squaredNorm();
  solution.variance = residual / std::max(solution.degrees_of_freedom, 1e-9);
  return solution;
}

std::size_t distinct_places(const std::vector<FitPoint>& points) {
  std::set<double> places;
  for (const FitPoint& point : points) places.insert(point.x);
  return places.size();
}

// Mean square of what the fit leaves at each place, over all seeds there. Misfit is shared by the
// seeds, so it does not average out as their noise does; it can only be seen with more places than
// the fit has terms.
double misfit(const std::vector<FitPoint>& points, const Design& design, const Solution& solution) {
  const Eigen::VectorXd residuals = design.losses - design.columns * solution.coefficients;
  std::map<double, std::pair<double, double>> places;  // sum and count
  for (std::size_t i = 0; i < points.size(); ++i) {
    auto& [sum, count] = places[points[i].x];
    sum += residuals(static_cast<Eigen::Index>(i));
    count += 1;
  }
  const double terms =
      static_cast<double>(points.size()) - design.offsets - solution.degrees_of_freedom;
  const double degrees = static_cast<double>(places.size()) - 1 - terms;
  if (degrees < 0.5) return 0;
  double squares = 0;
  for (const auto& [place, total] : places) squares += total.first * total.first / total.second;
  return squares / degrees;
}

}  // namespace

std::optional<LocalFit> LocalFit::fit(const std::vector<FitPoint>& points) {
  if (distinct_places(points) < 3) return std::nullopt;
  const Design design = centered_design(points);
  Solution solution = solve(design, 0, 0);
  if (solution.degrees_of_freedom < 0.99 || solution.coefficients(1) <= 0) return std::nullopt;
  // The weight of the priors depends on the residual variance, which depends on the fit: iterate.
  for (int iteration = 0; iteration < 8; ++iteration) {
    const double scale = solution.coefficients(1);
    // The floor keeps exact data (no residual) solvable.
    const Solution next = solve(design, std::max(solution.variance, 1e-12 * scale * scale), scale);
    if (next.degrees_of_freedom < 0.5 || next.coefficients(1) <= 0) break;
    solution = next;
  }
  solution.variance = std::max(solution.variance, misfit(points, design, solution));
  LocalFit fit;
  fit.coefficients_ = solution.coefficients;
  fit.covariance_ = solution.unscaled * solution.variance;
  fit.degrees_of_freedom_ = solution.degrees_of_freedom;
  return fit;
}

double LocalFit::slope(double x) const { return coefficients_.dot(slope_contrast(x)); }

double LocalFit::slope_deviation(double x) const {
  const Eigen::Vector4d contrast = slope_contrast(x);
  return std::sqrt(std::max(0.0, contrast.dot(covariance_ * contrast)));
}

double LocalFit::rise(double from, double to) const {
  const auto value = [&](double x) { return coefficients_.dot(powers(x)); };
  return value(to) - value(from);
}

double LocalFit::curvature(double x) const {
  return 2 * coefficients_(1) + 6 * coefficients_(2) * x + 12 * coefficients_(3) * x * x;
}

}  // namespace etalon
