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
// Of its deviations: what replicates show to be less is as likely as this.
constexpr double kQuietest = 1.5;
constexpr std::array kLogShares = {0.0, -1.0, -2.0, -3.0};  // of kSeedShares
constexpr double kMisfit[] = {0.2, 0.8};  // of the excess: median, of the logarithm
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
// About the distance of neighbours among them, of the logarithm of the first and of the second.
constexpr double kFirstRateStep = 0.6;
constexpr double kFirstBelowStep = 0.4;
constexpr int kFirstPlaces = 28;
constexpr int kFirstNoises = 5;
constexpr int kNoises = 8;
constexpr std::array kAnyMisfit = {0.5};  // to begin with, so that no far row leads astray
constexpr std::array kFirstMisfits = {0.05, 0.15, 0.45};
constexpr std::array kMisfits = {0.012, 0.03, 0.07, 0.15, 0.3, 0.6};
constexpr int kSteps = 7;        // of a lattice, along each of its axes
constexpr double kReach = 2.7;   // deviations to its outermost
constexpr double kCorner = 1.6;  // of the reach's square: beyond, the lattice has no corners
// Of the mass, that has the least noise of a lattice: then so many more lattices follow, until the
// place moves by less than so many deviations.
constexpr double kAtFloor = 0.1;
constexpr int kMostMore = 6;
constexpr double kSettled = 0.3;
constexpr double kWidenMore = 3.0;  // where misfits become alike, which leaves more open
constexpr double kWiden = 1.25;     // of a variance found on a lattice, which cuts tails off
// Of σ, to begin with: as shares of the median row's excess. A coarse lattice follows no losses
// more closely; each closer one may find ten times less.
constexpr double kLeastNoise = 0.03;
constexpr double kMostNoise = 3.0;
constexpr double kLessNoise = 10.0;
constexpr double kNoMass = 1e-3;
// Of a logarithm below the greatest: what is of no weight.
constexpr double kNegligible = 16.0;
// Deviations that a curvature may lie below 0.
constexpr double kNoCurvature = -5.0;

double log_density(const NormalPrior& prior, double value) {
  return -0.5 * squared((value - prior.mean) / prior.deviation);
}

// Of deviations: a curvature that may as well be 0 is typically so far above it.
constexpr double kTypical = 0.3;

// Of a curvature that is above 0 and of no known size: one that is typical of it, and the logarithm
// of how probable it is that it is above 0.
double log_typical(const RowLine& line, double z) {
  const double deviation = std::sqrt(line.variance);
  return std::log(z > 0.0 ? line.curvature + kTypical * deviation / (1.0 + z)
                          : kTypical * deviation);
}
double log_positive(double z) {
  return z > 5.0 ? 0.0 : std::log(0.5 * std::erfc(-z / std::numbers::sqrt2));
}

// Of the shares that a seed may have, those that can matter.
std::span<const double> possible_shares(const BowlRows& rows, bool is_close) {
  const std::span<const double> all(kSeedShares);
  return is_close && rows.has_common_seeds ? all : all.first(1);
}

}  // namespace

BowlPrior BowlPrior::broad() {
  return {{std::log(kRateAbove[0]), kRateAbove[1]},
          {kRateBelow[0], kRateBelow[1]},
          {std::log(kNoise[0]), kNoise[1]},
          std::nullopt,
          kLogShares};
}

BowlSearch::BowlSearch(const BowlData& data, const BowlPrior& prior)
    : rows_(data),
      prior_(prior),
      low_(data.rows.front().x - kMargin),
      high_(std::min(data.rows.back().x + kMargin, data.ceiling)),
      low_noise_(std::log(kLeastNoise)),
      high_noise_(std::log(kMostNoise)) {}

void BowlSearch::narrow(double low, double high) {
  low_ = std::max(low_, low);
  high_ = std::min(high_, high);
}

