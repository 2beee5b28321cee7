// What runs of one batch size say before any fit.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/trial.hpp"

namespace etalon {

// By learning rate; infinite where a run diverged.
std::map<double, double> mean_losses(std::span<const Observation> known, double batch_size);

// The lowest learning rate that diverged; infinite where none did.
double divergence_at(std::span<const Observation> known, double batch_size);

// The learning rate of the least mean loss, and the greatest, of those below the lowest that
// diverged. Nothing where none diverged, or none below it finished.
struct Safe {
  double best = 0.0;
  double highest = 0.0;
};
std::optional<Safe> below_divergence(std::span<const Observation> known, double batch_size);

// What trials say that were stopped early: that they would have ended no better than the learning
// rate of the least mean loss at their batch size. Nothing where none has a loss.
std::vector<LossBound> bounds_of(std::span<const TrialSpec> pruned,
                                 std::span<const Observation> known);

}  // namespace etalon
