// The sums of squares of a two-way table with missing cells: that of the seeds is what they take
// off the scatter about the learning rates' means. Its expectation is σ² per degree of freedom plus
// between² times the trace of the seeds' normal equations, Σ (1 − 1/cells of its row) over cells.
#include "etalon/seed_effect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "core/plain_number.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {
namespace {

constexpr double kEffectOctaves = 1.5;
constexpr double kBeyondDoubt = 0.01;

struct SumsOfSquares {
  double seeds = 0.0, seed_degrees = 0.0;  // of what seeds take off
  double trace = 0.0;
  double rest = 0.0, rest_degrees = 0.0;
  std::int64_t shared = 0;  // seeds
};

double scatter(const std::vector<double>& values) {
  double mean = 0.0, squares = 0.0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares;
}

// The row's losses with the effects of their seeds taken out; those of shared rows only.
void add_row(const LossTable& table, std::size_t row, const std::vector<double>& effects,
             SumsOfSquares& sums, std::set<std::size_t>& shared) {
  std::vector<double> raw, adjusted;
  for (const LossTable::Cell& cell : table.cells(row)) {
    if (cell.column >= table.seeds()) continue;
    raw.push_back(cell.loss);
    adjusted.push_back(cell.loss - effects[cell.column]);
  }
  if (raw.size() < 2) return;
  for (const LossTable::Cell& cell : table.cells(row)) {
    if (cell.column < table.seeds()) shared.insert(cell.column);
  }
  sums.seeds += scatter(raw) - scatter(adjusted);
  sums.rest += scatter(adjusted);
  sums.trace += static_cast<double>(raw.size() - 1);
}

void add_batch_size(const std::vector<Observation>& runs, SumsOfSquares& sums) {
  const LossTable table(runs);
  if (!table.best()) return;
  const std::vector<double> effects = table.seed_effects(*table.best(), kEffectOctaves);
  std::set<std::size_t> shared;
  const double trace = sums.trace;
  for (const std::size_t row : table.rows_within(*table.best(), kEffectOctaves)) {
    add_row(table, row, effects, sums, shared);
  }
  if (shared.size() < 2) return;
  const auto seed_degrees = static_cast<double>(shared.size() - 1);
  sums.shared += static_cast<std::int64_t>(shared.size());
  sums.seed_degrees += seed_degrees;
  sums.rest_degrees += sums.trace - trace - seed_degrees;
}

SeedEffect effect_of(const SumsOfSquares& sums) {
  const double variance = sums.rest / sums.rest_degrees;
  const double ratio = sums.seeds / sums.seed_degrees / std::max(variance, 1e-300);
  const boost::math::fisher_f fisher(sums.seed_degrees, sums.rest_degrees);
  SeedEffect effect;
  effect.within = std::sqrt(variance);
  effect.between = std::sqrt(std::max(0.0, sums.seeds - sums.seed_degrees * variance) / sums.trace);
  effect.p_value = std::isfinite(ratio) && ratio > 0.0
                       ? boost::math::cdf(boost::math::complement(fisher, ratio))
                       : (ratio > 0.0 ? 0.0 : 1.0);
  effect.seeds = sums.shared;
  return effect;
}

}  // namespace

bool SeedEffect::is_strong() const { return p_value < kBeyondDoubt && between > within; }

std::string SeedEffect::text() const {
  return fmt::format(
      "seeds move the loss by {} (standard deviation), all else that is random by {}: "
      "compare learning rates under the same seeds",
      rounded_number(between, 2), rounded_number(within, 2));
}

std::optional<SeedEffect> find_seed_effect(std::span<const Observation> observations) {
  std::map<double, std::vector<Observation>> by_batch_size;
  for (const Observation& run : observations) by_batch_size[run.batch_size].push_back(run);
  SumsOfSquares sums;
  for (const auto& [batch_size, runs] : by_batch_size) add_batch_size(runs, sums);
  if (sums.rest_degrees < 1.0) return std::nullopt;
  return effect_of(sums);
}

}  // namespace etalon
