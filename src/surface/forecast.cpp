#include "surface/forecast.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// The learning rate of least expected regret; but where no run tells whether training diverges, or
// where it did, the highest that is known to end well: a lost run costs more than the part of a
// step between them.
double choose_lr(const FittedSurface& surface, const PredictiveCurves& curves, double batch_size) {
  const double lr = surface.sweep().lr_of(best_v(curves));
  const auto edge = surface.edge(batch_size);
  if (!edge || lr <= edge->finished) return lr;
  const bool was_run = surface.nearest(batch_size) == batch_size;
  return was_run || lr < edge->diverged ? edge->finished : lr;
}

}  // namespace

Forecast make_forecast(const FittedSurface& surface, const PredictiveCurves& curves,
                       double batch_size, const AdviceOptions& options) {
  constexpr double kStep = FittedSurface::kStep;
  const StandardizedSweep& sweep = surface.sweep();
  const Eigen::Index best = best_row(curves);
  const SimulatedBests optima(
      curves, static_cast<std::uint32_t>(std::lround(surface.spacing() / kStep)), options.seed);
  Forecast forecast;
  forecast.batch_size = batch_size;
  forecast.lr = choose_lr(surface, curves, batch_size);
  const double low = optima.quantile(0.5 * (1.0 - options.level));
  const double high = optima.quantile(0.5 * (1.0 + options.level));
  forecast.lr_low = std::min(forecast.lr, sweep.lr_of(low));
  forecast.lr_high = std::max(forecast.lr, sweep.lr_of(high));
  forecast.expected_loss =
      sweep.least_loss + sweep.loss_scale * curves.losses.row(best).dot(curves.weights);
  forecast.expected_regret = sweep.loss_scale * (regret_at(curves, sweep.v_of(forecast.lr)) +
                                                 hidden_gain(curves, options.seed));
  forecast.nearest_batch_size = surface.nearest(batch_size);
  forecast.extrapolation = surface.extrapolation(batch_size);
  return forecast;
}

}  // namespace etalon
