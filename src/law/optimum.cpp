// How an optimum is estimated: LossTable picks the best tried learning rate; LocalFit is the loss
// around it; the interval is the set of learning rates at which the slope of the fitted loss does
// not differ from zero at the level (Fieller 1954, with a Student quantile).
#include <fmt/format.h>

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

#include "etalon/error.hpp"
#include "etalon/law.hpp"
#include "law/local_fit.hpp"
#include "law/loss_table.hpp"

namespace etalon {
namespace {

constexpr double kLn2 = 0.6931471805599453;
constexpr double kScanStep = 0.01;  // of ln η; crossings are then bisected

struct Range {
  double low = 0.0, high = 0.0;  // ln(lr / best), of the rows that did not diverge
};

Censoring censoring(const LossTable& table, std::size_t best) {
  const bool bounded_above =
      best != table.highest_finite() || table.divergence_above(best).has_value();
  if (!bounded_above) return Censoring::above;
  return best == table.lowest_finite() ? Censoring::below : Censoring::none;
}

std::vector<FitPoint> points_within(const LossTable& table, std::size_t best, double octaves) {
  std::vector<FitPoint> points;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const double x = std::log(table.lr(row) / table.lr(best));
    if (table.diverged(row) || std::abs(x) > octaves * kLn2 + 1e-6) continue;
    for (std::size_t column = 0; column < table.columns(); ++column) {
      if (const auto loss = table.loss(row, column)) points.push_back({x, column, *loss});
    }
  }
  return points;
}

struct Fitted {
  std::optional<LocalFit> fit;
  std::size_t observations = 0;
  double octaves = 0.0;
};

// The fit over the window, widened by half-octaves while it holds too little for a fit.
Fitted fit_near(const LossTable& table, std::size_t best, const Range& range, double window) {
  const double widest = std::max(-range.low, range.high) / kLn2;
  for (double octaves = window;; octaves += 0.5) {
    const std::vector<FitPoint> points = points_within(table, best, octaves);
    Fitted fitted{LocalFit::fit(points), points.size(), octaves};
    if (fitted.fit || octaves >= widest) return fitted;
  }
}

// The least of the fitted loss nearest to the best, within the range; the best if there is none.
double vertex(const LocalFit& fit, const Range& range) {
  const double reach = std::max(-range.low, range.high);
  for (double distance = 0; distance <= reach; distance += kScanStep) {
    for (const double side : {-1.0, 1.0}) {
      double low = side < 0 ? -distance - kScanStep : distance;
      double high = low + kScanStep;
      low = std::max(low, range.low);
      high = std::min(high, range.high);
      if (low >= high || fit.slope(low) > 0 || fit.slope(high) < 0) continue;
      for (int i = 0; i < 50; ++i) {
        const double middle = 0.5 * (low + high);
        (fit.slope(middle) < 0 ? low : high) = middle;
      }
      return 0.5 * (low + high);
    }
  }
  return 0.0;
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
    double outside = inside + direction * std::min(kScanStep, std::abs(end - inside));
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

std::string explain(const Optimum& optimum, const LossTable& table, const Fitted& fitted) {
  if (table.rows() == 1) return "only one learning rate was tried, so the optimum is unknown";
  if (optimum.censored == Censoring::below) {
    return "the lowest learning rate that was tried is the best, so the optimum is at or below it";
  }
  if (optimum.censored == Censoring::above) {
    return "the highest learning rate that was tried is the best, so the optimum is at or above it";
  }
  if (!fitted.fit) {
    return fmt::format(
        "the best of {} tried learning rates; the losses around it allow no fit, so it has no "
        "interval from one",
        table.rows());
  }
  std::string text = fmt::format("least of a cubic in ln lr through {} losses within {} octaves",
                                 fitted.observations, fitted.octaves);
  if (!optimum.lr_low || !optimum.lr_high) {
    text += ", too flat against the noise to bound it on ";
    text += !optimum.lr_low && !optimum.lr_high ? "either side"
            : !optimum.lr_low                   ? "the low side"
                                                : "the high side";
  }
  return text;
}

// Fills in what the fit says. Nothing is claimed beyond the learning rates that were tried.
void apply_fit(Optimum& optimum, const LocalFit& fit, const Range& range, double level) {
  const boost::math::students_t student(fit.degrees_of_freedom());
  const double quantile = boost::math::quantile(student, 0.5 + 0.5 * level);
  const double x = optimum.censored == Censoring::none ? vertex(fit, range) : 0.0;
  if (fit.curvature(x) > 0) optimum.curvature = fit.curvature(x);
  optimum.lr = x == 0.0 ? optimum.best_lr : optimum.best_lr * std::exp(x);
  const auto lr_at = [&](std::optional<double> place) {
    return place ? std::optional(optimum.best_lr * std::exp(*place)) : std::nullopt;
  };
  if (optimum.censored != Censoring::below) {
    optimum.lr_low = lr_at(side_of_interval(fit, x, range.low, quantile));
  }
  if (optimum.censored != Censoring::above) {
    optimum.lr_high = lr_at(side_of_interval(fit, x, range.high, quantile));
  }
}

}  // namespace

void OptimumOptions::validate() const {
  if (!(level > 0 && level < 1)) {
    throw InputError(fmt::format("level {} is not in (0, 1)", level), "OptimumOptions", "");
  }
  if (!(window_octaves > 0) || !std::isfinite(window_octaves)) {
    throw InputError(fmt::format("window_octaves {} is not finite and above 0", window_octaves),
                     "OptimumOptions", "");
  }
}

Optimum estimate_optimum(std::span<const Observation> observations, const OptimumOptions& options) {
  options.validate();
  const LossTable table(observations);
  if (!table.best()) {
    throw InputError("every run diverged",
                     fmt::format("observations at batch size {}", table.batch_size()),
                     "try lower learning rates");
  }
  const std::size_t best = *table.best();
  Optimum optimum;
  optimum.batch_size = table.batch_size();
  optimum.best_lr = optimum.lr = table.lr(best);
  optimum.loss = *table.means()[best];
  optimum.censored = censoring(table, best);
  const Range range{std::log(table.lr(table.lowest_finite()) / optimum.best_lr),
                    std::log(table.lr(table.highest_finite()) / optimum.best_lr)};
  const Fitted fitted = fit_near(table, best, range, options.window_octaves);
  optimum.observations = static_cast<std::int64_t>(fitted.observations);
  if (fitted.fit) apply_fit(optimum, *fitted.fit, range, options.level);
  // Divergence is a bound that no fit is needed for.
  if (!optimum.lr_high && table.rows() > 1) optimum.lr_high = table.divergence_above(best);
  optimum.explanation = explain(optimum, table, fitted);
  return optimum;
}

}  // namespace etalon
