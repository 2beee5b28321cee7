// The flags of a learning-rate schedule: shared by the commands that train.
#pragma once

#include <optional>
#include <vector>

#include "cli/cli11.hpp"
#include "train/schedule_options.hpp"

namespace etalon::cli {

struct ScheduleFlags {
  ScheduleOptions options;
  std::optional<double> warmup_steps, warmup_epochs, warmup_examples;
  std::optional<double> decay_end_steps, decay_end_epochs, decay_end_examples;
  std::optional<double> step_every_steps, step_every_epochs, step_every_examples;
  std::vector<double> milestone_steps, milestone_epochs, milestone_examples;
};

// Adds the flags to `app`; they write into `flags`, which must outlive the parse.
void add_schedule_flags(CLI::App& app, ScheduleFlags& flags);

// Adds the schedule that follows a training's own losses, for a command that trains once.
void add_plateau_flags(CLI::App& app, ScheduleFlags& flags);

// Throws InputError for a flag of reduce on plateau beside another schedule.
void check_plateau_flags(const CLI::App& app, const ScheduleOptions& options);

// The options once parsed. Throws InputError for values that are out of range.
ScheduleOptions schedule_options(const ScheduleFlags& flags);

}  // namespace etalon::cli
