// The flags of a study that asks for the steps to a target, of whatever workload, and what they
// mean in time and money.
#pragma once

#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "etalon/hardware.hpp"
#include "etalon/store.hpp"
#include "etalon/target.hpp"

namespace etalon::cli {

// Steps that are within a tenth of each other count as the same, unless --tolerance says otherwise.
inline constexpr double kToleranceOfSteps = 0.1;

struct HardwareFlags {
  std::vector<std::string> examples_per_second;  // "32=1800"
  std::vector<std::string> cost_per_hour;        // "2.5", or "32=1.2" for each batch size
  bool are_given() const { return !examples_per_second.empty() || !cost_per_hour.empty(); }
};

// They exclude --objective, where the command has it by now.
void add_target_flags(CLI::App& app, const std::string& group, Target& target);
void add_hardware_flags(CLI::App& app, const std::string& group, HardwareFlags& flags);

// Throws InputError for numbers of batch sizes that the study does not have, and without a target.
Hardware hardware_of(const HardwareFlags& flags, const std::vector<std::int64_t>& batch_sizes,
                     bool has_target);

// What a study was told stays in its file, for its report: that of `flags` where they are given.
Hardware kept_hardware(const HardwareFlags& flags, const std::vector<std::int64_t>& batch_sizes,
                       bool has_target, SqliteStore& store);
Hardware stored_hardware(const StudyFile& study);

}  // namespace etalon::cli
