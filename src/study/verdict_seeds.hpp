// Where one more seed is worth its trials, once every batch size has an optimum and every rule has
// runs: where a verdict is open that further seeds may close, and where an optimum's interval is
// too wide to be used. A pure function, whatever the order of the trials.
#pragma once

#include <span>
#include <vector>

#include "study/planner.hpp"

namespace etalon {

// Empty where all verdicts are clear and optima are narrow, or where those that are not have all
// the seeds allowed, or no further one is likely to close a verdict. Away from the base batch size,
// whose learning rate all rules begin with.
std::vector<PlannedTrial> next_seeds(const StudyOptions& options,
                                     std::span<const TrialRecord> trials);

}  // namespace etalon
