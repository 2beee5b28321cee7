#include <algorithm>
#include <cmath>
#include <map>

#include "etalon/target.hpp"
#include "optimum/student_interval.hpp"

namespace etalon {
namespace {

// What is set besides at a batch size, whatever the learning rate: of a campaign that moves it.
MovedSettings moved_at(const StudyResult& result, std::int64_t batch_size) {
  for (const Recommendation& each : result.recommendations) {
    if (each.batch_size == batch_size && each.rule.empty()) return each.moved;
  }
  return {};
}

// Runs of one batch size and learning rate that moved nothing else and came to an end.
std::vector<const TrialResult*> runs_at(const StudyResult& result, double batch_size, double lr) {
  const auto size = static_cast<std::int64_t>(batch_size);
  const MovedSettings moved = moved_at(result, size);
  std::vector<const TrialResult*> runs;
  for (const TrialRecord& trial : result.trials) {
    const bool is_there = trial.spec.batch_size == size && trial.spec.lr == lr;
    const bool is_plain = trial.spec.moved == moved && is_result(trial.result.state);
    if (is_there && is_plain) runs.push_back(&trial.result);
  }
  return runs;
}

// One that does not arrive has more than the logarithm of all its updates.
bool has_arrived(const TrialResult* run) {
  return run->objective && *run->objective <= std::log(static_cast<double>(run->steps));
}

StepsToTarget::State state_of(const Optimum& optimum, const std::vector<const TrialResult*>& runs) {
  const bool all_arrived = std::all_of(runs.begin(), runs.end(), has_arrived);
  if (runs.empty() || !all_arrived) return StepsToTarget::State::not_reached;
  return optimum.censored == Censoring::none ? StepsToTarget::State::told
                                             : StepsToTarget::State::at_edge;
}

// Of runs, which there are.
template <typename Value>
double mean_of(const std::vector<const TrialResult*>& runs, Value TrialResult::*value) {
  double sum = 0.0;
  for (const TrialResult* run : runs) sum += static_cast<double>(run->*value);
  return runs.empty() ? 0.0 : sum / static_cast<double>(runs.size());
}

StepsToTarget steps_of(const StudyResult& result, const Optimum& optimum) {
  const auto runs = runs_at(result, optimum.batch_size, optimum.best_lr);
  return {.batch_size = static_cast<std::int64_t>(optimum.batch_size),
          .state = state_of(optimum, runs),
          .lr = optimum.lr,
          .steps = std::max(1.0, std::exp(optimum.fitted_loss)),
          .seeds = static_cast<std::int64_t>(runs.size()),
          .seconds = mean_of(runs, &TrialResult::wall_seconds),
          .run_steps = mean_of(runs, &TrialResult::steps)};
}

std::vector<StepsToTarget> steps_without_intervals(const StudyResult& result) {
  std::vector<StepsToTarget> all;
  if (!target_of(result.workload.settings)) return all;
  for (const Optimum& optimum : result.optima) all.push_back(steps_of(result, optimum));
  return all;
}

std::vector<LogSteps> told_points(const std::vector<StepsToTarget>& all) {
  std::vector<LogSteps> points;
  for (const StepsToTarget& each : all) {
    if (each.state != StepsToTarget::State::told) continue;
    points.push_back({static_cast<double>(each.batch_size), std::log(each.steps), each.seeds});
  }
  return points;
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

// How a run deviates, where no two differ by seed alone: as the points do from the fitted curve.
SeedSpread spread_about_curve(const StudyResult& result, std::span<const LogSteps> points) {
  constexpr double kUnknownsOfCurve = 2.0;
  const auto fit = fit_critical_batch_size(points, {}, result.options.level);
  const double freedom = static_cast<double>(points.size()) - kUnknownsOfCurve;
  if (!fit || !(freedom > 0.0)) return {};
  double runs = 0.0;
  for (const LogSteps& point : points) runs += static_cast<double>(point.seeds);
  return {.variance = fit->scatter * fit->scatter * runs / freedom, .degrees_of_freedom = freedom};
}

}  // namespace

std::optional<StepsInterval> steps_interval(double steps, std::int64_t seeds,
                                            const SeedSpread& spread, double level) {
  if (!(spread.degrees_of_freedom > 0.0) || seeds < 1) return std::nullopt;
  const double deviation = std::sqrt(spread.variance / static_cast<double>(seeds));
  const double factor = std::exp(student_quantile(spread.degrees_of_freedom, level) * deviation);
  return StepsInterval{steps / factor, steps * factor};
}

std::vector<StepsToTarget> steps_to_target(const StudyResult& result) {
  std::vector<StepsToTarget> all = steps_without_intervals(result);
  SeedSpread spread = spread_of(result);
  if (!(spread.degrees_of_freedom > 0.0)) spread = spread_about_curve(result, told_points(all));
  for (StepsToTarget& each : all) {
    if (each.state != StepsToTarget::State::told) continue;
    const auto interval = steps_interval(each.steps, each.seeds, spread, result.options.level);
    if (!interval) continue;
    each.steps_low = interval->low;
    each.steps_high = interval->high;
  }
  return all;
}

std::optional<CriticalBatchSize> critical_batch_size(const StudyResult& result) {
  const std::vector<LogSteps> points = told_points(steps_without_intervals(result));
  return fit_critical_batch_size(points, spread_of(result), result.options.level);
}

}  // namespace etalon
