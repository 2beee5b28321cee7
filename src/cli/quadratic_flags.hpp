// What the flags of a training say of a noisy quadratic.
#pragma once

#include "cli/cli11.hpp"
#include "etalon/quadratic_workload.hpp"
#include "train/training_options.hpp"

namespace etalon::cli {

// Of a model that is a quadratic, once `app` has parsed `training` (see training_flags.hpp). Throws
// InputError where a flag was given that says nothing of it, and for another optimizer than SGD.
QuadraticOptions quadratic_of(const CLI::App& app, const TrainingOptions& training);

}  // namespace etalon::cli
