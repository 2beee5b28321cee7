// How much memory this process may still take.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace etalon {

// Bytes that the system can give without swapping, or fewer where the process's control group
// leaves fewer; empty where the system does not say.
std::optional<std::int64_t> available_memory();

// "12.3 MB", "1.40 GB".
std::string bytes_text(std::int64_t bytes);

}  // namespace etalon
