#include "runs/loss_scale.hpp"

#include <algorithm>
#include <cmath>

namespace etalon {

LossScale::LossScale(double bound, std::span<const Observation> runs)
    : bound_(bound), nearest_(bound / 2.0) {
  for (const Observation& run : runs) {
    if (run.diverged()) continue;
    const double nearest = std::min(*run.loss, bound - *run.loss);
    if (nearest > 0.0) nearest_ = std::min(nearest_, nearest);
  }
  nearest_ /= 2.0;
}

double LossScale::to_fit(double loss) const {
  if (is_plain()) return loss;
  const double inside = std::clamp(loss, nearest_, bound_ - nearest_);
  return std::log(inside / (bound_ - inside));
}

double LossScale::from_fit(double fitted) const {
  return is_plain() ? fitted : bound_ / (1.0 + std::exp(-fitted));
}

// What the choice is expected to cost is told where it is expected to end.
void LossScale::restore(Forecast& forecast) const {
  const double best = from_fit(forecast.expected_loss - forecast.expected_regret);
  forecast.expected_loss = from_fit(forecast.expected_loss);
  forecast.expected_regret = forecast.expected_loss - best;
}

void LossScale::restore(GroupForecast& entry) const {
  const double least = entry.forecast.expected_loss - entry.forecast.expected_regret;
  for (RuleForecast& rule : entry.rules) {
    rule.expected_regret = from_fit(least + rule.expected_regret) - from_fit(least);
  }
  restore(entry.forecast);
}

void LossScale::restore(GroupFit& fit) const {
  if (is_plain()) return;
  for (Optimum& optimum : fit.optima) {
    optimum.fitted_loss = from_fit(optimum.fitted_loss);
    optimum.loss = from_fit(optimum.loss);
  }
  for (GroupForecast& entry : fit.forecasts) restore(entry);
  for (GroupForecast& entry : fit.at_runs) restore(entry);
  for (Forecast& forecast : fit.band) restore(forecast);
}

LossScale scale_of(const std::optional<Metric>& metric, std::span<const Observation> runs) {
  if (!metric || metric->best == 0.0) return {};
  const bool is_share = std::any_of(runs.begin(), runs.end(), [&](const Observation& run) {
    return !run.diverged() && *run.loss < metric->best / 2.0;
  });
  return is_share ? LossScale(metric->best, runs) : LossScale();
}

}  // namespace etalon
