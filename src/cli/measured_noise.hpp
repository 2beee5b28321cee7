// --measure-noise: the noise scale that the rules of a study are given, out of one training.
#pragma once

#include <optional>

#include "etalon/study.hpp"
#include "train/training_options.hpp"

namespace etalon::cli {

// In examples, at the end of a training at the base batch size, with the learning rate where the
// search starts and the study's first seed; says it on standard error with its interval, unless
// `quiet`. Empty where it was interrupted. Throws RunError where it is undefined.
std::optional<double> measured_noise_scale(const TrainingOptions& training,
                                           const StudyOptions& study, bool quiet);

}  // namespace etalon::cli
