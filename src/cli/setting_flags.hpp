// The flags of what a program trains with besides batch size and learning rate: its own settings,
// and the rule that moves them with the batch size.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/schedule_flags.hpp"
#include "etalon/campaign.hpp"
#include "etalon/program.hpp"
#include "etalon/scaling.hpp"

namespace etalon::cli {

struct SettingFlags {
  std::string optimizer = "adamw", rule;
  Recipe recipe{};
  InUnits<std::optional<double>> warmup{};
  ScaleOptions known{};
};

void add_setting_flags(CLI::App& app, SettingFlags& flags);

// Gives the settings that the command of `program` has places for their values at
// `base_batch_size`, and says how they move from there to `batch_sizes`; nothing moves where it has
// no such places. `notes` are sentences on what was chosen. Throws InputError for a place that
// nothing gives a value, and for what is given without a place.
MovingSettings place_settings(const SettingFlags& flags, std::int64_t base_batch_size,
                              const std::vector<std::int64_t>& batch_sizes, ProgramOptions& program,
                              std::vector<std::string>& notes);

}  // namespace etalon::cli
