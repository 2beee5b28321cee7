#include "train/batch_schedule_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "core/choice.hpp"
#include "etalon/error.hpp"
#include "etalon/optimizers.hpp"
#include "train/require.hpp"

namespace etalon {
namespace {

struct NamedRule {
  BatchLrRule rule;
  const char* name;
};

constexpr NamedRule kRules[] = {
    {BatchLrRule::fixed, "fixed"}, {BatchLrRule::sqrt, "sqrt"}, {BatchLrRule::linear, "linear"}};

[[noreturn]] void refuse(const std::string& what, const std::string& what_to_do) {
  throw InputError(with_fields(what), "", with_fields(what_to_do));
}

void require_finite_positive(const std::string& name, double value) {
  if (std::isfinite(value) && value > 0.0) return;
  refuse(fmt::format("{} is {}", name, value), "it must be finite and > 0");
}

void require_count(const char* name, const std::optional<std::int64_t>& value) {
  if (!value || *value >= 1) return;
  refuse(fmt::format("{} is {}", name, *value), "it must be >= 1");
}

void require_ramp_duration(const char* name, const Duration& duration) {
  require_finite_positive(name, duration.amount);
  if (duration.unit != DurationUnit::steps) return;
  refuse(fmt::format("{} is counted in steps, whose length the batch schedule changes", name),
         "count it in epochs or examples");
}

double in_examples(const Duration& duration, std::int64_t dataset_size) {
  return duration.unit == DurationUnit::epochs ? duration.amount * static_cast<double>(dataset_size)
                                               : duration.amount;
}

std::string ramp_text(const Duration& duration) {
  return fmt::format("{} {}", duration.amount,
                     duration.unit == DurationUnit::epochs ? "epochs" : "examples");
}

BatchCourse course_of(const BatchScheduleOptions& options, const BatchSchedule& schedule,
                      std::int64_t end, std::int64_t examples, std::int64_t dataset_size) {
  const std::int64_t multiple = options.multiple.value_or(schedule.batch_size);
  if (options.name == "step") {
    std::vector<double> milestones;
    for (const Duration& at : options.milestones)
      milestones.push_back(in_examples(at, dataset_size));
    return StepBatch{std::move(milestones), options.factor, end};
  }
  if (options.name == "linear") {
    const double length =
        options.length ? in_examples(*options.length, dataset_size) : static_cast<double>(examples);
    return LinearRampBatch{end, length, multiple};
  }
  if (options.name == "noise") return NoiseRampBatch{end, options.fraction, multiple};
  return ConstantBatch{};
}

}  // namespace

std::vector<std::string> batch_schedule_names() { return {"constant", "step", "linear", "noise"}; }

BatchLrRule parse_batch_rule(const std::string& name) {
  for (const NamedRule& known : kRules) {
    if (name == known.name) return known.rule;
  }
  throw InputError(fmt::format("there is no rule '{}'", name), "",
                   choose_instead(name, std::vector<std::string>{"fixed", "sqrt", "linear"}));
}

std::string to_string(BatchLrRule rule) {
  for (const NamedRule& known : kRules) {
    if (rule == known.rule) return known.name;
  }
  return "";
}

void BatchScheduleOptions::validate() const {
  const auto names = batch_schedule_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    throw InputError(fmt::format("there is no batch schedule '{}'", name), "",
                     choose_instead(name, names));
  }
  const bool given = start || end || !milestones.empty() || length || multiple || rule;
  if (is_constant() && given) {
    refuse("a setting of batch schedules is given without one",
           "add `batch_schedule` step, linear or noise");
  }
  require_count("`batch_start`", start);
  require_count("`batch_end`", end);
  require_count("`batch_multiple`", multiple);
  require_finite_positive("`batch_fraction`", fraction);
  if (!(std::isfinite(factor) && factor > 1.0)) {
    refuse(fmt::format("`batch_factor` is {}", factor), "it must be finite and > 1");
  }
  for (const Duration& milestone : milestones)
    require_ramp_duration("a batch milestone", milestone);
  if (length) require_ramp_duration("the batch ramp", *length);
  if ((name == "step") == milestones.empty()) {
    refuse(
        name == "step" ? "`batch_schedule` step has no milestones"
                       : fmt::format("`batch_schedule` {} takes no milestones", name),
        "give `batch_milestone_epochs` or `batch_milestone_examples` with `batch_schedule` step");
  }
  if (length && name != "linear") {
    refuse(fmt::format("`batch_schedule` {} has no length", name),
           "give `batch_ramp_epochs` or `batch_ramp_examples` with `batch_schedule` linear");
  }
  if (name == "step" && rule && *rule != BatchLrRule::fixed) {
    refuse("`batch_schedule` step grows B in place of decaying the learning rate",
           "leave `batch_rule` out");
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
           "give a larger `batch_end` or a smaller `batch_start`");
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
    for (const Duration& milestone : options.milestones) milestones.push_back(ramp_text(milestone));
    settings.emplace_back("batch_milestones", fmt::format("{}", fmt::join(milestones, ", ")));
    settings.emplace_back("batch_factor", fmt::format("{}", options.factor));
    return settings;
  }
  settings.emplace_back("batch_multiple", std::to_string(options.multiple.value_or(start)));
  if (options.name == "noise") {
    settings.emplace_back("batch_fraction", fmt::format("{}", options.fraction));
  } else {
    settings.emplace_back("batch_ramp", options.length ? ramp_text(*options.length) : "the budget");
  }
  return settings;
}

}  // namespace etalon
