// The flags that say what a training is: shared by the commands that train.
#pragma once

#include <string>

#include "cli/cli11.hpp"
#include "cli/schedule_flags.hpp"
#include "train/training_workload.hpp"

namespace etalon::cli {

struct TrainingFlags {
  TrainingOptions options;
  ScheduleFlags schedule;
  std::string objective = "validation-loss";
};

// Adds the flags to `app`; they write into `flags`, which must outlive the parse.
void add_training_flags(CLI::App& app, TrainingFlags& flags);

// The options once `app` has parsed. Throws InputError for an objective that does not exist, and
// for a setting of another optimizer than the chosen one.
TrainingOptions training_options(const CLI::App& app, const TrainingFlags& flags);

}  // namespace etalon::cli
