// Which schedules there are and which settings each has.
#pragma once

#include "etalon/scaling.hpp"

namespace etalon {

// Throws InputError for a schedule that does not exist, for a setting that it lacks or that is out
// of range, and for lengths that it has no use for.
void check_schedule(const Recipe& recipe);

}  // namespace etalon
