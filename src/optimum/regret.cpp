// How a regret is estimated: that of a learning rate is read from the bowl through the losses (see
// bowl_posterior.hpp), that of a recipe is its mean difference within seeds from a local curve
// around the best (see excess_loss.hpp), and either, where there is none, the mean difference
// within seeds from the best (see paired_differences.hpp).
#include "etalon/regret.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/plain_number.hpp"
#include "etalon/bounds.hpp"
#include "etalon/contradiction.hpp"
#include "etalon/error.hpp"
#include "etalon/optimum.hpp"
#include "optimum/excess_loss.hpp"
#include "optimum/fit_around_best.hpp"
#include "optimum/known_losses.hpp"
#include "optimum/loss_table.hpp"
#include "optimum/paired_differences.hpp"

namespace etalon {
namespace {

constexpr double kNearOctaves = 1.5;
// Of the best learning rate over one that is no longer next to it: an octave, with room for
// rounding.
constexpr double kFarBelow = 2.1;
// Within them, or there is no curve to speak of.
constexpr std::size_t kRowsOfACurve = 3;

ExcessLoss paired_excess(const MeanInterval& limits) {
  return {std::max(0.0, limits.mean), std::max(0.0, limits.low), std::max(0.0, limits.high)};
}

ExcessLoss signed_excess(const MeanInterval& limits) {
  return {limits.mean, limits.low, limits.high};
}

// What the bowl says of a row of the table. Rows that diverged are none of the bowl's. Where the
// optimum itself may lie, nothing need be lost, though every bowl but one says a little is.
ExcessLoss bowl_excess(const KnownLosses& known, const BowlPosterior& bowl, std::size_t row,
                       const ExcessLoss& paired, double level) {
  std::size_t own = 0;
  for (std::size_t before = 0; before < row; ++before) {
    if (known.table.means()[before]) ++own;
  }
  const ExcessDistribution excess = bowl.excess_at(own);
  const double x = known.data.rows[own].x;
  const bool may_be_optimum =
      bowl.quantile(0.5 - 0.5 * level) <= x && x <= bowl.quantile(0.5 + 0.5 * level);
  ExcessLoss found{excess.quantile(0.5), may_be_optimum ? 0.0 : excess.quantile(0.5 - 0.5 * level),
                   excess.quantile(0.5 + 0.5 * level)};
  // Away from the best, replicates may tell by themselves that the row lies above the least, and
  // how far it may: above, where losses turn up, they are noisier and skewed too.
  if (known.table.lr(row) * kFarBelow >= known.table.lr(known.best) && row <= known.best) {
    return found;
  }
  const FitAroundBest around = fit_around_best(known.table, kNearOctaves);
  const ExcessLoss measured =
      excess_of_row(known.table, around, row, level, kNearOctaves).value_or(paired);
  if (measured.low <= 0.0) return found;
  found.low = std::max(found.low, measured.low);
  found.high = std::max(found.high, measured.high);
  found.estimate = std::clamp(found.estimate, found.low, found.high);
  return found;
}

void judge(Regret& regret, double tolerance) {
  const std::string said = rounded_number(tolerance, 6);
  if (*regret.regret_high < 0) {
    regret.verdict = Verdict::holds;
    regret.explanation =
        "better than every learning rate without what else it moves: its interval lies below 0";
  } else if (*regret.regret_high < tolerance) {
    regret.verdict = Verdict::holds;
    regret.explanation = fmt::format("its interval lies below the tolerance {}", said);
  } else if (*regret.regret_low > tolerance) {
    regret.verdict = Verdict::fails;
    regret.explanation = fmt::format("its interval lies above the tolerance {}", said);
  } else {
    regret.verdict = Verdict::cannot_tell;
    regret.explanation = fmt::format("its interval straddles the tolerance {}", said);
  }
}

void set_interval(Regret& regret, const ExcessLoss& excess, double tolerance) {
  regret.regret = excess.estimate;
  regret.regret_low = excess.low;
  regret.regret_high = excess.high;
  judge(regret, tolerance);
}

std::size_t find_row(const LossTable& table, double lr) {
  const auto row = table.row_of(lr);
  if (row) return *row;
  throw InputError(fmt::format("{} {:g} was not tried", field_name("lr"), lr),
                   fmt::format("observations at batch size {}", table.batch_size()),
                   "run it, or ask for one that was");
}

// Why "holds" would say nothing, if it would: an equivalence needs evidence that a difference could
// have been seen (the assay sensitivity of equivalence trials, ICH E10, 2000).
std::optional<std::string> insensitivity(const LossTable& table, const RegretOptions& options) {
  const double least = *table.means()[*table.best()];
  if (options.untrained_loss) {
    if (least < *options.untrained_loss - options.tolerance) return std::nullopt;
    return fmt::format("nothing was learned: no learning rate ends {} below the untrained {}",
                       rounded_number(options.tolerance, 6),
                       rounded_number(*options.untrained_loss, 4));
  }
  for (const auto& mean : table.means()) {
    if (mean && *mean - least > options.tolerance) return std::nullopt;
  }
  return fmt::format("no learning rate that was tried loses more than the tolerance {}: any holds",
                     rounded_number(options.tolerance, 6));
}

// An interval below 0 needs no such evidence: the recipe is better.
void require_sensitivity(Regret& regret, const LossTable& table, const RegretOptions& options) {
  if (regret.verdict != Verdict::holds || *regret.regret_high < 0) return;
  const auto reason = insensitivity(table, options);
  if (!reason) return;
  regret.verdict = Verdict::cannot_tell;
  regret.explanation = *reason;
}

// A divergence fails the rule, unless a better run above it contradicts it.
void judge_divergence(Regret& regret, std::span<const Observation> observations) {
  regret.verdict = Verdict::fails;
  regret.explanation = "a run at this learning rate diverged";
  for (const Contradiction& found : find_contradictions(observations)) {
    if (found.diverged_lr != regret.lr) continue;
    regret.verdict = Verdict::cannot_tell;
    regret.explanation =
        fmt::format("a run at this learning rate diverged, yet lr {} above it ended well",
                    rounded_number(found.finished_lr, 3));
  }
}

// The learning rate and mean loss of runs that share both; no loss where one diverged.
Regret mean_of_runs(std::span<const Observation> runs) {
  if (runs.empty()) throw InputError("there are no runs of the recipe", "observations", "run it");
  Regret regret;
  regret.lr = runs.front().lr;
  double sum = 0.0;
  for (const Observation& run : runs) {
    if (run.lr != regret.lr || run.batch_size != runs.front().batch_size) {
      throw InputError("the runs of a recipe differ in batch size or learning rate", "observations",
                       "give those of one recipe");
    }
    if (run.diverged()) return regret;
    sum += *run.loss;
  }
  regret.loss = sum / static_cast<double>(runs.size());
  return regret;
}

// By column of the table; repeats of one seed are averaged.
SeedLosses losses_by_seed(const LossTable& table, std::span<const Observation> runs) {
  SeedLosses losses(table.seeds());
  for (std::size_t column = 0; column < table.seeds(); ++column) {
    double sum = 0.0, count = 0.0;
    for (const Observation& run : runs) {
      if (run.seed != table.seed(column)) continue;
      sum += *run.loss;
      ++count;
    }
    if (count > 0) losses[column] = sum / count;
  }
  return losses;
}

// Fills in the pairs, and the one difference of a single pair; whether there are two or more.
bool has_enough_pairs(Regret& regret, const LossTable& table, const SeedLosses& losses,
                      const Block& block, std::size_t best) {
  regret.pairs = static_cast<std::int64_t>(block.columns.size());
  if (block.columns.empty()) regret.explanation = "it shares no seed with the best learning rate";
  if (block.columns.size() == 1) {
    const std::size_t column = block.columns[0];
    regret.regret = *losses[column] - *table.loss(best, column);
    regret.explanation = "one seed gives no interval";
  }
  return block.columns.size() > 1;
}

}  // namespace

void RegretOptions::validate() const {
  check_level(level);
  if (!(tolerance > 0) || !std::isfinite(tolerance)) {
    throw InputError(fmt::format("{} is {}", field_name("tolerance"), tolerance), "",
                     "it must be finite and above 0");
  }
  if (untrained_loss && !is_valid_loss(*untrained_loss)) {
    throw InputError(fmt::format("{} is {}", field_name("untrained_loss"), *untrained_loss), "",
                     "it must be finite; leave it out if it is not known");
  }
}

Regret regret_of(std::span<const Observation> observations, const KnownLosses& known,
                 const BowlPosterior* bowl, double lr, const RegretOptions& options) {
  Regret regret;
  regret.lr = lr;
  const LossTable all(observations);
  if (all.diverged(find_row(all, lr))) {
    judge_divergence(regret, observations);
    return regret;
  }
  const LossTable& table = known.table;
  const std::size_t row = find_row(table, lr);
  regret.loss = *table.means()[row];
  const SeedLosses losses = losses_of_row(table, row);
  const Block block = shared_block(table, losses, known.best);
  if (!has_enough_pairs(regret, table, losses, block, known.best)) return regret;
  // Rows too far apart for a curve around the best show differences, but no bowl to believe.
  const bool is_curve = table.rows_within(known.best, kNearOctaves).size() >= kRowsOfACurve;
  const ExcessLoss paired = paired_excess(
      cross_fitted_interval(table, block, losses, known.best, options.level, kNearOctaves));
  set_interval(regret,
               bowl && is_curve ? bowl_excess(known, *bowl, row, paired, options.level) : paired,
               options.tolerance);
  require_sensitivity(regret, table, options);
  return regret;
}

Regret estimate_regret(std::span<const Observation> observations, double lr,
                       const RegretOptions& options) {
  options.validate();
  const LossTable all(observations);
  if (all.diverged(find_row(all, lr))) {
    Regret regret;
    regret.lr = lr;
    judge_divergence(regret, observations);
    return regret;
  }
  const KnownLosses known = know(without_contradictions(observations));
  std::optional<BowlPosterior> bowl;
  if (known.has_bowl()) bowl.emplace(known.data, BowlPrior::broad());
  return regret_of(observations, known, bowl ? &*bowl : nullptr, lr, options);
}

Regret estimate_recipe_regret(std::span<const Observation> sweep, std::span<const Observation> runs,
                              const RegretOptions& options) {
  options.validate();
  Regret regret = mean_of_runs(runs);
  if (!regret.loss) {
    regret.verdict = Verdict::fails;
    regret.explanation = "a run of this recipe diverged";
    return regret;
  }
  if (!has_optimum(sweep)) {
    regret.explanation = "no learning rate without what else it moves has been run to compare with";
    return regret;
  }
  const LossTable table(without_contradictions(sweep));
  const FitAroundBest around = fit_around_best(table, kNearOctaves);
  const SeedLosses losses = losses_by_seed(table, runs);
  const Block block = shared_block(table, losses, around.best);
  if (!has_enough_pairs(regret, table, losses, block, around.best)) return regret;
  const auto excess = excess_of_losses(around, losses, options.level, kNearOctaves);
  set_interval(regret,
               excess.value_or(signed_excess(cross_fitted_interval(
                   table, block, losses, around.best, options.level, kNearOctaves))),
               options.tolerance);
  require_sensitivity(regret, table, options);
  return regret;
}

}  // namespace etalon
