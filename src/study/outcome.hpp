// What the finished trials of a study say: optima, rule outcomes, exponent and recommendations.
#pragma once

#include "etalon/study.hpp"

namespace etalon {

// Fills in everything that follows from `options`, `trials` and `interrupted`. Batch sizes at which
// nothing ran, or every run diverged, have no optimum; rules that were not run there no outcome.
void evaluate(StudyResult& result);

}  // namespace etalon
