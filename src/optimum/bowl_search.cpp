#include "optimum/bowl_search.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// Priors, from what measured curves show: losses rise by e-folds in one to three octaves above the
// optimum, and more slowly below; runs differ by a share of the rise at one octave.
constexpr double kRateAbove[] = {0.8, 0.7};   // median, deviation of the logarithm
constexpr double kRateBelow[] = {0.3, 0.55};  // mean, deviation
constexpr double kNoise[] = {0.2, 1.2};       // of the rise at one octave: median, of the logarithm
constexpr double kMisfit[] = {0.17, 0.8};     // of the excess: median, of the logarithm
// Where progress saturates so early, the bowl is no longer one.
constexpr double kLeastRateBelow = -0.8;  // of the rate above
// The rise of a parabola at one octave, over its second derivative.
constexpr double kRiseAtOneOctave = 0.5 * std::numbers::ln2 * std::numbers::ln2;

// How far beyond the learning rates that were run the optimum may lie: two octaves.
constexpr double kMargin = 2.0 * std::numbers::ln2;
// A row this many deviations off the bowl counts less, by the square of what it is beyond: as if it
// were not there where it is twice as far.
constexpr double kFarOff = 4.0;

// The lattices: first of everything possible, then about where the mass is.
constexpr std::array kFirstRatesAbove = {0.2, 0.4, 0.7, 1.2, 2.1};
constexpr std::array kFirstRatesBelow = {-0.4, -0.1, 0.15, 0.45, 0.9, 1.6};
constexpr int kFirstPlaces = 28;
constexpr int kFirstNoises = 5;
constexpr int kNoises = 8;
constexpr std::array kAnyMisfit = {0.5};  // to begin with, so that no far row leads astray
constexpr std::array kFirstMisfits = {0.05, 0.15, 0.45};
constexpr std::array kMisfits = {0.03, 0.07, 0.15, 0.3, 0.6};
constexpr int kSteps = 7;           // of a lattice, along each of its axes
constexpr double kReach = 2.7;      // deviations to its outermost
constexpr double kCorner = 1.6;     // of the reach's square: beyond, the lattice has no corners
constexpr double kWidenMore = 3.0;  // where misfits become alike, which leaves more open
constexpr double kWiden = 1.25;     // of a variance found on a lattice, which cuts tails off
// Of σ, to begin with: as shares of the median row's excess. A coarse lattice follows no losses
// more closely; each closer one may find ten times less.
constexpr double kLeastNoise = 0.03;
constexpr double kMostNoise = 3.0;
constexpr double kLessNoise = 10.0;
constexpr double kNoMass = 1e-3;
// Of a logarithm below the greatest: what is of no weight, and what cannot be whatever its scale.
constexpr double kNegligible = 25.0;
constexpr double kHopeless = 100.0;

double log_density(const NormalPrior& prior, double value) {
  return -0.5 * squared((value - prior.mean) / prior.deviation);
}

// Of a curvature that is above 0 and of no known size.
double log_of_curvature(const RowLine& line, double& typical) {
  const double deviation = std::sqrt(line.variance), z = line.curvature / deviation;
  const double share = z > 5.0 ? 1.0 : 0.5 * std::erfc(-z / std::numbers::sqrt2);
  typical = z > 0.0 ? line.curvature + 0.3 * deviation / (1.0 + z) : 0.3 * deviation;
  return std::log(share / typical);
}

}  // namespace

BowlPrior BowlPrior::broad() {
  return {{std::log(kRateAbove[0]), kRateAbove[1]},
          {kRateBelow[0], kRateBelow[1]},
          {std::log(kNoise[0]), kNoise[1]},
          std::nullopt};
}

BowlSearch::BowlSearch(const BowlData& data, const BowlPrior& prior)
    : rows_(data),
      prior_(prior),
      low_(data.rows.front().x - kMargin),
      high_(std::min(data.rows.back().x + kMargin, data.ceiling)),
      low_noise_(std::log(kLeastNoise)),
      high_noise_(std::log(kMostNoise)) {}

