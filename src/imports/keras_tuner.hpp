// trial.json of Keras Tuner, one in each directory trial_*: the values of the hyperparameters, and
// for each metric the steps at which it was observed, with a value for each execution of the trial.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_keras_trial(const std::filesystem::path& file);
void read_keras_trial(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
