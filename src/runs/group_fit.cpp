#include "runs/group_fit.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

namespace etalon {
namespace {

constexpr std::size_t kLeastLrs = 3;
constexpr std::size_t kLeastBatchSizes = 2;
// How far a first second batch size should be, to say something about the exponent.
constexpr double kNextFactor = 4.0;

using ByBatchSize = std::map<double, std::vector<Observation>>;

ByBatchSize split(const RunGroup& group) {
  ByBatchSize result;
  for (const Observation& run : group.observations) result[run.batch_size].push_back(run);
  return result;
}

std::size_t count_lrs(const std::vector<Observation>& runs) {
  std::set<double> lrs;
  for (const Observation& run : runs) {
    if (run.loss) lrs.insert(run.lr);
  }
  return lrs.size();
}

std::string trials(double batch_size, const std::vector<double>& lrs) {
  std::vector<std::string> texts;
  texts.reserve(lrs.size());
  for (const double lr : lrs) texts.push_back(fmt::format("{:.3g}", lr));
  return fmt::format("run batch size {:g} at learning rates {}", batch_size,
                     fmt::join(texts, ", "));
}

double least_lr(const std::vector<Observation>& runs) {
  return std::min_element(runs.begin(), runs.end(),
                          [](const auto& a, const auto& b) { return a.lr < b.lr; })
      ->lr;
}

// The `count` learning rates that the runs themselves would try next at a batch size.
std::vector<double> next_lrs(const RunGroup& group, double batch_size, std::size_t count,
                             const AdviceOptions& options) {
  const Advisor advisor(group.observations, options);
  std::vector<double> lrs;
  while (lrs.size() < count) lrs.push_back(advisor.next_lr(batch_size, lrs));
  std::sort(lrs.begin(), lrs.end());
  return lrs;
}

std::optional<std::string> refuse_few_runs(const RunGroup& group, const ByBatchSize& runs,
                                           const AdviceOptions& options) {
  const auto most = std::max_element(runs.begin(), runs.end(), [](const auto& a, const auto& b) {
    return count_lrs(a.second) < count_lrs(b.second);
  });
  const std::size_t known = count_lrs(most->second);
  if (known == 0) {
    const double lr = least_lr(most->second);
    return fmt::format("every run diverged: {}", trials(most->first, {lr / 16, lr / 8, lr / 4}));
  }
  if (known < kLeastLrs) {
    const double lr = least_lr(most->second);
    return fmt::format("no batch size has {} learning rates with a loss: {}", kLeastLrs,
                       trials(most->first, {lr / 4, lr / 2, lr * 2, lr * 4}));
  }
  const auto enough = std::count_if(runs.begin(), runs.end(), [](const auto& entry) {
    return count_lrs(entry.second) >= kLeastLrs;
  });
  if (enough >= static_cast<std::ptrdiff_t>(kLeastBatchSizes)) return std::nullopt;
  const auto other = std::find_if(runs.begin(), runs.end(),
                                  [&](const auto& entry) { return entry.first != most->first; });
  const double next = other == runs.end() ? kNextFactor * most->first : other->first;
  return fmt::format("only batch size {:g} has {} learning rates with a loss: {}", most->first,
                     kLeastLrs, trials(next, next_lrs(group, next, kLeastLrs, options)));
}

std::optional<std::string> refuse_edges(const std::vector<Optimum>& optima,
                                        const ByBatchSize& runs) {
  const bool has_interior = std::any_of(optima.begin(), optima.end(), [](const Optimum& optimum) {
    return optimum.censored == Censoring::none;
  });
  if (has_interior) return std::nullopt;
  std::vector<std::string> next;
  for (const Optimum& optimum : optima) {
    if (count_lrs(runs.at(optimum.batch_size)) < kLeastLrs) continue;
    const double factor = optimum.censored == Censoring::below ? 0.5 : 2.0;
    next.push_back(
        trials(optimum.batch_size, {optimum.best_lr * factor, optimum.best_lr * factor * factor}));
  }
  return fmt::format("at every batch size the best learning rate is on the edge of those tried: {}",
                     fmt::join(next, "; "));
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
  for (const auto& [batch_size, observations] : runs) {
    if (count_lrs(observations) == 0) continue;
    result.optima.push_back(estimate_optimum(observations, {.level = options.level}));
  }
  result.refused = refuse_few_runs(group, runs, options);
  if (!result.refused) result.refused = refuse_edges(result.optima, runs);
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
