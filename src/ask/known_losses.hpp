// What runs of one batch size say before any fit.
#pragma once

#include <map>
#include <optional>
#include <span>

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

}  // namespace etalon
