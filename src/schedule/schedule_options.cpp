#include "etalon/schedule_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/choice.hpp"
#include "etalon/error.hpp"
#include "schedule/enum_names.hpp"
#include "schedule/schedule_table.hpp"

namespace etalon {
namespace {

// A setting as an error names it: lengths have a flag for each unit, so that they have no name.
std::string called(const ScheduleSetting& setting) {
  if (setting.name == "milestone") return "milestones";
  if (setting.name == "step_every") return "distance between decays";
  if (setting.name == "decay_end") return "decay end";
  if (setting.name == "decay_scale") return "decay scale";
  return setting.is_length() ? std::string(setting.what) : field_name(setting.name);
}

struct SettingCheck {
  const ScheduleOptions& options;
  std::string name;

  void operator()(const NumberSetting& number) const {
    check_in(name, *(options.*number.value), number.range);
  }
  void operator()(const CountSetting& count) const {
    const std::int64_t value = *(options.*count.value);
    if (value >= count.least && value <= count.most) return;
    throw InputError(fmt::format("{} is {}", name, value), "",
                     fmt::format("it must be a whole number in [{}, {}]", count.least, count.most));
  }
  void operator()(const WordSetting& word) const {
    const std::string& value = options.*word.value;
    if (std::find(word.words.begin(), word.words.end(), value) != word.words.end()) return;
    throw InputError(
        fmt::format("{} is '{}'", name, value), "",
        choose_instead(value, std::vector<std::string>(word.words.begin(), word.words.end())));
  }
  void operator()(const LengthSetting& length) const { check_length(*(options.*length.value)); }
  void operator()(const LengthsSetting& lengths) const {
    const std::vector<Duration>& all = options.*lengths.value;
    for (const Duration& each : all) check_length(each);
    for (std::size_t i = 1; i < all.size(); ++i) check_order(all[i - 1], all[i]);
  }

