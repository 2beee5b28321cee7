// Which runs are worth another seed: those around the best, which place the optimum, and those that
// contradict each other. Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "plan/known_runs.hpp"

namespace etalon {

// What a learning rate that is worth replicating is run with.
struct SeedRange {
  std::uint64_t first = 1;
  std::int64_t count = 1;
};

// Of `lrs` those seeds that are not taken, one learning rate after the other.
std::vector<RunPoint> missing_seeds(const KnownRuns& runs, const std::vector<double>& lrs,
                                    const SeedRange& seeds);

// Whether the best lies between two others, at most so many octaves from either, of which the upper
// may have diverged.
bool is_bracketed(const KnownRuns& runs, double octaves);

// The best and, of the learning rates with a loss that are at most so many octaves from it, the
// nearest on either side, the lower before the higher.
std::vector<double> around_best(const KnownRuns& runs, double octaves,
                                int per_side = std::numeric_limits<int>::max());

// What diverged below a learning rate that did well, within so many octaves of the best: with all
// the seeds, or a second one where there is only one. Both may be right; seeds tell.
std::vector<RunPoint> to_settle(const KnownRuns& runs, const SeedRange& seeds,
                                double octaves = std::numeric_limits<double>::infinity());

}  // namespace etalon
