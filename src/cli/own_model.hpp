// A model out of a file, which may change or go while it is trained, and after.
#pragma once

#include <optional>
#include <string>

#include "etalon/workload.hpp"
#include "train/training_options.hpp"

namespace etalon::cli {

// Reads the file of `training.model`, where it is one, into `training.layers`, so that the whole
// command trains the same. Throws InputError for a file that cannot be read.
void keep_layers(TrainingOptions& training);

// The same for what goes on: where the file is gone or has changed, which is said, the layers are
// those of `stored`, the canonical text that it began with. A file with another model's name is not
// taken for it. `what` goes on: "study".
void keep_layers(TrainingOptions& training, const std::optional<std::string>& stored,
                 const char* what);

// Writes the layers of `info`, where it has any, to model.toml in the directory `out`, and returns
// that path, else "". A file that `training` names itself stays as it is.
std::string write_model(const WorkloadInfo& info, const TrainingOptions& training,
                        const std::string& out);

}  // namespace etalon::cli
