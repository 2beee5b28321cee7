// Losses that lie absurdly far from others of the same learning rate: runs that failed in a way of
// their own, or were written down wrongly. They say nothing of where the optimum is. Pure.
#pragma once

#include <span>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

// At one batch size, without those that lie many times farther from the middle one at their
// learning rate than replicates do in general, and than that learning rate lies above the best. Of
// two, the lower is the middle. Diverged runs are no outliers. The order stays.
std::vector<Observation> without_outliers(std::span<const Observation> observations);

}  // namespace etalon
