// The flags of a study that asks for the steps to a target, of whatever workload.
#pragma once

#include "cli/cli11.hpp"
#include "etalon/target.hpp"

namespace etalon::cli {

// Steps that are within a tenth of each other count as the same, unless --tolerance says otherwise.
inline constexpr double kToleranceOfSteps = 0.1;

// They exclude --objective, where the command has it by now.
void add_target_flags(CLI::App& app, const std::string& group, Target& target);

}  // namespace etalon::cli
