// A run that W&B left on the disk, wandb/run-DATE-ID/ or wandb/offline-run-DATE-ID/: its .wandb
// file, or what there is of it as text.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_wandb_run(const std::filesystem::path& file);
void read_wandb_run(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
