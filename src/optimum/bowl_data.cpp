#include "optimum/bowl_data.hpp"

#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "optimum/robust_scale.hpp"

namespace etalon {
namespace {

// Where seeds merely shift the loss, and where noise is what it is near the least.
constexpr double kReplicateOctaves = 1.5;
// Noise per excess above the least: that of replicates which lie high counts by less.
constexpr double kGrowth = 0.5;

struct Replicate {
  std::size_t row, column;
  double off, excess;
};

// Of rows near the best that have several.
std::vector<Replicate> replicates_of(const LossTable& table) {
  const std::vector<double> effects = table.seed_effects(*table.best(), kReplicateOctaves);
  std::vector<Replicate> found;
  for (const std::size_t row : table.rows_within(*table.best(), kReplicateOctaves)) {
    if (table.cells(row).size() < 2 || !table.means()[row]) continue;
    const double excess = *table.means()[row] - *table.means()[*table.best()];
    for (const LossTable::Cell& cell : table.cells(row)) {
      const double effect = cell.column < effects.size() ? effects[cell.column] : 0.0;
      found.push_back({row, cell.column, cell.loss - effect - *table.means()[row], excess});
    }
  }
  return found;
}

// How many effects of seeds were estimated: one fewer than the seeds of every group of rows that
// share any.
double effects_of(const LossTable& table, const std::vector<Replicate>& replicates) {
  std::vector<std::size_t> group(table.seeds());
  std::iota(group.begin(), group.end(), std::size_t{0});
  const auto root = [&](std::size_t column) {
    while (group[column] != column) column = group[column];
    return column;
  };
  double joined = 0.0;
  std::map<std::size_t, std::size_t> first;  // column of each row
  for (const Replicate& each : replicates) {
    if (each.column >= table.seeds()) continue;
    const auto [entry, is_new] = first.try_emplace(each.row, each.column);
    const std::size_t a = root(entry->second), b = root(each.column);
    if (a == b) continue;
    group[b] = a;
    joined += 1.0;
  }
  return joined;
}

double typical_size(const std::vector<Replicate>& replicates) {
  std::vector<double> off;
  off.reserve(replicates.size());
  for (const Replicate& each : replicates) off.push_back(each.off);
  return robust_deviation(std::move(off));
}

void add_replicates(const LossTable& table, BowlData& data) {
  const std::vector<Replicate> replicates = replicates_of(table);
  if (replicates.empty()) return;
  const double size = typical_size(replicates);
  std::map<std::size_t, double> in_row;
  double weights = 0.0;
  for (const Replicate& each : replicates) {
    const double relative = size > 0.0 ? kGrowth * each.excess / size : 0.0;
    const double weight = 1.0 / (1.0 + relative * relative);
    data.replicate_squares += weight * each.off * each.off;
    weights += weight;
    in_row[each.row] = weight;
  }
  for (const auto& [row, weight] : in_row) data.replicate_degrees += -weight;
  const double mean_weight = weights / static_cast<double>(replicates.size());
  data.replicate_degrees += weights - mean_weight * effects_of(table, replicates);
  if (data.replicate_degrees > 1e-6) return;
  data.replicate_degrees = data.replicate_squares = 0.0;
}

// Of a row's cells about its mean; a seed that ran but there tells nothing.
double squares_of(const LossTable& table, std::size_t row, const std::vector<double>& effects) {
  double squares = 0.0;
  for (const LossTable::Cell& cell : table.cells(row)) {
    const double effect = cell.column < effects.size() ? effects[cell.column] : 0.0;
    squares += squared(cell.loss - effect - *table.means()[row]);
  }
  return squares;
}

}  // namespace

BowlData bowl_data(const LossTable& table) {
  BowlData data;
  const std::vector<double> effects = table.seed_effects(*table.best(), kReplicateOctaves);
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (!table.means()[row]) continue;
    data.rows.push_back({std::log(table.lr(row)), *table.means()[row],
                         static_cast<double>(table.cells(row).size()),
                         squares_of(table, row, effects)});
  }
  if (const auto diverged = table.divergence_above(*table.best())) {
    data.ceiling = std::log(*diverged);
  }
  add_replicates(table, data);
  return data;
}

}  // namespace etalon
