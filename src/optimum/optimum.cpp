// How an optimum is estimated: LossTable picks the best tried learning rate and averages over
// seeds; a BowlPosterior through the means says where the least may lie. Its median is the
// estimate, its quantiles are the interval.
#include "etalon/optimum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "etalon/bounds.hpp"
#include "etalon/contradiction.hpp"
#include "etalon/error.hpp"
#include "etalon/loss_bowls.hpp"
#include "optimum/bowl_posterior.hpp"
#include "optimum/known_losses.hpp"
#include "optimum/outliers.hpp"

namespace etalon {
namespace {

// Of losses: what is nearer is equal but for rounding.
constexpr double kRounding = 1e-12;
// Two rows show no bowl.
constexpr std::size_t kLeastRows = 3;
// Divergence below this multiple of the best learning rate, an octave and a half with a little for
// rounding, or a row above it that lies so much farther off the bowl than its noise: a cliff.
constexpr double kNearDivergence = 2.84;
constexpr double kCliffInflation = 2.0;

// Whether the lowest and the highest that were tried are as good as any.
bool is_flat(const LossTable& table, std::size_t best) {
  if (table.rows() == 1) return false;
  const auto is_best = [&](std::size_t row) {
    const auto mean = table.means()[row];
    const double least = *table.means()[best];
    return mean && *mean - least <= kRounding * std::abs(least);
  };
  return is_best(table.lowest_finite()) && is_best(table.highest_finite()) &&
         !table.divergence_above(best);
}

Censoring censoring(const LossTable& table, std::size_t best) {
  if (table.rows() == 1 || is_flat(table, best)) return Censoring::both;
  const bool bounded_above =
      best != table.highest_finite() || table.divergence_above(best).has_value();
  if (!bounded_above) return Censoring::above;
  return best == table.lowest_finite() ? Censoring::below : Censoring::none;
}

// Whether the loss turns up too sharply just above the best for the bowl to follow.
bool is_cliff_above(const KnownLosses& known, const BowlPosterior& bowl) {
  const double best_lr = known.table.lr(known.best);
  if (known.table.divergence_above(known.best).value_or(INFINITY) < kNearDivergence * best_lr) {
    return true;
  }
  for (std::size_t i = 0; i < known.data.rows.size(); ++i) {
    const double above = known.data.rows[i].x - std::log(best_lr);
    if (above > 1e-9 && above < std::log(kNearDivergence) &&
        bowl.inflations()[i] > kCliffInflation) {
      return true;
    }
  }
  return false;
}

// Near a cliff the bowl is not trusted to place the optimum more closely than between the learning
// rates next to the best.
void apply_cliff(Optimum& optimum, const KnownLosses& known) {
  const LossTable& table = known.table;
  if (optimum.lr_high) optimum.lr_high = std::max(*optimum.lr_high, table.lr(known.best + 1));
  if (!optimum.lr_low) return;
  for (std::size_t row = known.best; row-- > 0;) {
    if (!table.means()[row]) continue;
    optimum.lr_low = std::min(*optimum.lr_low, table.lr(row));
    return;
  }
}

// Nothing is claimed beyond the learning rates that were tried, but for divergence.
void apply_bowl(Optimum& optimum, const KnownLosses& known, const BowlPosterior& bowl,
                double level) {
  const LossTable& table = known.table;
  const double lowest = table.lr(table.lowest_finite());
  const double highest = table.lr(table.highest_finite());
  if (optimum.censored == Censoring::both) return;
  if (bowl.curvature() > 0) optimum.curvature = bowl.curvature();
  // What seeds may have shifted the optimum by does not take it past what bounds it.
  const double low = std::exp(std::max(bowl.quantile(0.5 - 0.5 * level), known.data.worse_below));
  const double high = std::exp(std::min(bowl.quantile(0.5 + 0.5 * level), known.data.worse_above));
  const auto diverged = table.divergence_above(known.best);
  // A median beyond all that was tried says that the losses are too flat against their noise to
  // place it: the best mean stays.
  const double median = std::exp(bowl.quantile(0.5));
  const bool is_placed = median >= lowest && median <= highest;
  if (optimum.censored == Censoring::none && is_placed) {
    optimum.lr = median;
    const bool is_positive = std::all_of(known.data.rows.begin(), known.data.rows.end(),
                                         [](const BowlRow& row) { return row.loss >= 0.0; });
    optimum.fitted_loss = is_positive ? std::max(0.0, bowl.least_loss()) : bowl.least_loss();
  }
  if (optimum.censored != Censoring::below && low >= lowest) {
    optimum.lr_low = std::min(low, optimum.lr);
  }
  if (optimum.censored == Censoring::above) return;
  if (high <= highest) {
    optimum.lr_high = std::max(high, optimum.lr);
  } else {
    optimum.lr_high = diverged;
  }
}

std::int64_t observations_on(const KnownLosses& known, const BowlPosterior& bowl) {
  double runs = 0.0;
  for (std::size_t i = 0; i < known.data.rows.size(); ++i) {
    if (bowl.inflations()[i] <= kCliffInflation) runs += known.data.rows[i].runs;
  }
  return static_cast<std::int64_t>(runs);
}

std::string unbounded_sides(const Optimum& optimum) {
  if (optimum.lr_low && optimum.lr_high) return "";
  const char* side = optimum.lr_low    ? "the high side"
                     : optimum.lr_high ? "the low side"
                                       : "either side";
  return fmt::format(", too flat against the noise to bound it on {}", side);
}

std::string outliers_text(std::size_t count) {
  if (count == 0) return "";
  return fmt::format(", without {} far from {} replicates",
                     count == 1 ? "one" : fmt::to_string(count), count == 1 ? "its" : "their");
}

std::string explain(const Optimum& optimum, const KnownLosses& known, bool has_bowl,
                    bool has_cliff) {
  if (known.table.rows() == 1) return "only one learning rate was tried, so the optimum is unknown";
  if (optimum.censored == Censoring::both) {
    return "the lowest and the highest learning rate that were tried are as good as any, so the "
           "optimum is unknown";
  }
  if (optimum.censored == Censoring::below) {
    return "the lowest learning rate that was tried is the best, so the optimum is at or below it";
  }
  if (optimum.censored == Censoring::above) {
    return "the highest learning rate that was tried is the best, so the optimum is at or above it";
  }
  if (!has_bowl) {
    return fmt::format("the best of {} tried learning rates; the losses around it allow no fit",
                       known.table.rows());
  }
  if (has_cliff) {
    return "the best lies just below divergence or a cliff of the loss, which bounds it";
  }
  return fmt::format("least of a smooth curve in ln lr through {} losses", optimum.observations) +
         unbounded_sides(optimum) + outliers_text(known.outliers);
}

}  // namespace

bool KnownLosses::has_bowl() const {
  if (data.rows.size() < kLeastRows) return false;
  const auto [least, greatest] =
      std::minmax_element(data.rows.begin(), data.rows.end(),
                          [](const BowlRow& a, const BowlRow& b) { return a.loss < b.loss; });
  const double range = greatest->loss - least->loss;
  return std::isfinite(range) && range > kRounding * std::abs(least->loss);
}

KnownLosses know(std::span<const Observation> observations) {
  const std::vector<Observation> usual = without_outliers(observations);
  KnownLosses known{LossTable(usual), 0, {}, observations.size() - usual.size()};
  if (!known.table.best()) {
    throw InputError("every run diverged",
                     fmt::format("observations at batch size {}", known.table.batch_size()),
                     "try lower learning rates");
  }
  known.best = *known.table.best();
  known.data = bowl_data(known.table);
  return known;
}

Optimum optimum_of(const KnownLosses& known, const BowlPosterior* bowl, double level) {
  const LossTable& table = known.table;
  Optimum optimum;
  optimum.batch_size = table.batch_size();
  optimum.best_lr = optimum.lr = table.lr(known.best);
  optimum.loss = optimum.fitted_loss = *table.means()[known.best];
  optimum.censored = censoring(table, known.best);
  if (!bowl) {
    if (optimum.censored == Censoring::none) optimum.lr_high = table.divergence_above(known.best);
    optimum.explanation = explain(optimum, known, false, false);
    return optimum;
  }
  optimum.observations = observations_on(known, *bowl);
  apply_bowl(optimum, known, *bowl, level);
  const bool has_cliff = optimum.censored == Censoring::none && is_cliff_above(known, *bowl);
  if (has_cliff) apply_cliff(optimum, known);
  optimum.explanation = explain(optimum, known, true, has_cliff);
  return optimum;
}

void OptimumOptions::validate() const { check_level(level); }

bool has_optimum(std::span<const Observation> observations) {
  std::map<double, bool> finished;
  for (const Observation& run : observations) {
    bool& all = finished.try_emplace(run.lr, true).first->second;
    all = all && !run.diverged();
  }
  return std::any_of(finished.begin(), finished.end(), [](const auto& lr) { return lr.second; });
}

Optimum estimate_optimum(std::span<const Observation> observations, const OptimumOptions& options) {
  options.validate();
  const KnownLosses known = know(without_contradictions(observations));
  if (!known.has_bowl()) return optimum_of(known, nullptr, options.level);
  const BowlPosterior bowl(known.data, BowlPrior::broad());
  return optimum_of(known, &bowl, options.level);
}

std::vector<Optimum> estimate_optima(std::span<const Observation> observations,
                                     const OptimumOptions& options) {
  options.validate();
  return LossBowls(observations).optima(options);
}

}  // namespace etalon
