// What the finished trials of a study say: optima, rule outcomes, exponent and recommendations, and
// the answer in words.
#pragma once

#include <string>

#include "etalon/study.hpp"

namespace etalon {

// Fills in everything that follows from `options`, `trials` and `interrupted`. Batch sizes at which
// nothing ran, or every run diverged, have no optimum; rules that were not run there no outcome.
void evaluate(StudyResult& result);

// The answer in a few sentences that are true of the estimates, whatever they are. From `options`,
// `trials`, `optima`, `rules`, `exponent` and `interrupted`.
std::string conclude(const StudyResult& result);

}  // namespace etalon
