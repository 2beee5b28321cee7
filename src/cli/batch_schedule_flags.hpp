// The flags of a batch-size schedule: of the command that trains once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "schedule/batch_schedule_options.hpp"

namespace etalon::cli {

struct BatchScheduleFlags {
  BatchScheduleOptions options;
  std::optional<std::string> rule;
  std::vector<double> milestone_epochs, milestone_examples;
  std::optional<double> ramp_epochs, ramp_examples;
};

// Adds the flags to `app`; they write into `flags`, which must outlive the parse.
void add_batch_schedule_flags(CLI::App& app, BatchScheduleFlags& flags);

// The options once parsed. Throws InputError for values that are out of range, and for a setting of
// another batch schedule than the chosen one.
BatchScheduleOptions batch_schedule_options(const CLI::App& app, const BatchScheduleFlags& flags);

// Makes `app` refuse --batch-schedule with the reason: a study's trials are of one batch size each.
void refuse_batch_schedule(CLI::App& app);

}  // namespace etalon::cli
