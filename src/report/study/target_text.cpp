#include "report/study/target_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "etalon/quadratic_workload.hpp"
#include "etalon/target.hpp"
#include "report/display.hpp"
#include "report/study/costs_text.hpp"
#include "report/study/exact_optima.hpp"

namespace etalon {
namespace {

using Json = nlohmann::ordered_json;
using State = StepsToTarget::State;

std::string three_digits(double value) { return rounded_number(value, 3); }

std::string interval_text(const Estimated& at) {
  return fmt::format("[{}, {}]", at.low ? three_digits(*at.low) : "0",
                     at.high ? three_digits(*at.high) : "∞");
}

// "is 169 [104, 280] examples"; a bound where one end is open, "cannot be told" where both are.
std::string critical_text(const Estimated& critical) {
  if (!critical.low && !critical.high) return "cannot be told from these batch sizes";
  if (!critical.low) return fmt::format("is at most {} examples", three_digits(*critical.high));
  if (!critical.high) return fmt::format("is at least {} examples", three_digits(*critical.low));
  return fmt::format("is {} {} examples", three_digits(critical.value), interval_text(critical));
}

std::string fitted_text(const CriticalBatchSize& fit) {
  if (!fit.batch_size.low || !fit.batch_size.high) return "";
  return fmt::format(": S = {} (1 + {}/B), {} {} steps and {} {} examples at least",
                     three_digits(fit.fewest_steps.value), three_digits(fit.batch_size.value),
                     three_digits(fit.fewest_steps.value), interval_text(fit.fewest_steps),
                     three_digits(fit.fewest_examples.value), interval_text(fit.fewest_examples));
}

// What others say of it.
std::string beside_text(const StudyResult& result) {
  std::string text;
  if (result.options.noise_scale) {
    text += fmt::format(" The noise scale predicts {}.", three_digits(*result.options.noise_scale));
  }
  const auto exact = exact_critical_batch_size(result);
  if (exact) text += fmt::format(" In closed form it is {}.", three_digits(*exact));
  return text;
}

// Batch sizes whose search went by how near they came.
std::string missed_text(const StudyResult& result, const Target& target) {
  std::vector<std::int64_t> missed;
  for (const StepsToTarget& each : steps_to_target(result)) {
    if (each.state == State::not_reached) missed.push_back(each.batch_size);
  }
  if (missed.empty()) return "";
  return fmt::format(
      " At B={} not every run comes to {} within the budget: η is there the one that comes "
      "nearest.",
      fmt::join(missed, ", "), target.text());
}

// What a quadratic takes is no time of a training's.
CostsOfTarget shown_costs(const StudyResult& result) {
  const bool is_computed = quadratic_options(result.workload.settings).has_value();
  if (is_computed && result.hardware.examples_per_second.empty()) return {};
  return costs_of_target(result).value_or(CostsOfTarget{});
}

std::string steps_text(const StepsToTarget& each) {
  if (each.state == State::not_reached) return "not reached";
  return (each.state == State::at_edge ? "< " : "") + three_digits(each.steps);
}

std::string steps_interval_text(const StepsToTarget& each) {
  if (!each.steps_low || !each.steps_high) return "-";
  return fmt::format("{} to {}", three_digits(*each.steps_low), three_digits(*each.steps_high));
}

std::string examples_text(const StepsToTarget& each) {
  if (each.state == State::not_reached) return "-";
  return (each.state == State::at_edge ? "< " : "") +
         three_digits(each.steps * static_cast<double>(each.batch_size));
}

double fitted_steps(const CriticalBatchSize& fit, std::int64_t batch_size) {
  return fit.fewest_steps.value * (1.0 + fit.batch_size.value / static_cast<double>(batch_size));
}

std::string_view name_of_state(State state) {
  switch (state) {
    case State::told:
      return "told";
    case State::at_edge:
      return "at edge";
    case State::not_reached:
      break;
  }
  return "not reached";
}

Json end_json(const std::optional<double>& end) { return end ? Json(*end) : Json(nullptr); }

Json estimated_json(const Estimated& at) {
  return {{"value", at.value}, {"low", end_json(at.low)}, {"high", end_json(at.high)}};
}

Json steps_json(const StepsToTarget& each) {
  const bool is_known = each.state != State::not_reached;
  return {{"batch_size", each.batch_size},
          {"state", std::string(name_of_state(each.state))},
          {"lr", each.lr},
          {"steps", is_known ? Json(each.steps) : Json(nullptr)},
          {"steps_low", end_json(each.steps_low)},
          {"steps_high", end_json(each.steps_high)},
          {"seeds", each.seeds},
          {"seconds", each.seconds}};
}

}  // namespace

bool is_not_reached(const StudyResult& result, std::int64_t batch_size) {
  const std::vector<StepsToTarget> all = steps_to_target(result);
  return std::any_of(all.begin(), all.end(), [&](const StepsToTarget& each) {
    return each.batch_size == batch_size && each.state == State::not_reached;
  });
}

std::string target_sentence(const StudyResult& result) {
  const auto target = target_of(result.workload.settings);
  if (!target) return "";
  const CostsOfTarget costs = shown_costs(result);
  const std::string missed = costs_sentence(costs) + missed_text(result, *target);
  const auto fit = critical_batch_size(result);
  if (!fit) {
    return fmt::format(
        "The critical batch size of {} cannot be told: that takes three batch sizes at which every "
        "run arrives within the budget and the best η lies inside what was tried.{}{}",
        target->text(), beside_text(result), missed);
  }
  return fmt::format("The critical batch size of {} {}{}.{}{}", target->text(),
                     critical_text(fit->batch_size), fitted_text(*fit), beside_text(result),
                     missed);
}

std::string target_table(const StudyResult& result, const TextStyle& style) {
  const std::vector<StepsToTarget> all = steps_to_target(result);
  if (all.empty()) return "";
  const auto fit = critical_batch_size(result);
  Column keys{"B", {}}, steps{"steps", {}}, examples{"examples", {}}, fitted{"fitted steps", {}};
  Column intervals{fmt::format("{:.0f}% interval", 100.0 * result.options.level), {}};
  std::vector<std::int64_t> batch_sizes;
  for (const StepsToTarget& each : all) {
    batch_sizes.push_back(each.batch_size);
    intervals.cells.push_back(steps_interval_text(each));
    keys.cells.push_back(fmt::format("{}", each.batch_size));
    steps.cells.push_back(steps_text(each));
    examples.cells.push_back(examples_text(each));
    fitted.cells.push_back(fit ? three_digits(fitted_steps(*fit, each.batch_size)) : "-");
  }
  std::vector<ColumnGroup> groups = {{steps, intervals}, {examples}, {fitted}};
  const CostsOfTarget costs = shown_costs(result);
  for (Column& column : cost_columns(costs, batch_sizes)) groups.push_back({std::move(column)});
  return table(keys, groups, style);
}

Json target_json(const StudyResult& result) {
  const auto target = target_of(result.workload.settings);
  if (!target) return nullptr;
  Json steps = Json::array();
  for (const StepsToTarget& each : steps_to_target(result)) steps.push_back(steps_json(each));
  Json json = {{"conclusion", target_sentence(result)},
               {"metric", target->loss ? "loss" : "accuracy"},
               {"value", target->loss ? *target->loss : *target->accuracy},
               {"steps_to_target", std::move(steps)},
               {"critical_batch_size", nullptr},
               {"fewest_steps", nullptr},
               {"fewest_examples", nullptr},
               {"exact_critical_batch_size", end_json(exact_critical_batch_size(result))},
               {"costs", costs_json(shown_costs(result))}};
  if (const auto fit = critical_batch_size(result)) {
    json["critical_batch_size"] = estimated_json(fit->batch_size);
    json["fewest_steps"] = estimated_json(fit->fewest_steps);
    json["fewest_examples"] = estimated_json(fit->fewest_examples);
  }
  return json;
}

}  // namespace etalon
