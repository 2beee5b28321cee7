#include "core/available_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

namespace etalon {
namespace {

// MemAvailable of /proc/meminfo, which is in kilobytes.
std::optional<std::int64_t> system_memory() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  std::int64_t value = 0;
  while (file >> name >> value) {
    std::getline(file, unit);
    if (name == "MemAvailable:") return value * 1024;
  }
  return std::nullopt;
}

std::optional<std::int64_t> number_in(const char* path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;  // "max" is no number
}

std::optional<std::int64_t> left_of(const char* limit, const char* used) {
  const auto most = number_in(limit), taken = number_in(used);
  if (!most || !taken) return std::nullopt;
  return std::max<std::int64_t>(*most - *taken, 0);
}

}  // namespace

std::optional<std::int64_t> available_memory() {
  std::optional<std::int64_t> least = system_memory();
  for (const auto& left : {left_of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
                           left_of("/sys/fs/cgroup/memory/memory.limit_in_bytes",
                                   "/sys/fs/cgroup/memory/memory.usage_in_bytes")}) {
    if (left && (!least || *left < *least)) least = left;
  }
  return least;
}

std::string bytes_text(std::int64_t bytes) {
  const auto size = static_cast<double>(bytes);
  return size < 1e9 ? fmt::format("{:.1f} MB", size * 1e-6) : fmt::format("{:.2f} GB", size * 1e-9);
}

}  // namespace etalon
