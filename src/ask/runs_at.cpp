#include "ask/runs_at.hpp"

#include <algorithm>
#include <iterator>

#include "plan/known_runs.hpp"

namespace etalon {

std::vector<Observation> runs_at(std::span<const Observation> known, double batch_size) {
  std::vector<Observation> runs;
  std::copy_if(known.begin(), known.end(), std::back_inserter(runs),
               [&](const Observation& run) { return run.batch_size == batch_size; });
  return runs;
}

std::vector<RunPoint> points_at(std::span<const TrialSpec> trials, std::int64_t batch_size) {
  std::vector<RunPoint> points;
  for (const TrialSpec& trial : trials) {
    if (trial.batch_size == batch_size) points.push_back({trial.lr, trial.seed});
  }
  return points;
}

std::vector<LossBound> bounds_of(std::span<const TrialSpec> pruned,
                                 std::span<const Observation> known) {
  std::vector<LossBound> bounds;
  for (const TrialSpec& trial : pruned) {
    const auto batch_size = static_cast<double>(trial.batch_size);
    const KnownRuns runs(runs_at(known, batch_size));
    if (runs.best()) bounds.push_back({batch_size, trial.lr, runs.least()});
  }
  return bounds;
}

}  // namespace etalon
