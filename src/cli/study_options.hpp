// What a study of a built-in workload is asked to do, once its flags are parsed: its base batch
// size, its noise scale, its rules.
#pragma once

#include <optional>

#include "cli/study_flags.hpp"
#include "train/training_options.hpp"

namespace etalon::cli {

// Measures the noise scale where --measure-noise asks for it, and chooses the rules that fit the
// training, saying which do not. Empty where the measurement was interrupted. Throws InputError for
// options that contradict each other.
std::optional<StudyOptions> study_options(const StudyFlags& flags, const TrainingOptions& training);

}  // namespace etalon::cli
