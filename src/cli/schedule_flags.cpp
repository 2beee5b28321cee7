#include "cli/schedule_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

#include "cli/cli11.hpp"
#include "cli/number_checks.hpp"
#include "etalon/error.hpp"
#include "schedule/enum_names.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kScheduleGroup = "How the learning rate moves";

void add_durations(CLI::App& app, ScheduleFlags& flags) {
  const auto in_three_units = [&](const std::string& name, std::optional<double>& in_steps,
                                  std::optional<double>& in_epochs,
                                  std::optional<double>& in_examples, const char* what) {
    const auto add = [&](const char* unit, std::optional<double>& value, const std::string& text) {
      return app.add_option(name + unit, value, text)->check(real_number())->group(kScheduleGroup);
    };
    auto* steps = add("-steps", in_steps, fmt::format("{}, in steps", what));
    auto* epochs = add("-epochs", in_epochs, "The same in epochs");
    add("-examples", in_examples, "The same in examples")->excludes(steps)->excludes(epochs);
    epochs->excludes(steps);
  };
  in_three_units("--warmup", flags.warmup_steps, flags.warmup_epochs, flags.warmup_examples,
                 "Warm-up");
  in_three_units("--decay-end", flags.decay_end_steps, flags.decay_end_epochs,
                 flags.decay_end_examples, "Where a decay ends, if not with the budget");

  in_three_units("--step-every", flags.step_every_steps, flags.step_every_epochs,
                 flags.step_every_examples, "Of step, instead of milestones: one every so many");

  const auto milestones = [&](const char* flag, std::vector<double>& values, const char* what) {
    return add_real_numbers(app, flag, values, what)->group(kScheduleGroup);
  };
  auto* at_steps = milestones("--milestone-steps", flags.milestone_steps,
                              "Of step: where it decays, separated by commas, in steps");
  auto* at_epochs = milestones("--milestone-epochs", flags.milestone_epochs, "The same in epochs");
  auto* at_examples =
      milestones("--milestone-examples", flags.milestone_examples, "The same in examples");
  at_epochs->excludes(at_steps);
  at_examples->excludes(at_steps)->excludes(at_epochs);
}

template <typename Enum>
void add_choice(CLI::App& app, const char* flag, Enum& value, const char* what) {
  std::vector<std::string> names;
  for (const auto& entry : enum_names(value)) names.emplace_back(entry.name);
  const std::string list = fmt::format("{}", fmt::join(names, ", "));
  const auto choose = [flag, list, &value](const std::string& text) {
    for (const auto& entry : enum_names(value)) {
      if (entry.name != text) continue;
      value = entry.value;
      return;
    }
    throw CLI::ValidationError(flag, fmt::format("'{}' is none of {}", text, list));
  };
  app.add_option_function<std::string>(flag, choose, fmt::format("{}: {}", what, list))
      ->default_str(names.front())
      ->group(kScheduleGroup);
}

}  // namespace

void add_schedule_flags(CLI::App& app, ScheduleFlags& flags) {
  ScheduleOptions& options = flags.options;
  app.add_option("--schedule", options.name,
                 fmt::format("One of: {}", fmt::join(schedule_names(), ", ")))
      ->capture_default_str()
      ->group(kScheduleGroup);
  add_durations(app, flags);
  const auto add = [&](const char* flag, double& value, const char* what) {
    app.add_option(flag, value, what)
        ->check(real_number())
        ->capture_default_str()
        ->group(kScheduleGroup);
  };
  add_choice(app, "--warmup-kind", options.warmup_kind, "How a warm-up goes");
  add("--warmup-start", options.warmup_start, "Share of the learning rate where warm-up starts");
  add("--gamma", options.gamma,
      "Of step: factor at each milestone; of exponential cycles: in each");
  add("--floor", options.floor, "Share of the learning rate where a decay ends");
  add("--decay-power", options.power, "Of polynomial");
  add("--decay-share", options.decay_share, "Of wsd: part of the budget that decays");
  add_choice(app, "--decay-form", options.decay_form, "Of wsd");
  const auto count = [&](const char* flag, std::int64_t& value, const char* what) {
    app.add_option(flag, value, what)
        ->check(whole_number())
        ->capture_default_str()
        ->group(kScheduleGroup);
  };
  count("--cycles", options.cycles, "Of warm-restarts and cyclical");
  count("--cycle-growth", options.cycle_growth,
        "Of warm-restarts: each cycle's length over that of the one before");
  add_choice(app, "--cycle-mode", options.cycle_mode, "Of cyclical");
}

void add_plateau_flags(CLI::App& app, ScheduleFlags& flags) {
  app.get_option("--schedule")
      ->description(fmt::format("One of: {}, plateau", fmt::join(schedule_names(), ", ")));
  PlateauOptions& plateau = flags.options.plateau;
  const auto add = [&](const char* flag, auto& value, const CLI::Validator& number,
                       const char* what) {
    app.add_option(flag, value, what)->check(number)->capture_default_str()->group(kScheduleGroup);
  };
  add("--plateau-factor", plateau.factor, real_number(),
      "Of plateau: the learning rate times this when the loss stalls");
  add("--plateau-patience", plateau.patience, whole_number(),
      "Of plateau: evaluations without a better loss that are forgiven");
  add("--plateau-threshold", plateau.threshold, real_number(),
      "Of plateau: a better loss is lower by more than this share");
  add("--plateau-cooldown", plateau.cooldown, whole_number(),
      "Of plateau: evaluations after a reduction that do not count");
}

void check_plateau_flags(const CLI::App& app, const ScheduleOptions& options) {
  if (options.is_plateau()) return;
  for (const char* flag :
       {"--plateau-factor", "--plateau-patience", "--plateau-threshold", "--plateau-cooldown"}) {
    if (app.get_option(flag)->count() == 0) continue;
    throw InputError(fmt::format("{} is no setting of --schedule {}", flag, options.name), "",
                     "leave it out, or use --schedule plateau");
  }
}

ScheduleOptions schedule_options(const ScheduleFlags& flags) {
  ScheduleOptions options = flags.options;
  options.name = canonical_schedule(options.name);
  const auto set = [](std::optional<Duration>& to, const std::optional<double>& amount,
                      DurationUnit unit) {
    if (amount) to = Duration{*amount, unit};
  };
  set(options.warmup, flags.warmup_steps, DurationUnit::steps);
  set(options.warmup, flags.warmup_epochs, DurationUnit::epochs);
  set(options.warmup, flags.warmup_examples, DurationUnit::examples);
  set(options.step_every, flags.step_every_steps, DurationUnit::steps);
  set(options.step_every, flags.step_every_epochs, DurationUnit::epochs);
  set(options.step_every, flags.step_every_examples, DurationUnit::examples);
  set(options.decay_end, flags.decay_end_steps, DurationUnit::steps);
  set(options.decay_end, flags.decay_end_epochs, DurationUnit::epochs);
  set(options.decay_end, flags.decay_end_examples, DurationUnit::examples);
  const auto append = [&](const std::vector<double>& amounts, DurationUnit unit) {
    for (const double amount : amounts) options.milestones.push_back({amount, unit});
  };
  append(flags.milestone_steps, DurationUnit::steps);
  append(flags.milestone_epochs, DurationUnit::epochs);
  append(flags.milestone_examples, DurationUnit::examples);
  options.validate();
  return options;
}

}  // namespace etalon::cli
