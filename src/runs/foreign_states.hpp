// What other tools say became of a trial, in etalon's words. Pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "etalon/trial.hpp"

namespace etalon {

// Of Optuna (COMPLETE, PRUNED, FAIL), Weights & Biases (finished, crashed, killed), MLflow
// (FINISHED, FAILED), Ray Tune (TERMINATED, ERROR), Keras Tuner, Slurm and etalon itself, in any
// case; "TrialState.COMPLETE" too. None for a word of none of them.
std::optional<TrialState> parse_foreign_state(std::string_view text);

// Whether a flag is set: true, yes or a number that is not 0.
bool is_set_flag(std::string_view text);

}  // namespace etalon
