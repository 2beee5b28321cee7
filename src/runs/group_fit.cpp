#include "runs/group_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "runs/next_runs.hpp"

namespace etalon {
namespace {

using ByBatchSize = std::map<double, std::vector<Observation>>;

ByBatchSize split(const RunGroup& group) {
  ByBatchSize result;
  for (const Observation& run : group.observations) result[run.batch_size].push_back(run);
  return result;
}

std::optional<std::string> refuse_few_runs(const RunGroup& group, const TriedByBatchSize& tried,
                                           const AdviceOptions& options) {
  const auto enough = std::count_if(tried.begin(), tried.end(),
                                    [](const auto& entry) { return entry.second.is_enough(); });
  if (enough >= static_cast<std::ptrdiff_t>(kLeastBatchSizes)) return std::nullopt;
  const std::string next = to_text(fill_up(group, tried, options));
  if (enough > 0) {
    const auto only = std::find_if(tried.begin(), tried.end(),
                                   [](const auto& entry) { return entry.second.is_enough(); });
    return fmt::format("only batch size {} has {} learning rates with a loss: {}", only->first,
                       kLeastLrs, next);
  }
  const bool has_any =
      std::any_of(tried.begin(), tried.end(), [](const auto& entry) { return entry.second.best; });
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

double known_lr(const std::vector<Optimum>& optima, double batch_size) {
  const auto nearest =
      std::min_element(optima.begin(), optima.end(), [&](const Optimum& a, const Optimum& b) {
        return std::abs(std::log(a.batch_size / batch_size)) <
               std::abs(std::log(b.batch_size / batch_size));
      });
  return nearest->lr;
}

GroupForecast forecast(const Forecaster& forecaster, const std::vector<Optimum>& optima,
                       double batch_size) {
  GroupForecast result{forecaster.forecast(batch_size), {}};
  const double nearest = result.forecast.nearest_batch_size;
  const double base = known_lr(optima, nearest);
  const double lrs[] = {base * batch_size / nearest, base * std::sqrt(batch_size / nearest)};
  const std::vector<double> regrets = forecaster.expected_regrets(batch_size, lrs);
  result.rules = {{"linear", lrs[0], regrets[0]}, {"sqrt", lrs[1], regrets[1]}};
  return result;
}

std::vector<Forecast> find_band(const Forecaster& forecaster, const ByBatchSize& runs,
                                std::span<const double> batch_sizes, int points) {
  double low = runs.begin()->first;
  double high = runs.rbegin()->first;
  for (const double batch_size : batch_sizes) {
    low = std::min(low, batch_size);
    high = std::max(high, batch_size);
  }
  std::vector<Forecast> band;
  for (int i = 0; i < points; ++i) {
    const double share = points > 1 ? static_cast<double>(i) / (points - 1) : 0.0;
    band.push_back(forecaster.forecast(low * std::pow(high / low, share)));
  }
  return band;
}

}  // namespace

GroupFit fit_group(const RunGroup& group, std::span<const double> batch_sizes,
                   const AdviceOptions& options, int band_points) {
  GroupFit result;
  result.key = group.key;
  const ByBatchSize runs = split(group);
  TriedByBatchSize tried = find_tried(group);
  for (auto& [batch_size, here] : tried) {
    if (here.finished.empty()) continue;
    const auto& optimum =
        result.optima.emplace_back(estimate_optimum(runs.at(batch_size), {.level = options.level}));
    here.best = optimum.best_lr;
  }
  result.refused = refuse_few_runs(group, tried, options);
  if (!result.refused) result.refused = refuse_edges(result.optima, tried);
  if (result.refused) return result;
  const Forecaster forecaster(group.observations, options);
  result.laws = forecaster.laws();
  result.surface_weight = forecaster.surface_weight();
  for (const double batch_size : batch_sizes) {
    result.forecasts.push_back(forecast(forecaster, result.optima, batch_size));
  }
  result.band = find_band(forecaster, runs, batch_sizes, band_points);
  return result;
}

}  // namespace etalon