void BowlSearch::run() {
  take_everything();
  pass(kAnyMisfit);
  compare_rows(kMisfit[0]);
  pass(kFirstMisfits);
  compare_rows(noise(*most_).misfit);
  const double step = (high_ - low_) / kFirstPlaces;
  Moments found = moments();
  found.covariance.diagonal() +=
      BowlPoint(squared(step), squared(kFirstRateStep), squared(kFirstBelowStep)) / 12.0;
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
  // With hardly any noise the mass is a sheet far thinner than a lattice's step, and is followed.
  for (int i = 0; i < kMostMore && by_noise_.front() > kAtFloor; ++i) {
    const Moments before = found;
    close_in(found);
    pass(kMisfits);
    found = moments();
    found.covariance *= kWiden;
    const double moved = std::abs(found.mean[0] - before.mean[0]);
    if (moved < kSettled * std::sqrt(found.covariance(0, 0))) return;
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

// One for each noise, share and misfit.
void BowlSearch::scatter_rows(std::span<const double> misfits) {
  noises_.clear();
  scatters_.clear();
  const std::span<const double> shares = possible_shares(rows_, is_close_);
  const int count = is_close_ ? kNoises : kFirstNoises;
  for (int s = 0; s < count; ++s) {
    const double noise = std::exp(low_noise_ + (high_noise_ - low_noise_) * (s + 0.5) / count);
    const double log_noise =
        prior_.log_noise ? log_density(*prior_.log_noise, std::log(noise * rows_.unit)) : 0.0;
    noises_.push_back(noise);
    for (std::size_t k = 0; k < shares.size(); ++k) {
      const double log_share = log_noise + (is_close_ ? log_of_replicates(noise, k) : 0.0);
      for (const double misfit : misfits) {
        const RowNoise each{noise, shares[k], misfit};
        scatters_.push_back({each, static_cast<std::size_t>(s), k, rows_.scatter(each)});
        scatters_.back().rows.log_constant +=
            log_share - 0.5 * squared(std::log(misfit / kMisfit[0]) / kMisfit[1]);
      }
    }
  }
}

double BowlSearch::log_of_replicates(double noise, std::size_t share) const {
  const ReplicateEvidence& replicates = rows_.replicates;
  return prior_.log_shares[share] - replicates.degrees * std::log(noise) -
         0.5 * replicates.squares[share] / squared(noise) -
         0.5 * replicates.log_determinants[share];
}

void BowlSearch::pass(std::span<const double> misfits) {
  scatter_rows(misfits);
  std::erase_if(points_, [&](const BowlPoint& point) { return !is_possible(point); });
  if (points_.empty()) throw Error("the losses allow no curve through them", "observations", "");
  Eigen::MatrixXd excesses(rows_.size(), std::ssize(points_));
  std::vector<double> log_priors;
  for (std::size_t k = 0; k < points_.size(); ++k) {
    const Bowl bowl = bowl_of(points_[k]);
    for (Eigen::Index i = 0; i < rows_.size(); ++i) {
      excesses(i, static_cast<Eigen::Index>(k)) = bowl.excess(rows_.x[i] - place_of(points_[k]));
    }
    log_priors.push_back(log_density(prior_.log_rate_above, points_[k][1]) +
                         log_density(prior_.rate_below, points_[k][2]));
  }
  cells_.clear();
  double greatest = -std::numeric_limits<double>::infinity();
  for (std::size_t j = 0; j < scatters_.size(); ++j) {
    const std::vector<RowLine> lines = BowlRows::solve(scatters_[j].rows, excesses);
    const double log_noise = std::log(scatters_[j].noise.deviation);
    for (std::size_t k = 0; k < points_.size(); ++k) {
      const RowLine& line = lines[k];
      const double z = line.curvature / std::sqrt(line.variance);
      const double log_most = log_priors[k] + line.log_evidence + log_of_scale(line, z, log_noise);
      if (!(log_most > greatest - kNegligible) || z < kNoCurvature) continue;
      const double log_weight = log_most + log_positive(z);
      if (!(log_weight > greatest - kNegligible)) continue;
      if (log_weight > greatest) greatest = log_weight;
      cells_.push_back({log_weight, k, j, line});
    }
  }
  std::erase_if(cells_,
                [&](const Cell& cell) { return !(cell.log_weight > greatest - kNegligible); });
  if (cells_.empty()) throw Error("the losses allow no curve through them", "observations", "");
  add_up(greatest);
}

// Of the curvature's prior, which is even in its logarithm, and of the noise's given it. Replicates
// or other batch sizes that show little noise are no reason to think the bowl flat.
double BowlSearch::log_of_scale(const RowLine& line, double z, double log_noise) const {
  const NormalPrior& prior = prior_.log_relative_noise;
  const double log_curvature = log_typical(line, z);
  double log_relative = log_noise - std::log(kRiseAtOneOctave) - log_curvature;
  if (rows_.replicates.degrees > 0.0 || prior_.log_noise) {
    log_relative = std::max(log_relative, prior.mean - kQuietest * prior.deviation);
  }
  return log_density(prior, log_relative) - log_curvature;
}

void BowlSearch::add_up(double greatest) {
  double total = 0.0;
  for (const Cell& cell : cells_) total += std::exp(cell.log_weight - greatest);
  log_total_ = greatest + std::log(total);
  by_point_.assign(points_.size(), 0.0);
  by_noise_.assign(noises_.size(), 0.0);
  by_share_.fill(0.0);
  most_ = &cells_.front();
  for (const Cell& cell : cells_) {
    by_point_[cell.point] += weight(cell);
    by_noise_[scatters_[cell.scatter].deviation] += weight(cell);
    by_share_[scatters_[cell.scatter].share] += weight(cell);
    if (cell.log_weight > most_->log_weight) most_ = &cell;
  }
}

// Of shares that were not tried, as much as of any.
std::array<double, kSeedShares.size()> BowlSearch::log_of_shares() const {
  constexpr double kLeastShare = 1e-6;
  std::array<double, kSeedShares.size()> logs{};
  if (!rows_.has_common_seeds) return logs;
  for (std::size_t k = 0; k < logs.size(); ++k) {
    logs[k] = std::log(std::max(by_share_[k], kLeastShare)) - prior_.log_shares[k];
  }
  return logs;
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
  const RowScatter scatter = rows_.scatter(RowNoise{std::sqrt(variance), 0.0, misfit});
  const Eigen::VectorXd scaled = scatter.precision * off;
  for (Eigen::Index i = 0; i < rows_.size(); ++i) {
    const double ratio = squared(scaled[i]) / scatter.precision(i, i) / squared(kFarOff);
    rows_.inflations[i] = std::max(1.0, squared(ratio));
  }
}

}  // namespace etalon
