// What a trial came to, as a study can use it.
#pragma once

#include "etalon/trial.hpp"

namespace etalon {

// A runner's word is not taken for it: what counts later has a valid loss, and what has none does
// not. A loss that is not finite is a divergence, a trial that finished without any a failure.
TrialResult sound(TrialResult result);

}  // namespace etalon
