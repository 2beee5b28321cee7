#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string_view>
#include <thread>

#include "core/text.hpp"
#include "etalon/report.hpp"
#include "etalon/version.hpp"

namespace etalon {
namespace {

// The value of the first line of `path` that starts with `key`, after the separator; empty if none.
std::string value_in_file(const char* path, std::string_view key, char separator) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(key)) continue;
    const auto at = line.find(separator);
    if (at == std::string::npos) continue;
    const auto first = line.find_first_not_of(" \t\"", at + 1);
    const auto last = line.find_last_not_of(" \t\"");
    if (first == std::string::npos || last < first) return {};
    return line.substr(first, last - first + 1);
  }
  return {};
}

std::string operating_system() {
  std::string name = value_in_file("/etc/os-release", "PRETTY_NAME", '=');
  utsname system{};
  if (uname(&system) != 0) return name.empty() ? "unknown" : name;
  const std::string kernel =
      fmt::format("{} {} {}", system.sysname, system.release, system.machine);
  return name.empty() ? kernel : fmt::format("{}, {}", name, kernel);
}

Machine this_machine() {
  Machine machine;
  machine.cpu_model = value_in_file("/proc/cpuinfo", "model name", ':');
  if (machine.cpu_model.empty()) machine.cpu_model = "unknown";
  machine.processors = std::thread::hardware_concurrency();
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && page_bytes > 0) machine.memory_bytes = std::int64_t{pages} * page_bytes;
  machine.operating_system = operating_system();
  return machine;
}

std::string compiler() {
#if defined(__clang__)
  return fmt::format("clang++ {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
  return fmt::format("g++ {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
  return "unknown";
#endif
}

}  // namespace

Provenance collect_provenance(std::span<const std::string> arguments, std::string onednn_version,
                              const StudyOptions& options) {
  Provenance provenance;
  for (const std::string& argument : arguments) {
    if (!provenance.command_line.empty()) provenance.command_line += ' ';
    provenance.command_line += shell_quote(argument);
  }
  provenance.reproduce_command = provenance.command_line;
  provenance.etalon_version = version();
  provenance.compiler = compiler();
  provenance.onednn_version = std::move(onednn_version);
  provenance.machine = this_machine();
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  provenance.started_utc = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now));
  for (std::int64_t i = 0; i < options.seeds; ++i) {
    provenance.seeds.push_back(options.first_seed + static_cast<std::uint64_t>(i));
  }
  provenance.jobs = options.jobs > 0 ? options.jobs : provenance.machine.processors;
  return provenance;
}

}  // namespace etalon
