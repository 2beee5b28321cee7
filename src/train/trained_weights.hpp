// The weights in a checkpoint of `etalon train`, with what names the data and the model that they
// are of: for measuring at them, where the rest of the training is not asked about.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/aligned_vector.hpp"
#include "train/training_options.hpp"

namespace etalon {

struct TrainedWeights {
  std::map<std::string, std::string> settings;  // as docs/checkpoint.md has them
  std::int64_t steps = 0;
  double lr = 0.0;  // of the last update
  AlignedVector weights;

  // Throws InputError where these data and this model are others than the checkpoint's, naming the
  // first setting that differs. `place` names the file.
  void check_are_of(const TrainingOptions& options, const TrainingData& data,
                    const std::string& place) const;
};

// Throws InputError for bytes that are no checkpoint of a training.
TrainedWeights trained_weights(std::string_view checkpoint, const std::string& place);

}  // namespace etalon