void BowlSearch::run() {
  take_everything();
  pass(kAnyMisfit);
  compare_rows(kMisfit[0]);
  pass(kFirstMisfits);
  compare_rows(kFirstMisfits[most_->misfit]);
  const double step = (high_ - low_) / kFirstPlaces;
  Moments found = moments();
  found.covariance.diagonal() += BowlPoint(squared(step), squared(0.6), squared(0.4)) / 12.0;
  close_in(found);
  pass(kFirstMisfits);
  rows_.is_alike = true;
  found = moments();
  found.covariance *= kWidenMore;
  for (const std::span<const double> misfits :
       {std::span<const double>(kFirstMisfits), std::span<const double>(kMisfits)}) {
    close_in(found);
    pass(misfits);
    found = moments();
    found.covariance *= kWiden;
  }
}

BowlSearch::Moments BowlSearch::moments() const {
  Moments found;
  for (std::size_t k = 0; k < points_.size(); ++k) found.mean += by_point_[k] * points_[k];
  for (std::size_t k = 0; k < points_.size(); ++k) {
    const BowlPoint away = points_[k] - found.mean;
    found.covariance += by_point_[k] * away * away.transpose();
  }
  return found;
}

void BowlSearch::take_everything() {
  for (const double above : kFirstRatesAbove) {
    for (const double below : kFirstRatesBelow) {
      for (int i = 0; i < kFirstPlaces; ++i) {
        points_.emplace_back(low_ + (high_ - low_) * (i + 0.5) / kFirstPlaces, std::log(above),
                             below);
      }
    }
  }
}

// A lattice along the axes of what was found.
void BowlSearch::close_in(const Moments& found) {
  const Eigen::SelfAdjointEigenSolver<Eigen::Matrix3d> eigen(found.covariance);
  const BowlPoint deviations = eigen.eigenvalues().cwiseMax(1e-14).cwiseSqrt();
  const Eigen::Matrix3d axes = eigen.eigenvectors() * deviations.asDiagonal();
  const auto step = [](int i) { return kReach * (2.0 * (i + 0.5) / kSteps - 1.0); };
  points_.clear();
  for (int i = 0; i < kSteps * kSteps * kSteps; ++i) {
    const BowlPoint at(step(i % kSteps), step(i / kSteps % kSteps), step(i / (kSteps * kSteps)));
    if (at.squaredNorm() <= kCorner * kReach * kReach) points_.push_back(found.mean + axes * at);
  }
  std::size_t first = noises_.size() - 1, last = 0;
  for (std::size_t s = 0; s < noises_.size(); ++s) {
    if (by_noise_[s] < kNoMass) continue;
    first = std::min(first, s);
    last = std::max(last, s);
  }
  const double width = (high_noise_ - low_noise_) / static_cast<double>(noises_.size());
  high_noise_ = low_noise_ + width * static_cast<double>(last + 1);
  low_noise_ += first > 0 ? width * static_cast<double>(first) : -std::log(kLessNoise);
  is_close_ = true;
}

bool BowlSearch::is_possible(const BowlPoint& point) const {
  return place_of(point) >= low_ && place_of(point) <= high_ &&
         point[2] > kLeastRateBelow * std::exp(point[1]);
}

// One for each noise and misfit.
void BowlSearch::scatter_rows() {
  noises_.clear();
  scatters_.clear();
  const int count = is_close_ ? kNoises : kFirstNoises;
  for (int s = 0; s < count; ++s) {
    const double noise = std::exp(low_noise_ + (high_noise_ - low_noise_) * (s + 0.5) / count);
    noises_.push_back(noise);
    for (const double misfit : misfits_) {
      RowScatter& scatter = scatters_.emplace_back(rows_.scatter(noise, misfit));
      scatter.log_constant -= 0.5 * squared(std::log(misfit / kMisfit[0]) / kMisfit[1]);
      if (!is_close_) continue;
      scatter.log_constant -= rows_.replicate_degrees * std::log(noise) +
                              0.5 * rows_.replicate_squares / squared(noise);
    }
  }
}

