// How an optimum is estimated: LossTable picks the best tried learning rate; LocalFit is the loss
// around it; the interval is the set of learning rates at which the slope of the fitted loss does
// not differ from zero at the level (Fieller 1954, with a Student quantile).
#include "etalon/optimum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>

#include "etalon/bounds.hpp"
#include "etalon/contradiction.hpp"
#include "etalon/error.hpp"
#include "optimum/excess_loss.hpp"
#include "optimum/fit_around_best.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {
namespace {

constexpr double kCrossingStep = 0.01;  // of ln η; crossings are then bisected

Censoring censoring(const LossTable& table, std::size_t best) {
  if (table.rows() == 1) return Censoring::both;
  const bool bounded_above =
      best != table.highest_finite() || table.divergence_above(best).has_value();
  if (!bounded_above) return Censoring::above;
  return best == table.lowest_finite() ? Censoring::below : Censoring::none;
}

// Walks from `start` towards `end` to where the slope first differs from zero in the walk's
// direction: the optimum does not lie beyond. Empty if it never does.
std::optional<double> side_of_interval(const LocalFit& fit, double start, double end,
                                       double quantile) {
  const double direction = end < start ? -1.0 : 1.0;
  const auto excluded = [&](double x) {
    return direction * fit.slope(x) > quantile * fit.slope_deviation(x);
  };
  if (excluded(start)) return start;
  double inside = start;
  while (direction * (end - inside) > 0) {
    double outside = inside + direction * std::min(kCrossingStep, std::abs(end - inside));
    if (!excluded(outside)) {
      inside = outside;
      continue;
    }
    for (int i = 0; i < 50; ++i) {
      const double middle = 0.5 * (inside + outside);
      (excluded(middle) ? outside : inside) = middle;
    }
    return inside;
  }
  return std::nullopt;
}

// Fills in what the fit says. Nothing is claimed beyond the learning rates that were tried.
void apply_fit(Optimum& optimum, const FitAroundBest& around, double level) {
  const LocalFit& fit = *around.fit;
  const boost::math::students_t student(fit.degrees_of_freedom());
  const double quantile = boost::math::quantile(student, 0.5 + 0.5 * level);
  const double x = optimum.censored == Censoring::none ? around.vertex : 0.0;
  if (fit.curvature(x) > 0) optimum.curvature = fit.curvature(x);
  if (x != 0.0) optimum.lr = optimum.best_lr * std::exp(x);
  const auto lr_at = [&](std::optional<double> place) {
    return place ? std::optional(optimum.best_lr * std::exp(*place)) : std::nullopt;
  };
  if (optimum.censored != Censoring::below) {
    optimum.lr_low = lr_at(side_of_interval(fit, x, around.low, quantile));
  }
  if (optimum.censored != Censoring::above) {
    optimum.lr_high = lr_at(side_of_interval(fit, x, around.high, quantile));
  }
}

// Where the fit's slope leaves a side open: the loss is unimodal, so a learning rate whose loss
// lies above the least beyond doubt has the optimum on the side of the best.
void apply_excesses(Optimum& optimum, const LossTable& table, const FitAroundBest& around,
                    double level, double octaves) {
  if (optimum.censored != Censoring::none) return;
  const auto is_above = [&](std::size_t row) {
    const auto excess =
        table.means()[row] ? excess_of_row(table, around, row, level, octaves) : std::nullopt;
    return excess && excess->low > 0;
  };
  for (std::size_t row = around.best; row-- > 0 && !optimum.lr_low;) {
    if (is_above(row)) optimum.lr_low = table.lr(row);
  }
  for (std::size_t row = around.best + 1; row < table.rows() && !optimum.lr_high; ++row) {
    if (is_above(row)) optimum.lr_high = table.lr(row);
  }
}

// Where that leaves a side open too, as a single seed may: were the optimum beyond a row, the
// losses from the best to it would fall or stay, and n of them come in rising order with a
// probability of no more than 1/n!, times the rows that the best was chosen from.
void apply_order(Optimum& optimum, const LossTable& table, const FitAroundBest& around,
                 double level) {
  if (optimum.censored != Censoring::none) return;
  double chance = static_cast<double>(table.rows());
  std::ptrdiff_t steps = 0;
  while (chance > 0.5 * (1.0 - level)) chance /= static_cast<double>(++steps + 1);
  const auto lr_after = [&](std::ptrdiff_t direction) -> std::optional<double> {
    auto row = static_cast<std::ptrdiff_t>(around.best);
    for (std::ptrdiff_t step = 0; step < steps; ++step, row += direction) {
      const std::ptrdiff_t next = row + direction;
      if (next < 0 || next >= std::ssize(table.means())) return std::nullopt;
      const auto& here = table.means()[static_cast<std::size_t>(row)];
      const auto& there = table.means()[static_cast<std::size_t>(next)];
      if (!here || !there || *there <= *here) return std::nullopt;
    }
    return table.lr(static_cast<std::size_t>(row));
  };
  if (!optimum.lr_low) optimum.lr_low = lr_after(-1);
  if (!optimum.lr_high) optimum.lr_high = lr_after(1);
}

// Divergence is a bound that needs no fit. Near a cliff the fit is not trusted to place the optimum
// more closely than between the learning rates next to the best.
void apply_cliff(Optimum& optimum, const LossTable& table, const FitAroundBest& around) {
  if (optimum.censored != Censoring::none) return;
  if (!optimum.lr_high) optimum.lr_high = table.divergence_above(around.best);
  if (!around.cliff_above) return;
  const double above = table.lr(around.best + 1);
  optimum.lr_high = std::max(optimum.lr_high.value_or(above), above);
  if (!optimum.lr_low) return;
  for (std::size_t row = around.best; row-- > 0;) {
    if (!table.means()[row]) continue;
    optimum.lr_low = std::min(*optimum.lr_low, table.lr(row));
    return;
  }
}

// Over the cells whose offset the fit knows, with the effects of their seeds taken out.
double fitted_loss(const Optimum& optimum, const LossTable& table, const FitAroundBest& around,
                   double octaves) {
  if (!around.fit || optimum.lr == optimum.best_lr) return optimum.loss;
  const double x = std::log(optimum.lr / optimum.best_lr);
  const std::vector<double> effects = table.seed_effects(around.best, octaves);
  double sum = 0.0, count = 0.0;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (const LossTable::Cell& cell : table.cells(row)) {
      const auto level = around.fit->level(table.offset(cell.column), x);
      if (!level || table.diverged(row)) continue;
      sum += *level - (cell.column < effects.size() ? effects[cell.column] : 0.0);
      ++count;
    }
  }
  return sum / count;
}

