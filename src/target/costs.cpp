// Time and money to a target, from steps and hardware.
#include <algorithm>
#include <functional>

#include "etalon/target.hpp"

namespace etalon {
namespace {

constexpr double kSecondsInHour = 3600.0;

Estimated scaled(const Estimated& of, double factor) {
  const auto end = [factor](const std::optional<double>& value) {
    return value ? std::optional(*value * factor) : std::nullopt;
  };
  return {of.value * factor, end(of.low), end(of.high)};
}

// As given, else as the runs at the best learning rate had it, validations and all.
std::optional<double> rate_at(const StepsToTarget& each, const Hardware& hardware) {
  if (!hardware.examples_per_second.empty()) {
    const auto found = hardware.examples_per_second.find(each.batch_size);
    if (found == hardware.examples_per_second.end()) return std::nullopt;
    return found->second;
  }
  if (!(each.seconds > 0.0) || !(each.run_steps > 0.0)) return std::nullopt;
  return each.run_steps * static_cast<double>(each.batch_size) / each.seconds;
}

CostOfTarget cost_of(const StepsToTarget& each, double rate, const Hardware& hardware) {
  CostOfTarget cost{.batch_size = each.batch_size,
                    .is_bound = each.state == StepsToTarget::State::at_edge,
                    .examples_per_second = rate};
  cost.seconds = scaled({each.steps, each.steps_low, each.steps_high},
                        static_cast<double>(each.batch_size) / rate);
  if (const auto price = hardware.cost_at(each.batch_size)) {
    cost.cost = scaled(cost.seconds, *price / kSecondsInHour);
  }
  return cost;
}

// Of one kind of cost; nothing where a row lacks it.
using ReadCost = std::function<std::optional<Estimated>(const CostOfTarget&)>;

bool overlap(const Estimated& least, const Estimated& other) {
  return other.low.value_or(other.value) <= least.high.value_or(least.value);
}

std::optional<LeastCost> least_of(const std::vector<CostOfTarget>& rows, const ReadCost& read) {
  std::optional<LeastCost> least;
  for (const CostOfTarget& row : rows) {
    const auto cost = row.is_bound ? std::nullopt : read(row);
    if (cost && (!least || cost->value < least->at.value)) least = LeastCost{row.batch_size, *cost};
  }
  if (!least) return std::nullopt;
  for (const CostOfTarget& row : rows) {
    const auto cost = read(row);
    if (row.batch_size == least->batch_size || !cost) continue;
    if (row.is_bound || overlap(least->at, *cost)) least->not_told_from.push_back(row.batch_size);
  }
  return least;
}

}  // namespace

std::optional<CostsOfTarget> costs_of_target(const StudyResult& result) {
  if (!target_of(result.workload.settings)) return std::nullopt;
  const Hardware& hardware = result.hardware;
  CostsOfTarget costs{.rates_are_measured = hardware.examples_per_second.empty()};
  for (const StepsToTarget& each : steps_to_target(result)) {
    const auto rate = rate_at(each, hardware);
    if (!rate || each.state == StepsToTarget::State::not_reached) continue;
    costs.rows.push_back(cost_of(each, *rate, hardware));
  }
  costs.fastest = least_of(costs.rows, [](const CostOfTarget& row) { return row.seconds; });
  costs.cheapest = least_of(costs.rows, [](const CostOfTarget& row) { return row.cost; });
  return costs;
}

}  // namespace etalon