void BowlSearch::pass(std::span<const double> misfits) {
  misfits_.assign(misfits.begin(), misfits.end());
  scatter_rows();
  cells_.clear();
  Eigen::VectorXd excesses(rows_.size()), product(rows_.size());
  double greatest = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < points_.size(); ++k) {
    if (!is_possible(points_[k])) continue;
    const Bowl bowl = bowl_of(points_[k]);
    for (Eigen::Index i = 0; i < rows_.size(); ++i) {
      excesses[i] = bowl.excess(rows_.x[i] - place_of(points_[k]));
    }
    const double log_prior = log_density(prior_.log_rate_above, points_[k][1]) +
                             log_density(prior_.rate_below, points_[k][2]);
    for (std::size_t j = 0; j < scatters_.size(); ++j) {
      Cell cell{0.0, k, j / misfits.size(), j % misfits.size(),
                BowlRows::solve(scatters_[j], excesses, product)};
      const double log_fit = log_prior + cell.line.log_evidence;
      if (!(log_fit > greatest - kHopeless)) continue;
      if (cell.line.curvature < -5.0 * std::sqrt(cell.line.variance)) continue;
      cell.log_weight = log_fit + log_of_scale(cell.line, noise(cell));
      if (cell.log_weight > greatest) greatest = cell.log_weight;
      cells_.push_back(cell);
    }
  }
  std::erase_if(cells_,
                [&](const Cell& cell) { return !(cell.log_weight > greatest - kNegligible); });
  if (cells_.empty()) throw Error("the losses allow no curve through them", "observations", "");
  add_up(greatest);
}

double BowlSearch::log_of_scale(const RowLine& line, double noise) const {
  double curvature = 0.0;
  const double log_share = log_of_curvature(line, curvature);
  const double relative = noise / (kRiseAtOneOctave * curvature);
  const double log_prior = log_density(prior_.log_relative_noise, std::log(relative));
  if (!prior_.log_noise) return log_share + log_prior;
  return log_share + log_prior + log_density(*prior_.log_noise, std::log(noise * rows_.unit));
}

void BowlSearch::add_up(double greatest) {
  double total = 0.0;
  for (const Cell& cell : cells_) total += std::exp(cell.log_weight - greatest);
  log_total_ = greatest + std::log(total);
  by_point_.assign(points_.size(), 0.0);
  by_noise_.assign(noises_.size(), 0.0);
  most_ = &cells_.front();
  for (const Cell& cell : cells_) {
    by_point_[cell.point] += weight(cell);
    by_noise_[cell.noise] += weight(cell);
    if (cell.log_weight > most_->log_weight) most_ = &cell;
  }
}

// Takes the rows' excesses from the likeliest bowl, and sees which rows lie far off what the others
// let expect.
void BowlSearch::compare_rows(double misfit) {
  double variance = 0.0;
  for (std::size_t s = 0; s < noises_.size(); ++s) variance += by_noise_[s] * squared(noises_[s]);
  const BowlPoint& point = points_[most_->point];
  Eigen::VectorXd off(rows_.size());
  for (Eigen::Index i = 0; i < rows_.size(); ++i) {
    const double excess =
        most_->line.curvature * bowl_of(point).excess(rows_.x[i] - place_of(point));
    rows_.excesses[i] = std::max(0.0, excess);
    off[i] = rows_.losses[i] - most_->line.level - excess;
  }
  rows_.inflations.setOnes();
  const RowScatter scatter = rows_.scatter(std::sqrt(variance), misfit);
  const Eigen::VectorXd scaled = scatter.precision * off;
  for (Eigen::Index i = 0; i < rows_.size(); ++i) {
    const double ratio = squared(scaled[i]) / scatter.precision(i, i) / squared(kFarOff);
    rows_.inflations[i] = std::max(1.0, squared(ratio));
  }
}

}  // namespace etalon
