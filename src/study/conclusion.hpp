// The answer in words: a sentence or two that are true of the estimates, whatever they are.
#pragma once

#include <string>

#include "etalon/study.hpp"

namespace etalon {

// From `options`, `optima`, `rules`, `exponent` and `interrupted` of the result.
std::string conclude(const StudyResult& result);

}  // namespace etalon
