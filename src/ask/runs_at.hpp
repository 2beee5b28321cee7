// Of the runs at all batch sizes, those at one, and what was stopped early says there.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/trial.hpp"
#include "plan/run_point.hpp"

namespace etalon {

std::vector<Observation> runs_at(std::span<const Observation> known, double batch_size);
std::vector<RunPoint> points_at(std::span<const TrialSpec> trials, std::int64_t batch_size);

// What trials say that were stopped early: that they would have ended no better than the learning
// rate of the least mean loss at their batch size. Nothing where none has a loss.
std::vector<LossBound> bounds_of(std::span<const TrialSpec> pruned,
                                 std::span<const Observation> known);

}  // namespace etalon
