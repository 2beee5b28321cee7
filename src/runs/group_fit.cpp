#include "runs/group_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/told_number.hpp"
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

// On which side every best lies on the edge of what was tried, so that the optimum may lie anywhere
// beyond. A batch size with one learning rate shows no side.
struct OpenSides {
  bool below = false, above = false;
};

OpenSides find_open_sides(const std::vector<Optimum>& optima) {
  OpenSides open;
  for (const Optimum& optimum : optima) {
    if (optimum.censored == Censoring::none) return {};
    open.below = open.below || optimum.censored == Censoring::below;
    open.above = open.above || optimum.censored == Censoring::above;
  }
  return open;
}

std::size_t count_enough(const TriedByBatchSize& tried) {
  return static_cast<std::size_t>(std::count_if(
      tried.begin(), tried.end(), [](const auto& entry) { return is_enough(entry.second); }));
}

std::string next_runs(const RunGroup& group, const TriedByBatchSize& tried,
                      const AdviceOptions& options) {
  return to_text(count_enough(tried) < kLeastBatchSizes ? fill_up(group, tried, options)
                                                        : widen(tried));
}

bool has_two_losses(const TriedByBatchSize& tried) {
  return std::any_of(tried.begin(), tried.end(),
                     [](const auto& entry) { return entry.second.losses().size() > 1; });
}

// Where nothing honest can be said.
std::optional<std::string> refuse(const RunGroup& group, const std::vector<Optimum>& optima,
                                  const TriedByBatchSize& tried, const AdviceOptions& options) {
  const OpenSides open = find_open_sides(optima);
  const bool has_interior = std::any_of(optima.begin(), optima.end(), [](const Optimum& optimum) {
    return optimum.censored == Censoring::none;
  });
  if (has_interior || open.below != open.above) return std::nullopt;
  const char* why = optima.empty() ? "every run diverged"
                    : open.below
                        ? "the best learning rate is the lowest tried at one batch size and the "
                          "highest at another, and nowhere inside"
                    : has_two_losses(tried)
                        ? "the lowest and the highest learning rate that were tried are as good as "
                          "any"
                        : "no batch size has two learning rates with a loss";
  return fmt::format("{}: {}", why, next_runs(group, tried, options));
}

// Of one batch size alone.
std::string exponent_text(const std::vector<Optimum>& optima, const AdviceOptions& options) {
  if (optima.size() > 1) return "";
  if (!options.exponent) return ", so that how the best one moves is hardly known";
  return fmt::format(
      ", so that how the best one moves is taken from what happened elsewhere, as B^p with p of "
      "{:.2f} ± {:.2f}",
      options.exponent->mean, options.exponent->deviation);
}

// Why intervals are wide, and which runs would narrow them, where there are too few for laws.
std::optional<std::string> find_caution(const RunGroup& group, const std::vector<Optimum>& optima,
                                        const TriedByBatchSize& tried,
                                        const AdviceOptions& options) {
  const OpenSides open = find_open_sides(optima);
  const std::size_t enough = count_enough(tried);
  const bool is_open = open.below || open.above;
  if (enough >= kLeastBatchSizes && !is_open) return std::nullopt;
  std::string why;
  if (enough == 0) {
    why = fmt::format("no batch size has {} learning rates with a loss", kLeastLrs);
  } else if (enough < kLeastBatchSizes) {
    const auto only = std::find_if(tried.begin(), tried.end(),
                                   [](const auto& entry) { return is_enough(entry.second); });
    why =
        fmt::format("only batch size {} has {} learning rates with a loss", only->first, kLeastLrs);
  }
  why += exponent_text(optima, options);
  if (is_open) {
    why += fmt::format(
        "{}the best learning rate is the {} of those tried at every batch size, and may lie "
        "anywhere {}",
        why.empty() ? "" : "; ", open.above ? "highest" : "lowest", open.above ? "above" : "below");
  }
  const std::string next = next_runs(group, tried, options);
  return fmt::format("little is known, and intervals are wide: {}{}{}", why,
                     next.empty() ? "" : "; to narrow them, ", next);
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
  return rules_from(nearest, batch_size);
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
  result.refused = refuse(group, result.optima, tried, options);
  if (result.refused) return result;
  result.caution = find_caution(group, result.optima, tried, options);
  const Forecaster forecaster(group.observations, options);
  result.laws = forecaster.laws();
  result.surface_weight = forecaster.surface_weight();
  result.forecasts = forecast_all(forecaster, result.optima, batch_sizes);
  std::vector<double> sizes;
  for (const Optimum& optimum : result.optima) sizes.push_back(optimum.batch_size);
  result.at_runs = forecast_all(forecaster, result.optima, sizes);
  const OpenSides open = find_open_sides(result.optima);
  for (std::vector<GroupForecast>* entries : {&result.forecasts, &result.at_runs}) {
    for (GroupForecast& entry : *entries) {
      entry.is_open_below = open.below;
      entry.is_open_above = open.above;
    }
  }
  // No band has an open side.
  if (!open.below && !open.above) {
    result.band = find_band(forecaster, runs, batch_sizes, band_points);
  }
  return result;
}

}  // namespace

std::vector<RuleForecast> rules_from(const Optimum& optimum, double batch_size) {
  const double ratio = batch_size / optimum.batch_size;
  return {{"linear", optimum.lr * ratio}, {"sqrt", optimum.lr * std::sqrt(ratio)}};
}

std::optional<double> GroupForecast::lr_low() const {
  return is_open_below ? std::nullopt : std::optional(forecast.lr_low);
}

std::optional<double> GroupForecast::lr_high() const {
  return is_open_above ? std::nullopt : std::optional(forecast.lr_high);
}

double GroupForecast::greatest_told() const {
  return etalon::greatest_told(forecast.expected_loss - forecast.expected_regret);
}

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
