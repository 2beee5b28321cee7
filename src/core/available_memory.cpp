#include "core/available_memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <initializer_list>
#include <string_view>

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

std::optional<std::int64_t> number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::int64_t value = 0;
  return file >> value ? std::optional(value) : std::nullopt;  // "max" is no number
}

// What a group's memory.stat has of `names`, together: lines of a name and bytes.
std::int64_t counted(const std::filesystem::path& file,
                     std::initializer_list<std::string_view> names) {
  std::ifstream counts(file);
  std::string name;
  std::int64_t value = 0, sum = 0;
  while (counts >> name >> value) {
    if (std::ranges::find(names, name) != names.end()) sum += value;
  }
  return sum;
}

}  // namespace

std::optional<std::int64_t> memory_left_in(const ControlGroup& group) {
  const auto most = number_in(group.directory / group.limit);
  const auto used = number_in(group.directory / group.used);
  if (!most || !used) return std::nullopt;
  // Pages of files are given back as soon as somebody needs them.
  const std::int64_t of_files =
      counted(group.directory / "memory.stat", {"inactive_file", "active_file"});
  return std::clamp<std::int64_t>(*most - *used + of_files, 0, *most);
}

std::optional<std::int64_t> available_memory() {
  std::optional<std::int64_t> least = system_memory();
  for (const ControlGroup& group :
       {ControlGroup{"/sys/fs/cgroup", "memory.max", "memory.current"},
        ControlGroup{"/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"}}) {
    const auto left = memory_left_in(group);
    if (left && (!least || *left < *least)) least = left;
  }
  return least;
}

std::string bytes_text(std::int64_t bytes) {
  const auto size = static_cast<double>(bytes);
  return size < 1e9 ? fmt::format("{:.1f} MB", size * 1e-6) : fmt::format("{:.2f} GB", size * 1e-9);
}

}  // namespace etalon
