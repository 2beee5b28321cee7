// Files that are mapped, not read: what of them is in memory is the system's affair, and a set may
// be larger than it. Whoever shortens a file that is in use ends the process (SIGBUS).
#pragma once

#include <cstdint>
#include <filesystem>

#include "data/shared_array.hpp"

namespace etalon {

// The bytes of a file. Throws `InputError` for what is no regular file or cannot be opened.
SharedArray<std::uint8_t> map_file(const std::filesystem::path& path);

// The same, unpacked into memory where the file is gzipped.
SharedArray<std::uint8_t> map_or_unpack(const std::filesystem::path& path);

}  // namespace etalon
