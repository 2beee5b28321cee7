// How a regret is estimated. The tuned learning rate is chosen on the same noisy losses that it is
// compared on, which would flatter it; so for each seed the best learning rate is chosen on the
// other seeds and the difference is taken on this one (cross-fitting); what the fitted loss rises
// from its least to that reference is added, so that a coarse grid or an unlucky choice does not
// count in the rule's favour. With few seeds the spread of
// the differences is poorly known; it is pooled with the residual spread of the (learning rate by
// seed) table near the best unless the two disagree.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

#include "etalon/error.hpp"
#include "etalon/law.hpp"
#include "law/loss_table.hpp"
#include "law/neighbourhood.hpp"

namespace etalon {
namespace {

constexpr double kNearOctaves = 1.5;
// Spreads are pooled unless the differences spread more, significantly at this level. It is large
// because failing to see a difference with so few seeds says little (Bancroft's "sometimes pool").
constexpr double kPoolingLevel = 0.25;

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

// What the fitted loss at `row` lies above its least; 0 where the fit does not reach.
double above_least(const LossTable& table, const Neighbourhood& around, std::size_t row) {
  const double x = around.place(table, row);
  const bool near = std::abs(x) <= kNearOctaves * std::numbers::ln2 + 1e-6;
  if (!near || !around.fit || around.octaves > kNearOctaves) return 0;
  return std::max(0.0, around.fit->rise(around.vertex, x));
}

std::vector<double> cross_fitted_differences(const LossTable& table, const Block& block,
                                             const Neighbourhood& around, std::size_t row) {
  std::vector<double> differences;
  for (const std::size_t column : block.columns) {
    const std::size_t reference = best_without(table, block, column);
    differences.push_back(*table.loss(row, column) - *table.loss(reference, column) +
                          above_least(table, around, reference));
  }
  return differences;
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

struct Spread {
  double variance = 0.0;
  double degrees_of_freedom = 0.0;
};

Spread spread_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const auto degrees = static_cast<double>(values.size() - 1);
  return {squares / degrees, degrees};
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

Spread pooled(const Spread& own, const Spread& near) {
  if (near.degrees_of_freedom == 0) return own;
  const boost::math::fisher_f ratio(own.degrees_of_freedom, near.degrees_of_freedom);
  const double critical = boost::math::quantile(boost::math::complement(ratio, kPoolingLevel));
  if (own.variance > critical * near.variance) return own;
  const double degrees = own.degrees_of_freedom + near.degrees_of_freedom;
  return {
      (own.variance * own.degrees_of_freedom + near.variance * near.degrees_of_freedom) / degrees,
      degrees};
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
  const std::vector<double> differences = cross_fitted_differences(table, block, around, row);
  const Spread spread = pooled(spread_of(differences), spread_near(table, block, best));
  const boost::math::students_t student(spread.degrees_of_freedom);
  const double half_width = boost::math::quantile(student, 0.5 + 0.5 * options.level) *
                            std::sqrt(spread.variance / static_cast<double>(differences.size()));
  regret.regret = mean_of(differences);
  regret.regret_low = *regret.regret - half_width;
  regret.regret_high = *regret.regret + half_width;
  judge(regret, options.tolerance);
  return regret;
}

}  // namespace etalon
