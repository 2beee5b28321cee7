// Runs of a random search: batch sizes that are hardly ever the same twice, and other settings that
// vary with them. They are made into runs that can be compared: neighbouring batch sizes become
// one, and what other settings did to the loss is taken away where that can be told.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runs/run_groups.hpp"

namespace etalon {

// Whether so many batch sizes occur that most have too few runs to say where their optimum is.
bool is_scattered(std::span<const double> batch_sizes);

// Batch sizes within a factor of √2 become one, their geometric mean, where they are scattered or
// nearly equal: within 15% with fewer than four learning rates each, or within 5%. Returns how many
// there were; nothing where all stay as they are.
std::optional<std::size_t> pool_batch_sizes(std::vector<Observation>& observations);

// A setting that varies beside batch size and learning rate: numbers, or labels of kinds.
struct Nuisance {
  std::string name;
  std::vector<double> values;  // one a run
  bool is_label = false;       // then values number the kinds
};

// Takes from each loss what a regression says that the nuisances added to it, against their middle
// (a label: the most frequent one). The regression is quadratic in the logarithms of batch size and
// learning rate and in each nuisance, in whose logarithm where it spans more than a factor of 10.
// A nuisance is taken only if that brings the errors of predictions of runs left out down by a
// tenth at least. Returns the names of those that were, in order of what they explain.
std::vector<std::string> remove_nuisances(std::vector<Observation>& observations,
                                          const std::vector<Nuisance>& nuisances);

}  // namespace etalon
