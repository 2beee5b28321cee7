#include "cli/batch_schedule_flags.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/number_checks.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

constexpr const char* kGroup = "How the batch size moves";

void add_sizes(CLI::App& app, BatchScheduleOptions& options) {
  const auto add = [&](const char* flag, std::optional<std::int64_t>& value, const char* what) {
    app.add_option(flag, value, what)->check(whole_number())->group(kGroup);
  };
  add("--batch-start", options.start, "Batch size at the start; default: --batch-size");
  add("--batch-end", options.end,
      "Largest batch size; default: --batch-size, of step a tenth of the data");
  add("--batch-multiple", options.multiple,
      "Of linear and noise: sizes grow by multiples of this; default: --batch-start");
}

void add_times(CLI::App& app, BatchScheduleFlags& flags) {
  const auto milestones = [&](const char* flag, std::vector<double>& values, const char* what) {
    return add_real_numbers(app, flag, values, what)->group(kGroup);
  };
  auto* at_epochs = milestones("--batch-milestone-epochs", flags.milestone_epochs,
                               "Of step: where it grows, separated by commas, in epochs");
  milestones("--batch-milestone-examples", flags.milestone_examples, "The same in examples")
      ->excludes(at_epochs);
  const auto ramp = [&](const char* flag, std::optional<double>& value, const char* what) {
    return app.add_option(flag, value, what)->check(real_number())->group(kGroup);
  };
  auto* epochs = ramp("--batch-ramp-epochs", flags.ramp_epochs,
                      "Of linear: how long the ramp takes; default: the budget");
  ramp("--batch-ramp-examples", flags.ramp_examples, "The same in examples")->excludes(epochs);
}

// Which schedule a flag belongs to, where it is one alone.
struct Owned {
  const char* flag;
  const char* schedule;
};

constexpr Owned kOwned[] = {{"--batch-factor", "step"}, {"--batch-fraction", "noise"}};

}  // namespace

void add_batch_schedule_flags(CLI::App& app, BatchScheduleFlags& flags) {
  BatchScheduleOptions& options = flags.options;
  app.add_option("--batch-schedule", options.name,
                 fmt::format("One of: {}", fmt::join(batch_schedule_names(), ", ")))
      ->transform(in_any_case(batch_schedule_names()))
      ->capture_default_str()
      ->group(kGroup);
  app.add_option("--batch-rule", flags.rule,
                 "How the learning rate follows: fixed, sqrt or linear; default: fixed for step, "
                 "linear for SGD with or without momentum, sqrt for the other optimizers")
      ->group(kGroup);
  add_sizes(app, options);
  add_times(app, flags);
  const auto add = [&](const char* flag, double& value, const char* what) {
    app.add_option(flag, value, what)->check(real_number())->capture_default_str()->group(kGroup);
  };
  add("--batch-factor", options.factor, "Of step: growth at each milestone");
  add("--batch-fraction", options.fraction, "Of noise: batch size over the measured noise scale");
}

BatchScheduleOptions batch_schedule_options(const CLI::App& app, const BatchScheduleFlags& flags) {
  BatchScheduleOptions options = flags.options;
  if (flags.rule) options.rule = parse_batch_rule(*flags.rule);
  for (const double at : flags.milestone_epochs) {
    options.milestones.push_back({at, DurationUnit::epochs});
  }
  for (const double at : flags.milestone_examples) {
    options.milestones.push_back({at, DurationUnit::examples});
  }
  if (flags.ramp_epochs) options.length = Duration{*flags.ramp_epochs, DurationUnit::epochs};
  if (flags.ramp_examples) options.length = Duration{*flags.ramp_examples, DurationUnit::examples};
  options.validate();
  for (const auto& [flag, schedule] : kOwned) {
    if (app.get_option(flag)->count() == 0 || options.name == schedule) continue;
    throw InputError(fmt::format("{} is no setting of --batch-schedule {}", flag, options.name), "",
                     fmt::format("leave it out, or use --batch-schedule {}", schedule));
  }
  return options;
}

void refuse_batch_schedule(CLI::App& app) {
  const auto refuse = [](const std::string& name) {
    throw InputError(fmt::format("--batch-schedule {}: each trial of a study keeps one batch size, "
                                 "since the best learning rate is asked for at each",
                                 name),
                     "", "leave it out, or train once with etalon train");
  };
  app.add_option_function<std::string>("--batch-schedule", refuse)->group("");
}

}  // namespace etalon::cli
