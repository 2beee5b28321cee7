// The flags of `etalon scale` and the answer they ask for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/schedule_flags.hpp"
#include "etalon/scaling.hpp"
#include "report/scale/scale_answer.hpp"

namespace etalon::cli {

struct ScaleFlags {
  std::string file;  // a recipe as TOML; may be empty
  std::string batch_size, optimizer = "sgd", format = "table";
  std::string targets, rules;  // separated by commas
  std::vector<double> lrs;
  // As recipes in TOML write a batch size.
  std::optional<std::int64_t> micro_batch, accumulation, replicas;
  Recipe recipe;
  ScheduleFlags schedule;
  InUnits<std::optional<double>> budget;
  ScaleOptions options;
  std::optional<double> sharpness;
};

// Adds the flags to `app`; they write into `flags`, which must outlive the parse. Gives the option
// of the recipe's file.
CLI::Option* add_scale_flags(CLI::App& app, ScaleFlags& flags);

// The recipe at every batch size asked for. Throws InputError for what cannot be meant.
ScaleAnswer scale_answer(const ScaleFlags& flags);

}  // namespace etalon::cli