 private:
  void check_length(const Duration& length) const {
    if (kPositive.contains(length.amount)) return;
    throw InputError(fmt::format("the {} is {} {}", name, length.amount, to_string(length.unit)),
                     "", "it must be finite and above 0");
  }
  void check_order(const Duration& before, const Duration& after) const {
    if (before.unit == after.unit && before.amount < after.amount) return;
    throw InputError(fmt::format("{} have {} {} after {} {}", name, after.amount,
                                 to_string(after.unit), before.amount, to_string(before.unit)),
                     "", "give them in ascending order and in one unit");
  }
};

[[noreturn]] void refuse_setting(const ScheduleOptions& options, const ScheduleSetting& setting) {
  const std::string those = schedules_with(setting);
  if (options.name.empty()) {
    throw InputError(fmt::format("{} is given without a schedule", called(setting)), "",
                     fmt::format("add {}; {} can have it", field_name("schedule"), those));
  }
  throw InputError(fmt::format("schedule {} has no {}", options.name, called(setting)), "",
                   fmt::format("leave it out; {} can have it", those));
}

void check_settings(const ScheduleOptions& options, const ScheduleKind& kind) {
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (!setting.is_given(options)) continue;
    if (!kind.has(setting.name)) refuse_setting(options, setting);
    std::visit(SettingCheck{options, called(setting)}, setting.kind);
  }
}

void check_warmup(const ScheduleOptions& options) {
  if (options.warmup) return;
  const bool start = options.warmup_start.has_value();
  if (!start && options.warmup_kind.empty()) return;
  throw InputError(fmt::format("{} is given without a warm-up",
                               field_name(start ? "warmup_start" : "warmup_kind")),
                   "", "give its length");
}

void check_step(const ScheduleOptions& options) {
  if (!options.milestones.empty() && options.step_every) {
    throw InputError("milestones and a distance between decays are both given", "",
                     "leave one of them out");
  }
  if (options.name == "step" && options.milestones.empty() && !options.step_every) {
    throw InputError("schedule step has no milestones", "",
                     fmt::format("give {} or {}, or the like in steps or examples",
                                 field_name("milestones"), field_name("step_every")));
  }
}

void check_cycles(const ScheduleOptions& options) {
  if (options.cycle_growth.value_or(1) > 1 && options.cycles.value_or(1) > 100) {
    throw InputError(fmt::format("{} is {}", field_name("cycles"), *options.cycles), "",
                     "it must be at most 100 where cycles grow");
  }
  if (options.name == "cyclical" && options.gamma && options.cycle_mode != "exponential") {
    throw InputError(fmt::format("{} is given for cycles that do not fade", field_name("gamma")),
                     "",
                     fmt::format("add {} exponential or leave it out", field_name("cycle_mode")));
  }
}

void check_scale(const ScheduleOptions& options) {
  if (options.name != "inverse-sqrt" || options.warmup || options.decay_scale) return;
  throw InputError("schedule inverse-sqrt has no warm-up that says how fast it falls", "",
                   fmt::format("give {}, {}, or the like in epochs or examples",
                               field_name("warmup_steps"), field_name("decay_scale_steps")));
}

// How many of `duration` there are in steps of the training.
double steps_of(const Duration& duration, const char* what, const TrainingLength& training) {
  const auto steps = in_unit(duration, DurationUnit::steps,
                             static_cast<double>(training.batch_size), training.dataset_size);
  if (steps) return *steps;
  throw InputError(fmt::format("{} is counted in epochs of a data set of unknown size", what), "",
                   fmt::format("give {}", field_name("dataset_size")));
}

// Where the batch size changes, so does the length of a step.
void refuse_unit_of_steps(const ScheduleSetting& setting, const Duration& duration) {
  if (duration.unit != DurationUnit::steps) return;
  throw InputError(
      fmt::format("the {} is counted in steps, whose length the batch schedule changes",
                  called(setting)),
      "", "count it in epochs or examples");
}

Warmup fit_warmup(const ScheduleOptions& full, const ScheduleKind& kind,
                  const TrainingLength& training) {
  Warmup warmup;
  if (!full.warmup) return warmup;
  warmup.length = steps_of(*full.warmup, "the warm-up", training);
  warmup.start = *full.warmup_start;
  warmup.kind = *enum_of_name<WarmupKind>(full.warmup_kind);
  warmup.beneath = kind.beneath_warmup;
  return warmup;
}

// Where the schedule ends: infinite where neither the training nor a decay does.
double end_of_schedule(const ScheduleOptions& full, const ScheduleKind& kind,
                       const TrainingLength& training) {
  if (full.decay_end) return steps_of(*full.decay_end, "the decay's end", training);
  if (training.steps) return *training.steps;
  if (!kind.fills_budget) return std::numeric_limits<double>::infinity();
  throw InputError(fmt::format("schedule {} fills a budget that is not given", full.name), "",
                   fmt::format("give {}, {} or {}", field_name("steps"), field_name("epochs"),
                               field_name("examples")));
}

void check_warmup_fits(double warmup, double end, const TrainingLength& training) {
  end = std::min(end, training.steps.value_or(end));
  if (warmup < end) return;
  throw InputError(fmt::format("the warm-up takes {:.6g} steps of {:.6g} at batch size {}", warmup,
                               end, training.batch_size),
                   "", "shorten it or raise the budget");
}

FittedLengths lengths_of(const ScheduleOptions& full, double length,
                         const TrainingLength& training) {
  FittedLengths lengths{.length = length};
  for (const Duration& milestone : full.milestones) {
    lengths.milestones.push_back(steps_of(milestone, "a milestone", training));
  }
  if (full.step_every) {
    lengths.step_every = steps_of(*full.step_every, "the distance between decays", training);
  }
  const auto& scale = full.decay_scale ? full.decay_scale : full.warmup;
  if (scale) lengths.decay_scale = steps_of(*scale, "the decay scale", training);
  return lengths;
}

std::string to_text(const Duration& duration) {
  return fmt::format("{} {}", duration.amount, to_string(duration.unit));
}

// What a setting is, as a training reports it; empty where it need not be said.
struct SettingText {
  const ScheduleOptions& full;

  std::string operator()(const NumberSetting& number) const {
    return fmt::format("{}", *(full.*number.value));
  }
  std::string operator()(const CountSetting& count) const {
    return fmt::format("{}", *(full.*count.value));
  }
  std::string operator()(const WordSetting& word) const {
    const std::string& value = full.*word.value;
    return value == word.words.front() ? "" : value;
  }
  std::string operator()(const LengthSetting& length) const {
    return full.*length.value ? to_text(*(full.*length.value)) : "";
  }
  std::string operator()(const LengthsSetting& lengths) const {
    std::vector<std::string> texts;
    for (const Duration& each : full.*lengths.value) texts.push_back(to_text(each));
    return fmt::format("{}", fmt::join(texts, ", "));
  }
};

// Left unsaid where they do nothing.
bool does_nothing(std::string_view setting, const ScheduleOptions& full) {
  if (setting == "cycle_growth") return full.cycle_growth == 1;
  return setting == "gamma" && full.name == "cyclical" && full.cycle_mode != "exponential";
}

}  // namespace

