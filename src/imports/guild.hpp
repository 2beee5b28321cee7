// What guild keeps of a run in <run>/.guild/attrs: `flags`, the settings, as YAML; and exit_status.
// Both are parts of the directory above `.guild`.
#pragma once

#include "imports/log_reader.hpp"

namespace etalon {

bool is_guild_attribute(const std::filesystem::path& file);
void read_guild_attribute(const std::filesystem::path& file, const HearRun& hear);

}  // namespace etalon
