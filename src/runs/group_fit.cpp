#include "runs/group_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "etalon/contradiction.hpp"
#include "etalon/seed_effect.hpp"
#include "runs/loss_scale.hpp"
#include "runs/next_runs.hpp"
#include "runs/run_on_all_processors.hpp"

namespace etalon {
namespace {

using ByBatchSize = std::map<double, std::vector<Observation>>;

ByBatchSize split(const RunGroup& group) {
  ByBatchSize result;
  for (const Observation& run : group.observations) result[run.batch_size].push_back(run);
  return result;
}

void count_runs(const RunGroup& group, const ByBatchSize& runs, GroupFit& fit) {
  fit.runs = group.observations.size();
  fit.diverged = static_cast<std::size_t>(
      std::count_if(group.observations.begin(), group.observations.end(),
                    [](const Observation& run) { return run.diverged(); }));
  fit.batch_sizes = runs.size();
}

std::vector<std::string> find_notes(const RunGroup& group) {
  std::vector<std::string> notes;
  for (const Contradiction& each : find_contradictions(group.observations)) {
    notes.push_back(each.text());
  }
  for (const BareDivergence& each : find_bare_divergences(group.observations)) {
    notes.push_back(each.text());
  }
  const auto seeds = find_seed_effect(group.observations);
  if (seeds && seeds->is_strong()) notes.push_back(seeds->text());
  return notes;
}

std::optional<std::string> refuse_few_runs(const RunGroup& group, const TriedByBatchSize& tried,
                                           const AdviceOptions& options) {
  const auto enough = std::count_if(tried.begin(), tried.end(),
                                    [](const auto& entry) { return is_enough(entry.second); });
  if (enough >= static_cast<std::ptrdiff_t>(kLeastBatchSizes)) return std::nullopt;
  const std::string next = to_text(fill_up(group, tried, options));
  if (enough > 0) {
    const auto only = std::find_if(tried.begin(), tried.end(),
                                   [](const auto& entry) { return is_enough(entry.second); });
    return fmt::format("only batch size {} has {} learning rates with a loss: {}", only->first,
                       kLeastLrs, next);
  }
  const bool has_any = std::any_of(tried.begin(), tried.end(), [](const auto& entry) {
    return entry.second.best().has_value();
  });
  if (!has_any) return fmt::format("every run diverged: {}", next);
  return fmt::format("no batch size has {} learning rates with a loss: {}", kLeastLrs, next);
}

std::optional<std::string> refuse_edges(const std::vector<Optimum>& optima,
                                        const TriedByBatchSize& tried) {
  const bool has_interior = std::any_of(optima.begin(), optima.end(), [](const Optimum& optimum) {
    return optimum.censored == Censoring::none;
  });
  if (has_interior) return std::nullopt;
  return fmt::format("at every batch size the best learning rate is on the edge of those tried: {}",
                     to_text(widen(tried)));
}

const Optimum& nearest_optimum(const std::vector<Optimum>& optima, double batch_size) {
  return *std::min_element(optima.begin(), optima.end(), [&](const Optimum& a, const Optimum& b) {
    return std::abs(std::log(a.batch_size / batch_size)) <
           std::abs(std::log(b.batch_size / batch_size));
  });
}

// What the published rules make of the optimum that is nearest, unless that is the place itself.
std::vector<RuleForecast> rules_at(const std::vector<Optimum>& optima, double batch_size) {
  const Optimum& nearest = nearest_optimum(optima, batch_size);
  if (nearest.batch_size == batch_size) return {};
  const double ratio = batch_size / nearest.batch_size;
  return {{"linear", nearest.lr * ratio}, {"sqrt", nearest.lr * std::sqrt(ratio)}};
}

GroupForecast forecast_at(const Forecaster& forecaster, const std::vector<Optimum>& optima,
                          double batch_size) {
  GroupForecast result;
  result.rules = rules_at(optima, batch_size);
  result.was_run = result.rules.empty();
  std::vector<double> lrs;
  for (const RuleForecast& rule : result.rules) lrs.push_back(rule.lr);
  const ForecastAndRegrets found = forecaster.forecast(batch_size, lrs);
  result.forecast = found.forecast;
  for (std::size_t i = 0; i < lrs.size(); ++i)
    result.rules[i].expected_regret = found.expected_regrets[i];
  return result;
}

std::vector<GroupForecast> forecast_all(const Forecaster& forecaster,
                                        const std::vector<Optimum>& optima,
                                        std::span<const double> batch_sizes) {
  std::vector<GroupForecast> forecasts(batch_sizes.size());
  run_on_all_processors(batch_sizes.size(), [&](std::size_t i) {
    forecasts[i] = forecast_at(forecaster, optima, batch_sizes[i]);
  });
  return forecasts;
}

std::vector<Forecast> find_band(const Forecaster& forecaster, const ByBatchSize& runs,
                                std::span<const double> batch_sizes, int points) {
  double low = runs.begin()->first;
  double high = runs.rbegin()->first;
  for (const double batch_size : batch_sizes) {
    low = std::min(low, batch_size);
    high = std::max(high, batch_size);
  }
  std::vector<Forecast> band(static_cast<std::size_t>(points));
  run_on_all_processors(band.size(), [&](std::size_t i) {
    const double share = points > 1 ? static_cast<double>(i) / (points - 1) : 0.0;
    band[i] = forecaster.forecast(std::clamp(low * std::pow(high / low, share), low, high));
  });
  return band;
}

GroupFit fit_losses(const RunGroup& group, std::span<const double> batch_sizes,
                    const AdviceOptions& options, int band_points) {
  GroupFit result;
  result.key = group.key;
  const ByBatchSize runs = split(group);
  count_runs(group, runs, result);
  const TriedByBatchSize tried = find_tried(group);
  result.optima = estimate_optima(group.observations, {.level = options.level});
  result.notes = find_notes(group);
  result.refused = refuse_few_runs(group, tried, options);
  if (!result.refused) result.refused = refuse_edges(result.optima, tried);
  if (result.refused) return result;
  const Forecaster forecaster(group.observations, options);
  result.laws = forecaster.laws();
  result.surface_weight = forecaster.surface_weight();
  result.forecasts = forecast_all(forecaster, result.optima, batch_sizes);
  std::vector<double> sizes;
  for (const Optimum& optimum : result.optima) sizes.push_back(optimum.batch_size);
  result.at_runs = forecast_all(forecaster, result.optima, sizes);
  result.band = find_band(forecaster, runs, batch_sizes, band_points);
  return result;
}

}  // namespace

GroupFit fit_group(const RunGroup& group, std::span<const double> batch_sizes,
                   const AdviceOptions& options, int band_points,
                   const std::optional<Metric>& metric) {
  const LossScale scale = scale_of(metric, group.observations);
  RunGroup scaled = group;
  for (Observation& run : scaled.observations) {
    if (!run.diverged()) run.loss = scale.to_fit(*run.loss);
  }
  GroupFit fit = fit_losses(scaled, batch_sizes, options, band_points);
  scale.restore(fit);
  return fit;
}

}  // namespace etalon
