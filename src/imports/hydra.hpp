// What Hydra writes below each run: .hydra/config.yaml, and the overrides of the command line,
// which win. Settings of the directory above `.hydra`; hydra.yaml is Hydra's own.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_hydra_config(const std::filesystem::path& file);
void read_hydra_config(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
