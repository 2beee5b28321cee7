// The flags of a study of a program, which a look at the program takes too, so that one command or
// file serves both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/program_flags.hpp"
#include "cli/setting_flags.hpp"
#include "cli/slurm_flags.hpp"
#include "cli/study_output.hpp"
#include "cli/target_flags.hpp"
#include "etalon/campaign.hpp"
#include "etalon/target.hpp"

namespace etalon::cli {

struct ProgramStudyFlags {
  std::string file;
  ProgramFlags program;
  SettingFlags settings;
  SlurmFlags slurm;
  CampaignOptions campaign;
  std::vector<std::int64_t> batch_sizes, targets;
  std::optional<std::int64_t> base_batch_size;
  std::optional<double> lr, hours;
  Target target;
  HardwareFlags hardware;
  std::optional<std::string> tolerance;
  std::string prune = "off", prune_grace = "25%";
  StudyOutput output;
};

void add_program_study_flags(CLI::App& app, ProgramStudyFlags& flags);

// Those of --batch-sizes or --to, ascending. Throws InputError for both, and for none.
std::vector<std::int64_t> asked_batch_sizes(const ProgramStudyFlags& flags);

// The command that was typed, else that of the file of settings, whose key is no flag.
inline constexpr std::string_view kCommandKey[] = {"command"};
std::vector<std::string> command_of(const PartedArguments& arguments, const std::string& file);

}  // namespace etalon::cli