std::string unbounded_sides(const Optimum& optimum) {
  if (optimum.lr_low && optimum.lr_high) return "";
  const char* side = optimum.lr_low    ? "the high side"
                     : optimum.lr_high ? "the low side"
                                       : "either side";
  return fmt::format(", too flat against the noise to bound it on {}", side);
}

std::string explain(const Optimum& optimum, const LossTable& table, const FitAroundBest& around) {
  if (table.rows() == 1) return "only one learning rate was tried, so the optimum is unknown";
  if (optimum.censored == Censoring::below) {
    return "the lowest learning rate that was tried is the best, so the optimum is at or below it";
  }
  if (optimum.censored == Censoring::above) {
    return "the highest learning rate that was tried is the best, so the optimum is at or above it";
  }
  if (!around.fit) {
    return fmt::format("the best of {} tried learning rates; the losses around it allow no fit",
                       table.rows());
  }
  if (around.cliff_above) {
    return "the best lies just below divergence or a cliff of the loss, which bounds it";
  }
  return fmt::format(
             "least of a smooth curve in ln lr through {} losses within {:g} octaves of the best",
             around.observations, around.octaves) +
         unbounded_sides(optimum);
}

}  // namespace

void OptimumOptions::validate() const {
  check_level(level);
  if (!(window_octaves > 0) || !std::isfinite(window_octaves)) {
    throw InputError(fmt::format("{} is {}", field_name("window_octaves"), window_octaves), "",
                     "it must be finite and above 0");
  }
}

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
  const LossTable table(without_contradictions(observations));
  if (!table.best()) {
    throw InputError("every run diverged",
                     fmt::format("observations at batch size {}", table.batch_size()),
                     "try lower learning rates");
  }
  const FitAroundBest around = fit_around_best(table, options.window_octaves);
  Optimum optimum;
  optimum.batch_size = table.batch_size();
  optimum.best_lr = optimum.lr = table.lr(around.best);
  optimum.loss = *table.means()[around.best];
  optimum.censored = censoring(table, around.best);
  optimum.observations = static_cast<std::int64_t>(around.observations);
  if (around.fit) apply_fit(optimum, around, options.level);
  optimum.fitted_loss = fitted_loss(optimum, table, around, options.window_octaves);
  apply_excesses(optimum, table, around, options.level, options.window_octaves);
  apply_order(optimum, table, around, options.level);
  apply_cliff(optimum, table, around);
  optimum.explanation = explain(optimum, table, around);
  return optimum;
}

}  // namespace etalon
