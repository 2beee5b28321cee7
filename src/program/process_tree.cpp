#include "program/process_tree.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace etalon {
namespace {

// "17 (name, which may hold anything) S 12 ...": the parent is the second field after the name.
std::optional<pid_t> parent_of(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  std::getline(file, text, '\0');
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= text.size()) return std::nullopt;
  pid_t parent = 0;
  const char* first = text.data() + name_end + 4;
  if (std::from_chars(first, text.data() + text.size(), parent).ec != std::errc{}) return {};
  return parent;
}

// Every process there is, as its directory of /proc.
std::vector<std::pair<pid_t, std::filesystem::path>> all_processes() {
  std::vector<std::pair<pid_t, std::filesystem::path>> all;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    pid_t process = 0;
    const auto [last, bad] = std::from_chars(name.data(), name.data() + name.size(), process);
    if (bad == std::errc{} && last == name.data() + name.size()) {
      all.emplace_back(process, entry->path());
    }
  }
  return all;
}

std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> children;
  for (const auto& [process, path] : all_processes()) {
    if (const auto parent = parent_of(path)) children.emplace(*parent, process);
  }
  return children;
}

bool has_variable(const std::filesystem::path& process, const std::string& setting) {
  std::ifstream file(process / "environ", std::ios::binary);
  for (std::string entry; std::getline(file, entry, '\0');) {
    if (entry == setting) return true;
  }
  return false;
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t root) {
  const auto children = children_by_parent();
  std::vector<pid_t> found = {root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [first, last] = children.equal_range(found[i]);
    for (auto child = first; child != last; ++child) found.push_back(child->second);
  }
  found.erase(found.begin());
  return found;
}

std::vector<pid_t> processes_of_attempt(const std::filesystem::path& directory) {
  const std::string setting = std::string(kAttemptVariable) + '=' + directory.string();
  std::vector<pid_t> found;
  for (const auto& [process, path] : all_processes()) {
    if (has_variable(path, setting)) found.push_back(process);
  }
  return found;
}

}  // namespace etalon
