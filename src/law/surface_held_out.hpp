// How well loss surfaces fitted to the runs at smaller batch sizes predict the optima at larger
// ones: the surface's weight beside the laws'. Pure.
#pragma once

#include <span>

#include "etalon/advice.hpp"
#include "law/law_posterior.hpp"

namespace etalon {

// The logarithm of the density of the larger half of the points given the runs at smaller batch
// sizes, one point after another; comparable with LawPosterior::log_held_out.
double surface_log_held_out(std::span<const Observation> observations,
                            std::span<const OptimumPoint> points, const AdviceOptions& options);

}  // namespace etalon
