// A checkpoint of `etalon train` as what `etalon noise` measures.
#pragma once

#include <optional>
#include <string>

#include "cli/cli11.hpp"
#include "cli/noise_training.hpp"
#include "train/trained_weights.hpp"

namespace etalon::cli {

// Throws InputError for a file that cannot be read or is no checkpoint.
TrainedWeights read_trained_weights(const std::string& path);

// A setting that is a number; empty where there is none of that name. `place` names the file.
std::optional<double> number_setting(const TrainedWeights& trained, const std::string& name,
                                     const std::string& place);

// Settings of the checkpoint, of data, model and optimizer, that no flag was given for. Throws
// InputError for flags of a training, which a checkpoint is measured without.
void take_settings(const CLI::App& app, const TrainedWeights& trained, NoiseTrainingFlags& flags);

}  // namespace etalon::cli
