// The flags of `etalon study` of a built-in workload, but for those of its training.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/study_output.hpp"
#include "cli/target_flags.hpp"
#include "cli/training_flags.hpp"
#include "etalon/study.hpp"
#include "etalon/target.hpp"

namespace etalon::cli {

struct StudyFlags {
  std::string file;
  TrainingFlags training;
  StudyOptions study;
  std::optional<std::int64_t> base_batch_size;
  std::vector<std::string> rules;  // none: the optimizer's own
  bool measure_noise = false, measure_curvature = false, range_first = false;
  Target target;
  HardwareFlags hardware;
  StudyOutput output;
};

// The names of all rules, in the order in which they are shown.
std::vector<std::string> rule_names();

void add_ladder_flags(CLI::App& app, StudyFlags& flags);
void add_run_flags(CLI::App& app, StudyFlags& flags);

}  // namespace etalon::cli
