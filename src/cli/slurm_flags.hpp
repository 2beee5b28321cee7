// The flags that let a study's trials run on a cluster.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "cli/program_flags.hpp"
#include "etalon/runner.hpp"

namespace etalon::cli {

struct SlurmFlags {
  bool jobs = false, steps = false;
  std::vector<std::string> options;
};

void add_slurm_flags(CLI::App& app, SlurmFlags& flags);

// Puts the trials where the flags say: as many slots as jobs or steps, under a supervisor that is
// found there. Throws InputError where the flags contradict each other.
void place_trials(const SlurmFlags& flags, const ProgramFlags& placing, ProgramOptions& program);

// What runs trials so placed.
std::unique_ptr<TrialRunner> runner_of(const SlurmFlags& flags, const ProgramOptions& program);

}  // namespace etalon::cli
