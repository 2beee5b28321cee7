// How many trials a plain grid would have taken instead of a study.
#pragma once

#include <cstdint>

#include "etalon/study.hpp"

namespace etalon {

// Every learning rate that ran with every seed at some batch size, at every batch size, with every
// seed. Learning rates that only helped to find these, or diverged, are not counted.
std::int64_t grid_trials(const StudyResult& result);

}  // namespace etalon
