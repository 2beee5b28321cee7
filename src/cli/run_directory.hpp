// Where the runs of one call of a command go.
#pragma once

#include <filesystem>

namespace etalon::cli {

// A directory for this process below `parent`, which is made; the directory itself is not. Throws
// InputError naming --out where that cannot be.
std::filesystem::path run_directory_in(const std::filesystem::path& parent);

}  // namespace etalon::cli