std::vector<std::string> all_schedule_names() {
  std::vector<std::string> names;
  for (const ScheduleKind& kind : schedule_kinds()) names.emplace_back(kind.name);
  return names;
}

std::vector<std::string> schedule_names() {
  std::vector<std::string> names = all_schedule_names();
  std::erase(names, "plateau");
  return names;
}

std::string canonical_schedule(const std::string& name) {
  for (const ScheduleKind& kind : schedule_kinds()) {
    const bool is_other = !name.empty() && equal_in_any_case(kind.other_name, name);
    if (is_other || equal_in_any_case(kind.name, name)) return std::string(kind.name);
  }
  return name;
}

void ScheduleOptions::validate() const {
  const ScheduleKind* kind = find_schedule_kind(schedule());
  if (kind == nullptr) {
    throw InputError(fmt::format("there is no schedule '{}'", name), "",
                     choose_instead(name, all_schedule_names()));
  }
  check_settings(*this, *kind);
  check_warmup(*this);
  check_step(*this);
  check_cycles(*this);
  check_scale(*this);
  if (name == "exponential" && floor.value_or(0.0) == 0.0) {
    throw InputError("schedule exponential has no floor above 0 to decay to", "",
                     fmt::format("give {}", field_name("floor")));
  }
}

Schedule fit_schedule(const ScheduleOptions& options, double lr, const TrainingLength& training) {
  options.validate();
  const ScheduleOptions full = with_defaults(options);
  const ScheduleKind& kind = *find_schedule_kind(full.name);
  Schedule schedule;
  schedule.peak_lr = lr;
  schedule.warmup = fit_warmup(full, kind, training);
  const double end = end_of_schedule(full, kind, training);
  check_warmup_fits(schedule.warmup.length, end, training);
  const double start = kind.beneath_warmup ? 0.0 : schedule.warmup.length;
  schedule.shape = kind.shape(full, lengths_of(full, end - start, training));
  schedule.validate();
  return schedule;
}

Schedule fit_schedule(const ScheduleOptions& options, double lr, std::int64_t steps,
                      std::int64_t batch_size, std::int64_t dataset_size) {
  return fit_schedule(options, lr, {static_cast<double>(steps), batch_size, dataset_size});
}

Schedule fit_schedule_in_examples(const ScheduleOptions& options, double lr, std::int64_t examples,
                                  std::int64_t dataset_size) {
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (!setting.is_given(options)) continue;
    if (const auto* length = std::get_if<LengthSetting>(&setting.kind)) {
      refuse_unit_of_steps(setting, *(options.*length->value));
    } else if (const auto* lengths = std::get_if<LengthsSetting>(&setting.kind)) {
      for (const Duration& each : options.*lengths->value) refuse_unit_of_steps(setting, each);
    }
  }
  Schedule schedule = fit_schedule(options, lr, examples, 1, dataset_size);  // a step per example
  schedule.unit = DurationUnit::examples;
  return schedule;
}

PlateauOptions plateau_options(const ScheduleOptions& options, double lr) {
  ScheduleOptions full = options;
  full.name = "plateau";
  full = with_defaults(full);
  return {.lr = lr,
          .factor = *full.plateau_factor,
          .patience = *full.plateau_patience,
          .threshold = *full.plateau_threshold,
          .cooldown = *full.plateau_cooldown,
          .min_lr = *full.floor * lr};
}

std::vector<std::pair<std::string, std::string>> schedule_settings(const ScheduleOptions& options) {
  const ScheduleOptions full = with_defaults(options);
  std::vector<std::pair<std::string, std::string>> settings = {{"schedule", full.name}};
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (!setting.is_given(full) || does_nothing(setting.name, full)) continue;
    const std::string text = std::visit(SettingText{full}, setting.kind);
    const bool many = setting.name == "milestone";
    if (!text.empty()) settings.emplace_back(many ? "milestones" : setting.name, text);
  }
  return settings;
}

}  // namespace etalon
