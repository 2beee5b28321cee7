// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace etalon {

// Bytes that the system can give without swapping, or fewer where the process's control group
// leaves fewer; empty where the system does not say.
std::optional<std::int64_t> available_memory();

// The files of a control group of Linux that tell its memory, of version 1 or 2.
struct ControlGroup {
  std::filesystem::path directory;
  const char *limit, *used;  // names of files with bytes; the limit may be "max", for none
};

// Bytes that the group's limit leaves, with the pages of files that it holds and would give back;
// empty where it has no limit.
std::optional<std::int64_t> memory_left_in(const ControlGroup& group);

// "12.3 MB", "1.40 GB".
std::string bytes_text(std::int64_t bytes);

}  // namespace etalon
