#include "optimum/local_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

namespace etalon {
namespace {

using Terms = LocalFit::Terms;
using TermsMatrix = LocalFit::TermsMatrix;
using Columns = Eigen::Matrix<double, Eigen::Dynamic, LocalFit::kTerms>;

// τ as multiples of the greatest excess; the first stands for even noise.
constexpr std::array<double, 6> kNoiseScales = {
    std::numeric_limits<double>::infinity(), 1.0, 0.5, 0.25, 0.12, 0.06};

Terms powers(double x) {
  const double above = std::max(0.0, x);
  return {x, x * x, x * x * x, x * x * x * x, above * above * above * above};
}

Terms slope_contrast(double x) {
  const double above = std::max(0.0, x);
  return {1, 2 * x, 3 * x * x, 4 * x * x * x, 4 * above * above * above};
}

struct Solution {
  Terms coefficients = Terms::Zero();
  TermsMatrix unscaled = TermsMatrix::Zero();  // covariance over the residual variance
  double variance = 0.0;
  double degrees_of_freedom = 0.0;
  double log_likelihood = 0.0;  // restricted, up to a constant
};

// What the losses and terms of one offset are on weighted average.
struct OffsetMean {
  double loss = 0.0;
  Terms terms = Terms::Zero();
  double weight = 0.0;
};

// Terms with each offset's mean taken out, which is the same as fitting its offset; rows scaled by
// the root of their weight.
struct Design {
  Columns columns;
  Eigen::VectorXd losses;
  TermsMatrix gram;
  std::vector<OffsetMean> offsets;  // those without points have no weight
  double offsets_with_points = 0.0;
  double log_determinants = 0.0;  // of the inverse weights and of the offsets' normal equations
};

bool by_offset(const FitPoint& a, const FitPoint& b) { return a.offset < b.offset; }

Design centered_design(const std::vector<FitPoint>& points, const std::vector<double>& weights) {
  const auto size = static_cast<Eigen::Index>(points.size());
  Design design{Columns(size, LocalFit::kTerms), Eigen::VectorXd(size), {}, {}, 0.0, 0.0};
  design.offsets.resize(1 + std::max_element(points.begin(), points.end(), by_offset)->offset);
  for (std::size_t i = 0; i < points.size(); ++i) {
    OffsetMean& mean = design.offsets[points[i].offset];
    mean.loss += weights[i] * points[i].loss;
    mean.terms += weights[i] * powers(points[i].x);
    mean.weight += weights[i];
    design.log_determinants -= std::log(weights[i]);
  }
  for (OffsetMean& mean : design.offsets) {
    if (mean.weight == 0.0) continue;
    design.offsets_with_points += 1.0;
    mean.loss /= mean.weight;
    mean.terms /= mean.weight;
    design.log_determinants += std::log(mean.weight);
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const OffsetMean& mean = design.offsets[points[i].offset];
    const double root = std::sqrt(weights[i]);
    const auto row = static_cast<Eigen::Index>(i);
    design.columns.row(row) = root * (powers(points[i].x) - mean.terms).transpose();
    design.losses(row) = root * (points[i].loss - mean.loss);
  }
  design.gram = design.columns.transpose() * design.columns;
  return design;
}

double degrees_left(const Design& design, double terms) {
  return static_cast<double>(design.losses.size()) - design.offsets_with_points - terms;
}

void take_residuals(const Design& design, Solution& solution, double terms) {
  solution.degrees_of_freedom = degrees_left(design, terms);
  const double residual = (design.losses - design.columns * solution.coefficients).squaredNorm();
  solution.variance = residual / std::max(solution.degrees_of_freedom, 1e-9);
}

// A parabola: where the priors, which scale with its curvature, start from.
Solution solve_parabola(const Design& design) {
  Solution solution;
  const Eigen::Matrix2d inverse = design.gram.topLeftCorner<2, 2>().inverse();
  solution.coefficients.head<2>() =
      inverse * (design.columns.leftCols<2>().transpose() * design.losses);
  solution.unscaled.topLeftCorner<2, 2>() = inverse;
  take_residuals(design, solution, 2);
  return solution;
}

// With priors of the higher coefficients about zero where the residual variance is `variance`.
Solution solve(const Design& design, double variance, double scale) {
  TermsMatrix normal = design.gram;
  const std::array<double, 3> priors = {LocalFit::kCubic, LocalFit::kQuartic, LocalFit::kHinge};
  for (int i = 0; i < 3; ++i) {
    const double deviation = priors[static_cast<std::size_t>(i)] * scale;
    normal(i + 2, i + 2) += variance / (deviation * deviation);
  }
  Solution solution;
  const Eigen::LDLT<TermsMatrix> factors(normal);
  solution.unscaled = factors.solve(TermsMatrix::Identity());
  solution.coefficients = solution.unscaled * (design.columns.transpose() * design.losses);
  take_residuals(design, solution, (solution.unscaled * design.gram).trace());
  const double determinant = factors.vectorD().array().abs().log().sum();
  solution.log_likelihood =
      -0.5 * (degrees_left(design, 2) * std::log(std::max(solution.variance, 1e-300)) +
              design.log_determinants + determinant);
  return solution;
}

// Empty where the points do not curve upward.
std::optional<Solution> solve_iterated(const Design& design) {
  Solution solution = solve_parabola(design);
  if (solution.degrees_of_freedom < 0.99 || !(solution.coefficients(1) > 0)) return std::nullopt;
  // The weight of the priors depends on the residual variance, which depends on the fit: iterate.
  for (int iteration = 0; iteration < 6; ++iteration) {
    const double scale = solution.coefficients(1);
    // The floor keeps exact data (no residual) solvable.
    const Solution next = solve(design, std::max(solution.variance, 1e-12 * scale * scale), scale);
    if (next.degrees_of_freedom < 0.5 || !(next.coefficients(1) > 0)) break;
    solution = next;
  }
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
double misfit(const std::vector<FitPoint>& points, const std::vector<double>& weights,
              const Design& design, const Solution& solution) {
  const Eigen::VectorXd residuals = design.losses - design.columns * solution.coefficients;
  struct Place {
    double sum = 0.0, weight = 0.0;
  };
  std::map<double, Place> places;
  for (std::size_t i = 0; i < points.size(); ++i) {
    Place& place = places[points[i].x];
    place.sum += std::sqrt(weights[i]) * residuals(static_cast<Eigen::Index>(i));
    place.weight += weights[i];
  }
  const double terms = degrees_left(design, 0) - solution.degrees_of_freedom;
  const double degrees = static_cast<double>(places.size()) - 1 - terms;
  if (degrees < 0.5) return 0;
  double squares = 0;
  for (const auto& [x, place] : places) squares += place.sum * place.sum / place.weight;
  return squares / degrees;
}

std::vector<double> weights_of(const std::vector<double>& excesses, double noise_scale) {
  const double greatest = *std::max_element(excesses.begin(), excesses.end());
  std::vector<double> weights;
  for (const double excess : excesses) {
    const double relative = greatest > 0 ? excess / (noise_scale * greatest) : 0;
    weights.push_back(1 / (1 + relative * relative));
  }
  return weights;
}

struct WeightedFit {
  std::vector<double> weights;
  Design design;
  Solution solution;
};

std::optional<WeightedFit> most_likely(const std::vector<FitPoint>& points,
                                       const std::vector<double>& excesses) {
  const double greatest = *std::max_element(excesses.begin(), excesses.end());
  std::optional<WeightedFit> best;
  for (const double noise_scale : kNoiseScales) {
    std::vector<double> weights = weights_of(excesses, noise_scale);
    Design design = centered_design(points, weights);
    const auto solution = solve_iterated(design);
    if (!solution) continue;
    // Noise beyond the excess itself would only explain a bad fit away.
    if (best && std::sqrt(solution->variance) > noise_scale * greatest) continue;
    if (!best || solution->log_likelihood > best->solution.log_likelihood) {
      best = WeightedFit{std::move(weights), std::move(design), *solution};
    }
  }
  return best;
}

}  // namespace

std::optional<LocalFit> LocalFit::fit(const std::vector<FitPoint>& points) {
  if (distinct_places(points) < 3) return std::nullopt;
  std::vector<double> excesses;
  excesses.reserve(points.size());
  for (const FitPoint& point : points) excesses.push_back(point.excess);
  auto weighted = most_likely(points, excesses);
  if (!weighted) return std::nullopt;
  Solution& solution = weighted->solution;
  LocalFit fit;
  fit.noise_ = std::sqrt(solution.variance);
  solution.variance =
      std::max(solution.variance, misfit(points, weighted->weights, weighted->design, solution));
  fit.coefficients_ = solution.coefficients;
  fit.covariance_ = solution.unscaled * solution.variance;
  fit.degrees_of_freedom_ = solution.degrees_of_freedom;
  for (std::size_t i = 0; i < points.size(); ++i) {
    fit.weights_[points[i].x] = weighted->weights[i];
  }
  for (const OffsetMean& mean : weighted->design.offsets) {
    fit.offsets_.push_back({mean.loss, mean.terms, mean.weight});
  }
  const auto by_place = [](const FitPoint& a, const FitPoint& b) { return a.x < b.x; };
  const auto [first, last] = std::minmax_element(points.begin(), points.end(), by_place);
  fit.low_ = first->x;
  fit.high_ = last->x;
  return fit;
}

double LocalFit::slope(double x) const { return coefficients_.dot(slope_contrast(x)); }

double LocalFit::slope_deviation(double x) const {
  const Terms contrast = slope_contrast(x);
  return std::sqrt(std::max(0.0, contrast.dot(covariance_ * contrast)));
}

double LocalFit::difference(double from, double to) const {
  return coefficients_.dot(powers(to) - powers(from));
}

double LocalFit::difference_deviation(double from, double to) const {
  const Terms contrast = powers(to) - powers(from);
  return std::sqrt(std::max(0.0, contrast.dot(covariance_ * contrast)));
}

double LocalFit::curvature(double x) const {
  const double above = std::max(0.0, x);
  return coefficients_.dot(Terms{0, 2, 6 * x, 12 * x * x, 12 * above * above});
}

std::optional<double> LocalFit::level(std::size_t offset, double x) const {
  if (offset >= offsets_.size() || offsets_[offset].weight == 0.0) return std::nullopt;
  const Offset& own = offsets_[offset];
  return own.loss + coefficients_.dot(powers(x) - own.terms);
}

double LocalFit::noise_at(double x) const { return noise_ / std::sqrt(weights_.at(x)); }

LocalFit::MeanLevel LocalFit::mean_level(const std::vector<std::size_t>& offsets) const {
  std::map<std::size_t, double> shares;
  for (const std::size_t offset : offsets)
    shares[offset] += 1.0 / static_cast<double>(offsets.size());
  MeanLevel level{Terms::Zero(), 0.0};
  for (const auto& [offset, share] : shares) {
    level.terms += share * offsets_[offset].terms;
    level.variance += share * share * noise_ * noise_ / offsets_[offset].weight;
  }
  return level;
}

double LocalFit::deviation(const MeanLevel& level, double x) const {
  const Terms contrast = powers(x) - level.terms;
  return std::sqrt(level.variance + std::max(0.0, contrast.dot(covariance_ * contrast)));
}

}  // namespace etalon
