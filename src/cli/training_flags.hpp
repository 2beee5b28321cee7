// The flags that say what a training is: shared by the commands that train.
#pragma once

#include <string>

#include "cli/cli11.hpp"
#include "cli/flag_groups.hpp"
#include "cli/schedule_flags.hpp"
#include "train/training_workload.hpp"

namespace etalon::cli {

struct TrainingFlags {
  TrainingOptions options;
  ScheduleFlags schedule;
  std::string objective = "validation-loss";
  std::string augment{};  // empty: not at all
  std::string precision = "float32";
};

// Each adds flags to `app`, which write into `flags`; that must outlive the parse. The help shows
// groups of flags in the order in which they are added.
void add_data_flags(CLI::App& app, TrainingFlags& flags);  // data, model, objective
void add_augment_flag(CLI::App& app, TrainingFlags& flags);
void add_optimizer_flag(CLI::App& app, TrainingFlags& flags);
void add_optimizer_settings(CLI::App& app, TrainingFlags& flags);
void add_budget_flags(CLI::App& app, TrainingFlags& flags);

// One flag under two names, and what it takes.
inline constexpr const char* kDataFlags = "--data,--dataset";
std::string data_text();

// "Default 0.1 of sgd, ...; 0.001 of adam, ...": where a learning rate is not given.
std::string first_lr_text();

// Data, model and update alone, without objective, schedule and budget. Throws InputError for a
// setting of another optimizer than the chosen one.
TrainingOptions update_options(const TrainingFlags& flags);

// The options once `app` has parsed. Throws InputError for an objective that does not exist, and
// for a setting of another optimizer than the chosen one.
TrainingOptions training_options(const CLI::App& app, const TrainingFlags& flags);

}  // namespace etalon::cli
