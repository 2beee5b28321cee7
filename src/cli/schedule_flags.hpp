// The flags of a learning-rate schedule: one for each row of the table of schedules, for every
// command that has a schedule.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "etalon/schedule_options.hpp"

namespace etalon::cli {

// A length that is given in steps, epochs or examples, in the order of kDurationUnits.
template <typename T>
using InUnits = std::array<T, std::size(kDurationUnits)>;

struct ScheduleFlags {
  ScheduleOptions options;
  std::map<std::string, InUnits<std::optional<double>>> lengths;  // by name of the setting
  std::map<std::string, InUnits<std::vector<double>>> several_lengths;
};

// Adds --NAME-steps, --NAME-epochs and --NAME-examples, each of which excludes the others; without
// a name --steps, --epochs and --examples. They write into `length`, which must outlive the parse.
void add_length_flags(CLI::App& app, const std::string& name, const std::string& what,
                      InUnits<std::optional<double>>& length, const std::string& group);

// What such flags came to; empty where none was given.
std::optional<Duration> length_of(const InUnits<std::optional<double>>& length);

// Adds the flags of the schedules that are fixed before a training begins to `app`; they write into
// `flags`, which must outlive the parse.
void add_schedule_flags(CLI::App& app, ScheduleFlags& flags);

// Adds those of the schedule that follows a training's own losses.
void add_plateau_flags(CLI::App& app, ScheduleFlags& flags);

// The options once parsed, to be validated by whoever takes them.
ScheduleOptions schedule_options(const ScheduleFlags& flags);

}  // namespace etalon::cli
