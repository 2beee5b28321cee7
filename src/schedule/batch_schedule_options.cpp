#include "schedule/batch_schedule_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/choice.hpp"
#include "core/interval.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "schedule/enum_names.hpp"

namespace etalon {
namespace {

[[noreturn]] void refuse(const std::string& what, const std::string& what_to_do) {
  throw InputError(what, "", what_to_do);
}

void check_size(const char* field, const std::optional<std::int64_t>& value) {
  if (value) check_batch_size(static_cast<double>(*value), field);
}

void check_batch_length(const char* what, const Duration& duration) {
  check_in(what, duration.amount, kPositive);
  if (duration.unit != DurationUnit::steps) return;
  refuse(fmt::format("{} is counted in steps, whose length the batch schedule changes", what),
         "count it in epochs or examples");
}

double examples_of(const Duration& duration, std::int64_t dataset_size) {
  return *in_unit(duration, DurationUnit::examples, 1.0, dataset_size);
}

std::string batch_length_text(const Duration& duration) {
  return fmt::format("{} {}", duration.amount, to_string(duration.unit));
}

BatchCourse course_of(const BatchScheduleOptions& options, const BatchSchedule& schedule,
                      std::int64_t end, std::int64_t examples, std::int64_t dataset_size) {
  const std::int64_t multiple = options.multiple.value_or(schedule.batch_size);
  if (options.name == "step") {
    std::vector<double> milestones;
    for (const Duration& at : options.milestones)
      milestones.push_back(examples_of(at, dataset_size));
    return StepBatch{std::move(milestones), options.factor, end};
  }
  if (options.name == "linear") {
    const double length =
        options.length ? examples_of(*options.length, dataset_size) : static_cast<double>(examples);
    return LinearRampBatch{end, length, multiple};
  }
  if (options.name == "noise") return NoiseRampBatch{end, options.fraction, multiple};
  return ConstantBatch{};
}

}  // namespace

std::vector<std::string> batch_schedule_names() { return {"constant", "step", "linear", "noise"}; }

BatchLrRule parse_batch_rule(const std::string& name) {
  const auto words = words_of(kBatchLrRuleNames);
  const std::vector<std::string> names(words.begin(), words.end());
  if (const auto rule = enum_of_name<BatchLrRule>(canonical_name(name, names))) return *rule;
  throw InputError(fmt::format("{} is '{}'", field_name("batch_rule"), name), "",
                   choose_instead(name, names));
}

std::string to_string(BatchLrRule rule) { return std::string(enum_to_name(rule)); }

void BatchScheduleOptions::validate() const {
  const auto names = batch_schedule_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    refuse(fmt::format("there is no batch schedule '{}'", name), choose_instead(name, names));
  }
  const bool given = start || end || !milestones.empty() || length || multiple || rule;
  if (is_constant() && given) {
    refuse("a setting of a batch schedule is given without one",
           fmt::format("add {} step, linear or noise", field_name("batch_schedule")));
  }
  check_size("batch_start", start);
  check_size("batch_end", end);
  check_size("batch_multiple", multiple);
  check_in(field_name("batch_fraction"), fraction, kPositive);
  check_in(field_name("batch_factor"), factor, {.least = 1.0, .has_least = false});
  for (const Duration& milestone : milestones) check_batch_length("a batch milestone", milestone);
  if (length) check_batch_length("the batch ramp", *length);
  if ((name == "step") == milestones.empty()) {
    refuse(name == "step" ? "batch schedule step has no milestones"
                          : fmt::format("batch schedule {} takes no milestones", name),
           fmt::format("give {} with batch schedule step", field_name("batch_milestones")));
  }
  if (length && name != "linear") {
    refuse(fmt::format("batch schedule {} has no length", name),
           fmt::format("give {} with batch schedule linear", field_name("batch_length")));
  }
  if (name == "step" && rule && *rule != BatchLrRule::fixed) {
    refuse("batch schedule step grows B in place of decaying the learning rate",
           fmt::format("leave {} out", field_name("batch_rule")));
  }
}

BatchLrRule batch_rule(const BatchScheduleOptions& options, const std::string& optimizer) {
  if (options.rule) return *options.rule;
  if (options.name == "step") return BatchLrRule::fixed;
  const OptimizerInfo& info = optimizer_info(parse_optimizer_family(optimizer));
  return info.is_adaptive() || info.layerwise ? BatchLrRule::sqrt : BatchLrRule::linear;
}

std::int64_t batch_end(const BatchScheduleOptions& options, std::int64_t batch_size,
                       std::int64_t dataset_size) {
  if (options.is_constant()) return batch_size;
  const std::int64_t start = options.start.value_or(batch_size);
  const std::int64_t tenth = std::max(start, dataset_size / 10);
  return options.end.value_or(options.name == "step" ? tenth : batch_size);
}

BatchSchedule fit_batch_schedule(const BatchScheduleOptions& options, std::int64_t batch_size,
                                 std::int64_t examples, std::int64_t dataset_size) {
  options.validate();
  BatchSchedule schedule;
  schedule.batch_size = options.start.value_or(batch_size);
  const std::int64_t end = batch_end(options, batch_size, dataset_size);
  if (!options.is_constant() && end <= schedule.batch_size) {
    refuse(fmt::format("the batch schedule goes from {} to {}", schedule.batch_size, end),
           fmt::format("give a larger {} or a smaller {}", field_name("batch_end"),
                       field_name("batch_start")));
  }
  schedule.course = course_of(options, schedule, end, examples, dataset_size);
  schedule.validate();
  return schedule;
}

std::vector<std::pair<std::string, std::string>> batch_schedule_settings(
    const BatchScheduleOptions& options, std::int64_t batch_size, const std::string& optimizer,
    std::int64_t dataset_size) {
  if (options.is_constant()) return {};
  const std::int64_t start = options.start.value_or(batch_size);
  std::vector<std::pair<std::string, std::string>> settings = {
      {"batch_schedule", options.name},
      {"batch_start", std::to_string(start)},
      {"batch_end", std::to_string(batch_end(options, batch_size, dataset_size))},
      {"batch_rule", to_string(batch_rule(options, optimizer))}};
  if (options.name == "step") {
    std::vector<std::string> milestones;
    for (const Duration& milestone : options.milestones)
      milestones.push_back(batch_length_text(milestone));
    settings.emplace_back("batch_milestones", fmt::format("{}", fmt::join(milestones, ", ")));
    settings.emplace_back("batch_factor", fmt::format("{}", options.factor));
    return settings;
  }
  settings.emplace_back("batch_multiple", std::to_string(options.multiple.value_or(start)));
  if (options.name == "noise") {
    settings.emplace_back("batch_fraction", fmt::format("{}", options.fraction));
  } else {
    settings.emplace_back("batch_ramp",
                          options.length ? batch_length_text(*options.length) : "the budget");
  }
  return settings;
}

}  // namespace etalon
