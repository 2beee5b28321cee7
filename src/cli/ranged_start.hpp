// --range-first: where a study begins its search, out of a range test.
#pragma once

#include <optional>

#include "etalon/study.hpp"
#include "train/training_options.hpp"

namespace etalon::cli {

// A learning rate between where the loss falls fastest and where it is least, in ramps from three
// initial weights at the study's base batch size; says so on standard error unless `quiet`. Empty
// where it was interrupted. Throws RunError where the loss fell in none of them.
std::optional<double> ranged_start(const TrainingOptions& training, const StudyOptions& study,
                                   bool quiet);

}  // namespace etalon::cli
