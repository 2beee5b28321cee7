// Which points of its curves a page holds, so that a study of thousands of trials opens at once.
//
// A page has room for so many points in all, and each trial for its share. A curve that has more
// keeps its first and its last point, and of the others those that lie most evenly over the
// logarithm of their number, since a descent is steep at its start. No validation loss is changed.
// The training loss of a kept point is the mean over the batches since the last one kept, as it
// was before. Pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

// Of each of `trials` trials, in [12, 1000].
std::size_t points_per_curve(std::size_t trials);

// Of a curve of `length` points at most `most` >= 2, ascending; all where it has no more.
std::vector<std::size_t> kept_points(std::size_t length, std::size_t most);

// `kept` are of the longest curve that it is compared with: a shorter one keeps those that it has,
// and its last.
std::vector<CurvePoint> thinned(const std::vector<CurvePoint>& curve,
                                std::span<const std::size_t> kept);

}  // namespace etalon
