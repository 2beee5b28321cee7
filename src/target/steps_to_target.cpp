#include <algorithm>
#include <cmath>
#include <map>

#include "etalon/target.hpp"

namespace etalon {
namespace {

// Runs of one batch size and learning rate that moved nothing else and came to an end.
std::vector<const TrialResult*> runs_at(const StudyResult& result, double batch_size, double lr) {
  std::vector<const TrialResult*> runs;
  for (const TrialRecord& trial : result.trials) {
    const auto point = sweep_point(trial);
    if (point && point->batch_size == batch_size && point->lr == lr) runs.push_back(&trial.result);
  }
  return runs;
}

// One that does not arrive has more than the logarithm of all its updates.
bool has_arrived(const TrialResult* run) {
  return run->objective && *run->objective <= std::log(static_cast<double>(run->steps));
}

StepsToTarget::State state_of(const Optimum& optimum, const std::vector<const TrialResult*>& runs) {
  if (!std::all_of(runs.begin(), runs.end(), has_arrived)) return StepsToTarget::State::not_reached;
  return optimum.censored == Censoring::none ? StepsToTarget::State::told
                                             : StepsToTarget::State::at_edge;
}

double mean_seconds(const std::vector<const TrialResult*>& runs) {
  double sum = 0.0;
  for (const TrialResult* run : runs) sum += run->wall_seconds;
  return runs.empty() ? 0.0 : sum / static_cast<double>(runs.size());
}

StepsToTarget steps_of(const StudyResult& result, const Optimum& optimum) {
  const auto runs = runs_at(result, optimum.batch_size, optimum.best_lr);
  return {.batch_size = static_cast<std::int64_t>(optimum.batch_size),
          .state = state_of(optimum, runs),
          .lr = optimum.lr,
          .steps = std::max(1.0, std::exp(optimum.fitted_loss)),
          .seeds = static_cast<std::int64_t>(runs.size()),
          .seconds = mean_seconds(runs)};
}

// The runs at the best learning rate of each batch size, about their means.
SeedSpread spread_of(const StudyResult& result) {
  SeedSpread spread;
  double squares = 0.0;
  for (const Optimum& optimum : result.optima) {
    const auto runs = runs_at(result, optimum.batch_size, optimum.best_lr);
    if (runs.size() < 2 || !std::all_of(runs.begin(), runs.end(), has_arrived)) continue;
    double mean = 0.0;
    for (const TrialResult* run : runs) mean += *run->objective / static_cast<double>(runs.size());
    for (const TrialResult* run : runs) squares += std::pow(*run->objective - mean, 2);
    spread.degrees_of_freedom += static_cast<double>(runs.size() - 1);
  }
  if (spread.degrees_of_freedom > 0.0) spread.variance = squares / spread.degrees_of_freedom;
  return spread;
}

}  // namespace

std::vector<StepsToTarget> steps_to_target(const StudyResult& result) {
  std::vector<StepsToTarget> all;
  if (!target_of(result.workload.settings)) return all;
  for (const Optimum& optimum : result.optima) all.push_back(steps_of(result, optimum));
  return all;
}

std::optional<CriticalBatchSize> critical_batch_size(const StudyResult& result) {
  std::vector<LogSteps> points;
  for (const StepsToTarget& each : steps_to_target(result)) {
    if (each.state != StepsToTarget::State::told) continue;
    points.push_back({static_cast<double>(each.batch_size), std::log(each.steps), each.seeds});
  }
  return fit_critical_batch_size(points, spread_of(result), result.options.level);
}

}  // namespace etalon
