// What W&B leaves of a run as text, for a run whose .wandb file is gone:
//
//   files/config.yaml          {NAME: {value: ...}}
//   files/wandb-summary.json   the last value of every metric, and _step
//
// They are parts of the run in the directory above files/. A summary alone, as people keep it, is
// of the run in its own directory.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_wandb_text(const std::filesystem::path& file);
void read_wandb_text(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
