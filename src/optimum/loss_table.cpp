#include "optimum/loss_table.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// Seed effects of the final means come from rows this close to the best one.
constexpr double kMeansOctaves = 1.5;
constexpr double kAllOctaves = std::numeric_limits<double>::infinity();
// Seed effects are solved for until the residual has shrunk by this much: well above rounding,
// whose part outside the Laplacian's range never shrinks.
constexpr double kSolved = 1e-11;
// Eigenvalues below this are zero but for rounding.
constexpr double kNull = 1e-12;

void check_observation(const Observation& observation, double batch_size) {
  check_batch_size(observation.batch_size, "batch_size", "observations");
  check_lr(observation.lr, "lr", "observations");
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
    check_observation(observation, batch_size_);
    lrs_.push_back(observation.lr);
    if (observation.seed) seeds_.push_back(*observation.seed);
  }
  sort_unique(lrs_);
  sort_unique(seeds_);
  fill_cells(observations);
  means_ = adjusted_means(0, kAllOctaves);
  best_ = least(means_);
  if (!best_) return;
  means_ = adjusted_means(*best_, kMeansOctaves);
  best_ = least(means_);
}

void LossTable::fill_cells(std::span<const Observation> observations) {
  struct Entry {
    std::size_t row, column;
    double loss;
    auto key() const { return std::tie(row, column, loss); }
  };
  std::vector<Entry> entries;
  diverged_.resize(rows());
  for (const Observation& observation : observations) {
    const std::size_t row = index_of(lrs_, observation.lr);
    if (observation.diverged()) {
      diverged_[row] = true;
      continue;
    }
    const std::size_t column =
        observation.seed ? index_of(seeds_, *observation.seed) : seeds_.size();
    entries.push_back({row, column, *observation.loss});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return a.key() < b.key(); });
  starts_.assign(rows() + 1, 0);
  std::size_t without_seed = 0;
  for (std::size_t i = 0; i < entries.size();) {
    const auto [row, column, loss] = entries[i];
    if (column == seeds_.size()) {
      cells_.push_back({column + without_seed++, loss});
      ++i;
    } else {
      double sum = 0, count = 0;
      for (; i < entries.size() && entries[i].row == row && entries[i].column == column; ++i) {
        sum += entries[i].loss;
        count += 1;
      }
      cells_.push_back({column, sum / count});
    }
    starts_[row + 1] = cells_.size();
  }
  // A row without cells ends where the one before it does.
  for (std::size_t row = 0; row < rows(); ++row) {
    starts_[row + 1] = std::max(starts_[row], starts_[row + 1]);
  }
}

std::span<const LossTable::Cell> LossTable::cells_with_seed(std::size_t row) const {
  const std::span<const Cell> all = cells(row);
  const auto end = std::find_if(all.begin(), all.end(),
                                [&](const Cell& cell) { return cell.column >= seeds_.size(); });
  return {all.begin(), end};
}

std::optional<double> LossTable::loss(std::size_t row, std::size_t column) const {
  const std::span<const Cell> own = cells(row);
  const auto found =
      std::lower_bound(own.begin(), own.end(), column,
                       [](const Cell& cell, std::size_t value) { return cell.column < value; });
  if (found == own.end() || found->column != column) return std::nullopt;
  return found->loss;
}

std::optional<std::size_t> LossTable::row_of(double lr) const {
  const std::size_t row = index_of(lrs_, lr);
  return row < rows() && lrs_[row] == lr ? std::optional(row) : std::nullopt;
}

std::vector<std::size_t> LossTable::rows_within(std::size_t center, double octaves) const {
  std::vector<std::size_t> result;
  for (std::size_t row = 0; row < rows(); ++row) {
    if (diverged_[row] || std::abs(std::log2(lrs_[row] / lrs_[center])) > octaves + 1e-6) continue;
    result.push_back(row);
  }
  return result;
}

std::vector<double> LossTable::seed_effects(std::size_t center, double octaves) const {
  // Normal equations with the row effects eliminated: a graph Laplacian in the seeds. Conjugate
  // gradients from zero stay in its range, so they find its least-norm solution, which makes the
  // effects of every connected group of seeds sum to zero; they never need the matrix, which would
  // be huge where every run has its own seed.
  const std::vector<std::size_t> chosen = rows_within(center, octaves);
  const auto size = static_cast<Eigen::Index>(seeds_.size());
  const auto add_centered = [&](std::size_t row, const auto& value, Eigen::VectorXd& result) {
    const std::span<const Cell> own = cells_with_seed(row);
    double mean = 0;
    for (int pass = 0; pass < 2; ++pass) {  // the second takes out the rounding of the first
      double sum = 0;
      for (const Cell& cell : own) sum += value(cell) - mean;
      if (!own.empty()) mean += sum / static_cast<double>(own.size());
    }
    for (const Cell& cell : own) {
      result[static_cast<Eigen::Index>(cell.column)] += value(cell) - mean;
    }
  };
  Eigen::VectorXd residual = Eigen::VectorXd::Zero(size);
  for (const std::size_t row : chosen) {
    add_centered(
        row, [](const Cell& cell) { return cell.loss; }, residual);
  }
  Eigen::VectorXd effects = Eigen::VectorXd::Zero(size), direction = residual, image(size);
  const double enough = kSolved * kSolved * residual.squaredNorm();
  for (Eigen::Index step = 0; step < 4 * size && residual.squaredNorm() > enough; ++step) {
    image.setZero();
    for (const std::size_t row : chosen) {
      const auto value = [&](const Cell& cell) {
        return direction[static_cast<Eigen::Index>(cell.column)];
      };
      add_centered(row, value, image);
    }
    const double before = residual.squaredNorm();
    const double along = direction.dot(image);
    if (!(along > kNull * direction.squaredNorm())) break;
    effects += before / along * direction;
    residual -= before / along * image;
    direction = residual + residual.squaredNorm() / before * direction;
  }
  return {effects.data(), effects.data() + effects.size()};
}

std::vector<std::optional<double>> LossTable::adjusted_means(std::size_t center,
                                                             double octaves) const {
  const std::vector<double> effects = seed_effects(center, octaves);
  std::vector<std::optional<double>> means(rows());
  for (std::size_t row = 0; row < rows(); ++row) {
    double sum = 0, count = 0;
    for (const Cell& cell : cells(row)) {
      sum += cell.loss - (cell.column < effects.size() ? effects[cell.column] : 0.0);
      count += 1;
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
