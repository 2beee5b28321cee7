// Whether the trials of a study fit into memory side by side.
#pragma once

#include <cstdint>
#include <span>

#include "train/training_options.hpp"

namespace etalon::cli {

// Throws InputError, which says what would fit, unless `jobs` trainings (0: one per processor) at
// the largest of the batch sizes fit into what is free.
void check_memory(const TrainingOptions& training, const ModelSpec& model,
                  std::span<const std::int64_t> batch_sizes, std::int64_t jobs);

}  // namespace etalon::cli
