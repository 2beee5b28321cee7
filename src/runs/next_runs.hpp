// Which runs to add where those of a group are too few for an answer: enough, if none of them
// diverges and the optimum is within reach, to get one. No learning rate that was run already, and
// none at or above one that diverged at its batch size. Pure functions.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "etalon/advice.hpp"
#include "plan/known_runs.hpp"
#include "runs/run_groups.hpp"

namespace etalon {

// How many learning rates of a batch size must have a loss, and of how many batch sizes.
inline constexpr std::size_t kLeastLrs = 3;
inline constexpr std::size_t kLeastBatchSizes = 2;

// What was tried, by batch size.
using TriedByBatchSize = std::map<double, KnownRuns>;
TriedByBatchSize find_tried(const RunGroup& group);

// Whether a batch size has enough learning rates with a loss.
bool is_enough(const KnownRuns& runs);

struct NextRuns {
  double batch_size = 0.0;
  std::vector<double> lrs;  // ascending, of three significant digits
};

// Where fewer than two batch sizes have enough learning rates with a loss: runs at two batch sizes,
// or at one where the other needs none.
std::vector<NextRuns> fill_up(const RunGroup& group, const TriedByBatchSize& tried,
                              const AdviceOptions& options);

// Where the best is the lowest or highest learning rate at every batch size: runs beyond it at the
// least and the greatest batch size that has enough.
std::vector<NextRuns> widen(const TriedByBatchSize& tried);

// "run batch size 64 at learning rates 0.1, 0.2; run batch size 256 at learning rates 0.2, 0.4".
std::string to_text(const std::vector<NextRuns>& runs);

}  // namespace etalon
