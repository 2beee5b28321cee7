// Files that are either whole or not there: written under another name in the same directory,
// flushed to the disk, then renamed over the old one.
#pragma once

#include <filesystem>
#include <string_view>

namespace etalon {

// Throws RunError naming the file when it cannot be written (a full disk, no permission); whatever
// was at `path` before is then unchanged and nothing else is left behind. `flag` is the one that
// chose the place, for the message.
void write_file_atomically(const std::filesystem::path& path, std::string_view contents,
                           std::string_view flag = "--out");

}  // namespace etalon
