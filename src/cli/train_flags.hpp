// The flags of `etalon train`, which are also the keys of its TOML recipes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/batch_schedule_flags.hpp"
#include "cli/cli11.hpp"
#include "cli/training_flags.hpp"
#include "train/training_run.hpp"

namespace etalon::cli {

inline constexpr const char* kDefaultCheckpoint = "etalon-train.ckpt";

struct TrainFlags {
  std::string file;
  TrainingFlags training;
  BatchScheduleFlags batch_schedule;
  RunOptions run;
  std::optional<double> lr;  // default: the optimizer's first
  std::optional<std::int64_t> batch_size, micro_batch, accumulation, replicas;
  std::string checkpoint = kDefaultCheckpoint;
  std::string csv, tensorboard;
  std::string format = "table";
  bool resume = false;
  bool quiet = false;
};

// Adds the flags to `app`; they write into `flags`, which must outlive the parse. Returns FILE.
CLI::Option* add_train_flags(CLI::App& app, TrainFlags& flags);

// The options once parsed. Throws InputError for values that contradict each other.
RunOptions run_options(const CLI::App& app, const TrainFlags& flags);

}  // namespace etalon::cli
