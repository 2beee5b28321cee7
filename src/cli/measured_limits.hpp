// --measure-curvature: what limits the learning rates of a study, out of trainings at its best
// ones.
#pragma once

#include <optional>

#include "etalon/limits.hpp"
#include "etalon/study.hpp"
#include "train/training_options.hpp"

namespace etalon::cli {

// Throws InputError for a training of which the sharpness says nothing: that of an optimizer which
// rescales the gradient.
void refuse_limits(const TrainingOptions& training);

// Along one training at each batch size that has a best learning rate, with the best that was tried
// there and the study's first seed: at points after the start. Empty where it was interrupted.
std::optional<MeasuredLimits> measured_limits(const TrainingOptions& training,
                                              const StudyResult& study, bool quiet);

}  // namespace etalon::cli
