// How a regret is estimated: where a fit through the losses around the best exists, it is the rise
// above the fitted least (see rise.hpp). Without one the tuned learning rate is chosen on the same
// noisy losses that it is compared on, which would flatter it; so for each seed the best learning
// rate is chosen on the other seeds and the difference is taken on this one (cross-fitting). The
// spread of so few differences is poorly known; it is pooled with the residual spread of the
// (learning rate by seed) table near the best unless it is the greater.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/error.hpp"
#include "etalon/law.hpp"
#include "law/loss_table.hpp"
#include "law/neighbourhood.hpp"
#include "law/rise.hpp"
#include "law/spread.hpp"

namespace etalon {
namespace {

constexpr double kNearOctaves = 1.5;

// The part of the table where every chosen row has every chosen seed.
struct Block {
  std::vector<std::size_t> rows;
  std::vector<std::size_t> columns;
};

Block shared_block(const LossTable& table, std::size_t row, std::size_t best) {
  Block block;
  for (std::size_t column = 0; column < table.columns(); ++column) {
    if (table.loss(row, column) && table.loss(best, column)) block.columns.push_back(column);
  }
  for (std::size_t candidate = 0; candidate < table.rows(); ++candidate) {
    const bool full = std::all_of(block.columns.begin(), block.columns.end(), [&](auto column) {
      return table.loss(candidate, column).has_value();
    });
    if (full && !table.diverged(candidate)) block.rows.push_back(candidate);
  }
  return block;
}

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
                                             std::size_t row) {
  std::vector<double> differences;
  for (const std::size_t column : block.columns) {
    const std::size_t reference = best_without(table, block, column);
    differences.push_back(*table.loss(row, column) - *table.loss(reference, column));
  }
  return differences;
}

// Twice the residual variance of loss = lr + seed near the best: what a difference should spread.
Spread spread_near(const LossTable& table, const Block& block, std::size_t best) {
  std::vector<std::size_t> rows;
  for (const std::size_t row : block.rows) {
    if (std::abs(std::log2(table.lr(row) / table.lr(best))) <= kNearOctaves + 1e-6) {
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
    const Spread within = spread_of(residuals);
    squares += within.variance * within.degrees_of_freedom;
  }
  const double degrees =
      static_cast<double>(rows.size() - 1) * static_cast<double>(block.columns.size() - 1);
  return degrees > 0 ? Spread{2 * squares / degrees, degrees} : Spread{};
}

Rise paired_rise(const std::vector<double>& differences, const Spread& near, double level) {
  const Limits limits = limits_of_mean(differences, near, level);
  return {std::max(0.0, limits.mean), std::max(0.0, limits.low), std::max(0.0, limits.high)};
}

void judge(Regret& regret, double tolerance) {
  if (*regret.regret_high < tolerance) {
    regret.verdict = Verdict::holds;
    regret.explanation = fmt::format("its interval lies below the tolerance {:g}", tolerance);
  } else if (*regret.regret_low > tolerance) {
    regret.verdict = Verdict::fails;
    regret.explanation = fmt::format("its interval lies above the tolerance {:g}", tolerance);
  } else {
    regret.verdict = Verdict::cannot_tell;
    regret.explanation = fmt::format("its interval straddles the tolerance {:g}", tolerance);
  }
}

std::size_t find_row(const LossTable& table, double lr) {
  const auto row = table.row_of(lr);
  if (row) return *row;
  throw InputError(fmt::format("learning rate {:g} was not tried", lr),
                   fmt::format("observations at batch size {}", table.batch_size()),
                   "run it, or ask for one that was");
}

}  // namespace

void RegretOptions::validate() const {
  if (!(level > 0 && level < 1)) {
    throw InputError(fmt::format("level {} is not in (0, 1)", level), "RegretOptions", "");
  }
  if (!(tolerance > 0) || !std::isfinite(tolerance)) {
    throw InputError(fmt::format("tolerance {} is not finite and above 0", tolerance),
                     "RegretOptions", "");
  }
}

Regret estimate_regret(std::span<const Observation> observations, double lr,
                       const RegretOptions& options) {
  options.validate();
  const LossTable table(observations);
  const std::size_t row = find_row(table, lr);
  Regret regret;
  regret.lr = lr;
  if (table.diverged(row)) {
    regret.verdict = Verdict::fails;
    regret.explanation = "a run at this learning rate diverged";
    return regret;
  }
  const Neighbourhood around = look_around_best(table, kNearOctaves);
  const std::size_t best = around.best;
  regret.loss = *table.means()[row];
  const Block block = shared_block(table, row, best);
  regret.pairs = static_cast<std::int64_t>(block.columns.size());
  if (block.columns.empty()) {
    regret.explanation = "it shares no seed with the best learning rate";
    return regret;
  }
  if (block.columns.size() == 1) {
    regret.regret = *table.loss(row, block.columns[0]) - *table.loss(best, block.columns[0]);
    regret.explanation = "one seed gives no interval";
    return regret;
  }
  const Rise rise = rise_above_least(table, around, row, options.level, kNearOctaves)
                        .value_or(paired_rise(cross_fitted_differences(table, block, row),
                                              spread_near(table, block, best), options.level));
  regret.regret = rise.estimate;
  regret.regret_low = rise.low;
  regret.regret_high = rise.high;
  judge(regret, options.tolerance);
  return regret;
}

}  // namespace etalon
