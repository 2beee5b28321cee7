// What a job comes to that Slurm ended, and not its program.
#pragma once

#include <string>

#include "etalon/trial.hpp"
#include "slurm/job_trial.hpp"

namespace etalon {

// By Slurm, for another job or with its node. A job that is asked to make room, and has ended by
// itself before Slurm did more, is to Slurm one that completed. `state` is Slurm's word.
bool is_taken_away(const JobTrial& job, const std::string& state);

// `printed` is the end of what was printed.
TrialResult failure_from_outside(const JobTrial& job, const std::string& state,
                                 const std::string& printed);

TrialResult interrupted_trial();

}  // namespace etalon
