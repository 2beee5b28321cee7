#include "optimum/paired_differences.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

std::size_t best_without(const LossTable& table, const Block& block, std::size_t left_out) {
  const auto mean = [&](std::size_t row) {
    double sum = 0;
    for (const std::size_t column : block.columns) {
      if (column != left_out) sum += *table.loss(row, column);
    }
    return sum;
  };
  return *std::min_element(block.rows.begin(), block.rows.end(),
                           [&](auto a, auto b) { return mean(a) < mean(b); });
}

std::vector<double> cross_fitted_differences(const LossTable& table, const Block& block,
                                             const SeedLosses& losses) {
  std::vector<double> differences;
  for (const std::size_t column : block.columns) {
    const std::size_t reference = best_without(table, block, column);
    differences.push_back(*losses[column] - *table.loss(reference, column));
  }
  return differences;
}

// Twice the residual variance of loss = lr + seed near the best: what a difference should spread.
VarianceEstimate variance_near(const LossTable& table, const Block& block, std::size_t best,
                               double octaves) {
  std::vector<std::size_t> rows;
  for (const std::size_t row : block.rows) {
    if (std::abs(std::log2(table.lr(row) / table.lr(best))) <= octaves + 1e-6) {
      rows.push_back(row);
    }
  }
  std::vector<double> column_means;
  for (const std::size_t column : block.columns) {
    double sum = 0;
    for (const std::size_t row : rows) sum += *table.loss(row, column);
    column_means.push_back(sum / static_cast<double>(rows.size()));
  }
  double squares = 0;
  for (const std::size_t row : rows) {
    std::vector<double> residuals;
    for (std::size_t i = 0; i < block.columns.size(); ++i) {
      residuals.push_back(*table.loss(row, block.columns[i]) - column_means[i]);
    }
    const VarianceEstimate within = variance_of(residuals);
    squares += within.variance * within.degrees_of_freedom;
  }
  const double degrees =
      static_cast<double>(rows.size() - 1) * static_cast<double>(block.columns.size() - 1);
  return degrees > 0 ? VarianceEstimate{2 * squares / degrees, degrees} : VarianceEstimate{};
}

}  // namespace

SeedLosses losses_of_row(const LossTable& table, std::size_t row) {
  SeedLosses losses(table.seeds());
  for (const LossTable::Cell& cell : table.cells(row)) {
    if (cell.column < losses.size()) losses[cell.column] = cell.loss;
  }
  return losses;
}

Block shared_block(const LossTable& table, const SeedLosses& losses, std::size_t best) {
  Block block;
  for (std::size_t column = 0; column < table.seeds(); ++column) {
    if (losses[column] && table.loss(best, column)) block.columns.push_back(column);
  }
  for (std::size_t candidate = 0; candidate < table.rows(); ++candidate) {
    const bool full = std::all_of(block.columns.begin(), block.columns.end(), [&](auto column) {
      return table.loss(candidate, column).has_value();
    });
    if (full && !table.diverged(candidate)) block.rows.push_back(candidate);
  }
  return block;
}

MeanInterval cross_fitted_interval(const LossTable& table, const Block& block,
                                   const SeedLosses& losses, std::size_t best, double level,
                                   double octaves) {
  return mean_interval(cross_fitted_differences(table, block, losses),
                       variance_near(table, block, best, octaves), level);
}

}  // namespace etalon
