#include "cli/schedule_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/choices.hpp"
#include "cli/flag_groups.hpp"
#include "cli/number_checks.hpp"
#include "schedule/schedule_table.hpp"

namespace etalon::cli {
namespace {

std::string flag_of_setting(std::string_view name) {
  std::string flag = fmt::format("--{}", name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

bool is_of_plateau_alone(const ScheduleSetting& setting) {
  return planned_schedules_with(setting).empty();
}

std::string help_of(const ScheduleSetting& setting, const std::string& whose) {
  if (whose == "every schedule") return fmt::format("For {}: {}", whose, setting.what);
  return fmt::format("Of {}: {}", whose, setting.what);
}

// Of a flag of a length: said once for all units.
std::string in_unit_text(const std::string& what, std::size_t unit) {
  if (unit == 0) return fmt::format("{}, in {}", what, to_string(kDurationUnits[unit]));
  return fmt::format("The same in {}", to_string(kDurationUnits[unit]));
}

std::vector<CLI::Option*> exclude_each_other(std::vector<CLI::Option*> options) {
  for (auto later = options.begin(); later != options.end(); ++later) {
    for (auto earlier = options.begin(); earlier != later; ++earlier) (*later)->excludes(*earlier);
  }
  return options;
}

// Adds the flags of one setting.
struct FlagAdder {
  CLI::App& app;
  ScheduleFlags& flags;
  const ScheduleSetting& setting;

  void operator()(const NumberSetting& number) const {
    app.add_option(flag(), flags.options.*number.value, help())
        ->check(real_number())
        ->default_str(fmt::format("{}", number.otherwise))
        ->group(kScheduleGroup);
  }
  void operator()(const CountSetting& count) const {
    app.add_option(flag(), flags.options.*count.value, help())
        ->check(whole_number())
        ->default_str(fmt::format("{}", count.otherwise))
        ->group(kScheduleGroup);
  }
  void operator()(const WordSetting& word) const {
    app.add_option(flag(), flags.options.*word.value,
                   fmt::format("{}: {}", help(), fmt::join(word.words, ", ")))
        ->transform(in_any_case({word.words.begin(), word.words.end()}))
        ->default_str(std::string(word.words.front()))
        ->group(kScheduleGroup);
  }
  void operator()(const LengthSetting&) const {
    add_length_flags(app, std::string(flag().substr(2)), help(),
                     flags.lengths[std::string(setting.name)], kScheduleGroup);
  }
  void operator()(const LengthsSetting&) const {
    auto& lengths = flags.several_lengths[std::string(setting.name)];
    std::vector<CLI::Option*> options;
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      const std::string name = fmt::format("{}-{}", flag(), to_string(kDurationUnits[i]));
      options.push_back(add_real_numbers(app, name, lengths[i], in_unit_text(help(), i)));
      options.back()->group(kScheduleGroup);
    }
    exclude_each_other(options);
  }

 private:
  std::string help() const {
    const std::string planned = planned_schedules_with(setting);
    return help_of(setting, planned.empty() ? schedules_with(setting) : planned);
  }
  std::string flag() const { return flag_of_setting(setting.name); }
};

void add_settings(CLI::App& app, ScheduleFlags& flags, bool of_plateau) {
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    if (is_of_plateau_alone(setting) != of_plateau) continue;
    std::visit(FlagAdder{app, flags, setting}, setting.kind);
  }
}

std::string list_of_schedules(const std::vector<std::string>& names) {
  return fmt::format("One of: {}", fmt::join(names, ", "));
}

std::vector<Duration> durations_of(const InUnits<std::vector<double>>& lengths) {
  std::vector<Duration> durations;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    for (const double amount : lengths[i]) durations.push_back({amount, kDurationUnits[i]});
  }
  return durations;
}

}  // namespace

void add_length_flags(CLI::App& app, const std::string& name, const std::string& what,
                      InUnits<std::optional<double>>& length, const std::string& group) {
  std::vector<CLI::Option*> options;
  for (std::size_t i = 0; i < length.size(); ++i) {
    const std::string flag =
        fmt::format("--{}{}{}", name, name.empty() ? "" : "-", to_string(kDurationUnits[i]));
    options.push_back(app.add_option(flag, length[i], in_unit_text(what, i)));
    options.back()->check(real_number())->group(group);
  }
  exclude_each_other(options);
}

std::optional<Duration> length_of(const InUnits<std::optional<double>>& length) {
  for (std::size_t i = 0; i < length.size(); ++i) {
    if (length[i]) return Duration{*length[i], kDurationUnits[i]};
  }
  return std::nullopt;
}

void add_schedule_flags(CLI::App& app, ScheduleFlags& flags) {
  app.add_option("--schedule", flags.options.name, list_of_schedules(schedule_names()))
      ->default_str("constant")
      ->group(kScheduleGroup);
  add_settings(app, flags, false);
}

void add_plateau_flags(CLI::App& app, ScheduleFlags& flags) {
  app.get_option("--schedule")->description(list_of_schedules(all_schedule_names()));
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    const std::string whose = schedules_with(setting);
    if (is_of_plateau_alone(setting) || whose == planned_schedules_with(setting)) continue;
    app.get_option(flag_of_setting(setting.name))->description(help_of(setting, whose));
  }
  add_settings(app, flags, true);
}

ScheduleOptions schedule_options(const ScheduleFlags& flags) {
  ScheduleOptions options = flags.options;
  options.name = canonical_schedule(options.name);
  for (const ScheduleSetting& setting : all_schedule_settings()) {
    const std::string name(setting.name);
    if (const auto* length = std::get_if<LengthSetting>(&setting.kind)) {
      options.*length->value = length_of(flags.lengths.at(name));
    } else if (const auto* lengths = std::get_if<LengthsSetting>(&setting.kind)) {
      options.*lengths->value = durations_of(flags.several_lengths.at(name));
    }
  }
  return options;
}

}  // namespace etalon::cli
