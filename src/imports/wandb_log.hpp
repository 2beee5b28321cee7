// A run's .wandb file: its configuration as settings, its history as curves, by W&B's own step;
// what is in its summary alone as the one point of a curve, at the last step.
//
// The state is "finished" or "failed", by the exit code; "" where the file ends before one.
// Messages are those of wandb/proto/wandb_internal.proto.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_wandb_log(const std::filesystem::path& file);
// The run lies in the directory of the file.
void read_wandb_log(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
