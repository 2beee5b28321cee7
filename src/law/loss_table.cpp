#include "law/loss_table.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// Seed effects of the final means come from rows this close to the best one.
constexpr double kNearOctaves = 1.5;
constexpr double kAllOctaves = std::numeric_limits<double>::infinity();

void check(const Observation& observation, double batch_size) {
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (!positive(observation.batch_size)) {
    throw InputError(fmt::format("batch_size {} is not finite and above 0", observation.batch_size),
                     "observations", "leave the row out");
  }
  if (!positive(observation.lr)) {
    throw InputError(fmt::format("lr {} is not finite and above 0", observation.lr), "observations",
                     "leave the row out");
  }
  if (observation.batch_size != batch_size) {
    throw InputError(
        fmt::format("batch sizes {} and {} are mixed", batch_size, observation.batch_size),
        "observations", "estimate one batch size at a time");
  }
}

template <typename Value>
void sort_unique(std::vector<Value>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

template <typename Value>
std::size_t index_of(const std::vector<Value>& sorted, const Value& value) {
  return static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), value) -
                                  sorted.begin());
}

std::optional<std::size_t> least(const std::vector<std::optional<double>>& means) {
  std::optional<std::size_t> best;
  for (std::size_t row = 0; row < means.size(); ++row) {
    if (means[row] && (!best || *means[row] < *means[*best])) best = row;
  }
  return best;
}

}  // namespace

LossTable::LossTable(std::span<const Observation> observations) {
  if (observations.empty()) {
    throw InputError("there is no observation", "observations", "give at least one trial");
  }
  batch_size_ = observations.front().batch_size;
  for (const Observation& observation : observations) {
    check(observation, batch_size_);
    lrs_.push_back(observation.lr);
    seeds_.push_back(observation.seed);
  }
  sort_unique(lrs_);
  sort_unique(seeds_);
  cells_.resize(rows() * columns());
  diverged_.resize(rows());
  std::vector<double> sums(cells_.size()), counts(cells_.size());
  for (const Observation& observation : observations) {
    const std::size_t row = index_of(lrs_, observation.lr);
    const std::size_t cell = row * columns() + index_of(seeds_, observation.seed);
    if (!observation.loss || !std::isfinite(*observation.loss)) {
      diverged_[row] = true;
      continue;
    }
    sums[cell] += *observation.loss;
    counts[cell] += 1;
  }
  for (std::size_t cell = 0; cell < cells_.size(); ++cell) {
    if (counts[cell] > 0) cells_[cell] = sums[cell] / counts[cell];
  }
  means_ = adjusted_means(0, kAllOctaves);
  best_ = least(means_);
  if (!best_) return;
  means_ = adjusted_means(*best_, kNearOctaves);
  best_ = least(means_);
}

std::optional<std::size_t> LossTable::row_of(double lr) const {
  const std::size_t row = index_of(lrs_, lr);
  return row < rows() && lrs_[row] == lr ? std::optional(row) : std::nullopt;
}

std::vector<double> LossTable::seed_effects(std::size_t center, double octaves) const {
  // Normal equations with the row effects eliminated: a graph Laplacian in the seeds, whose
  // least-norm solution makes the effects of every connected group of seeds sum to zero.
  const auto size = static_cast<Eigen::Index>(columns());
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  for (std::size_t row = 0; row < rows(); ++row) {
    if (diverged_[row] || std::abs(std::log2(lrs_[row] / lrs_[center])) > octaves + 1e-6) continue;
    Eigen::VectorXd present = Eigen::VectorXd::Zero(size), losses = Eigen::VectorXd::Zero(size);
    for (std::size_t column = 0; column < columns(); ++column) {
      if (const auto value = loss(row, column)) {
        present(static_cast<Eigen::Index>(column)) = 1;
        losses(static_cast<Eigen::Index>(column)) = *value;
      }
    }
    const double count = present.sum();
    if (count == 0) continue;
    normal += Eigen::MatrixXd(present.asDiagonal()) - present * present.transpose() / count;
    right += losses - present * (losses.sum() / count);
  }
  // The null vectors of the Laplacian must be seen as such through rounding.
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> decomposition;
  decomposition.setThreshold(1e-9);
  const Eigen::VectorXd effects = decomposition.compute(normal).solve(right);
  return {effects.data(), effects.data() + effects.size()};
}

std::vector<std::optional<double>> LossTable::adjusted_means(std::size_t center,
                                                             double octaves) const {
  const std::vector<double> effects = seed_effects(center, octaves);
  std::vector<std::optional<double>> means(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    double sum = 0, count = 0;
    for (std::size_t column = 0; column < columns(); ++column) {
      if (const auto value = loss(row, column)) {
        sum += *value - effects[column];
        count += 1;
      }
    }
    if (!diverged_[row] && count > 0) means[row] = sum / count;
  }
  return means;
}

std::optional<double> LossTable::divergence_above(std::size_t row) const {
  for (std::size_t above = row + 1; above < rows(); ++above) {
    if (diverged_[above]) return lrs_[above];
  }
  return std::nullopt;
}

std::size_t LossTable::lowest_finite() const {
  return static_cast<std::size_t>(std::find(diverged_.begin(), diverged_.end(), false) -
                                  diverged_.begin());
}

std::size_t LossTable::highest_finite() const {
  return rows() - 1 -
         static_cast<std::size_t>(std::find(diverged_.rbegin(), diverged_.rend(), false) -
                                  diverged_.rbegin());
}

}  // namespace etalon
