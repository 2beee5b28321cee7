#include "optimum/bowl_data.hpp"

#include <algorithm>
#include <cmath>

#include "optimum/seed_noise.hpp"
#include "optimum/student_interval.hpp"

namespace etalon {
namespace {

// Where seeds merely shift the loss.
constexpr double kSeedOctaves = 1.5;
// What a learning rate is shown to be worse than the best with, by Student's distribution.
constexpr double kBeyondDoubt = 0.999;
constexpr double kLeastDegrees = 3.0;  // to know how far replicates lie apart

// Of a row's cells about its mean; a seed that ran but there tells nothing.
double squares_of(const LossTable& table, std::size_t row, const std::vector<double>& effects) {
  double squares = 0.0;
  for (const LossTable::Cell& cell : table.cells(row)) {
    const double effect = cell.column < effects.size() ? effects[cell.column] : 0.0;
    squares += squared(cell.loss - effect - *table.means()[row]);
  }
  return squares;
}

// Whether no run has a seed and no learning rate two: then all may have had one and the same.
bool may_share_one(const LossTable& table, const std::vector<std::size_t>& rows) {
  return table.seeds() == 0 && std::all_of(rows.begin(), rows.end(), [&](std::size_t row) {
           return table.cells(row).size() == 1;
         });
}

// Of the seeds that ran in both rows, the product of a run's share in either mean.
double common_seeds(const LossTable& table, std::size_t a, std::size_t b) {
  const auto cells = table.cells(a), others = table.cells(b);
  double common = 0.0;
  for (std::size_t i = 0, j = 0; i < cells.size() && j < others.size();) {
    const std::size_t here = cells[i].column, there = others[j].column;
    if (here >= table.seeds() || there >= table.seeds()) break;
    common += here == there ? 1.0 : 0.0;
    i += here <= there ? 1 : 0;
    j += there <= here ? 1 : 0;
  }
  return common / static_cast<double>(cells.size() * others.size());
}

Eigen::MatrixXd common_seeds(const LossTable& table, const std::vector<std::size_t>& rows) {
  const auto size = std::ssize(rows);
  if (may_share_one(table, rows)) return Eigen::MatrixXd::Ones(size, size);
  Eigen::MatrixXd common(size, size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      const std::size_t a = rows[static_cast<std::size_t>(i)];
      common(i, j) = common(j, i) = common_seeds(table, a, rows[static_cast<std::size_t>(j)]);
    }
  }
  return common;
}

// The loss is unimodal: where replicates show a learning rate to lie above the best, the optimum
// is on the best's side of it, whatever a bowl makes of the row.
void bound_by_worse_rows(BowlData& data) {
  if (data.replicates.degrees < kLeastDegrees) return;
  const auto best = std::ranges::min_element(data.rows, {}, &BowlRow::loss);
  const double quantile = student_quantile(data.replicates.degrees, kBeyondDoubt);
  for (const BowlRow& row : data.rows) {
    const double variance = data.replicates.variance() * (1.0 / row.runs + 1.0 / best->runs);
    if (row.loss - best->loss <= quantile * std::sqrt(variance)) continue;
    if (row.x < best->x) data.worse_below = row.x;
    if (row.x > best->x) data.worse_above = std::min(data.worse_above, row.x);
  }
}

}  // namespace

BowlData bowl_data(const LossTable& table) {
  BowlData data;
  std::vector<std::size_t> rows;
  const std::vector<double> effects = table.seed_effects(*table.best(), kSeedOctaves);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!table.means()[row]) continue;
    rows.push_back(row);
    data.rows.push_back({std::log(table.lr(row)), *table.means()[row],
                         static_cast<double>(table.cells(row).size()),
                         squares_of(table, row, effects)});
  }
  if (const auto diverged = table.divergence_above(*table.best())) {
    data.ceiling = std::log(*diverged);
  }
  data.common = common_seeds(table, rows);
  data.replicates = replicate_evidence(table);
  bound_by_worse_rows(data);
  return data;
}

}  // namespace etalon
