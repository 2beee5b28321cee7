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

// The texts of a file of /proc that ends each with a zero.
std::vector<std::string> texts_in(const std::filesystem::path& path) {
  std::vector<std::string> texts;
  std::ifstream file(path, std::ios::binary);
  for (std::string text; std::getline(file, text, '\0');) texts.push_back(text);
  return texts;
}

// The attempt within which a process was started; empty: none.
std::filesystem::path attempt_of(const std::filesystem::path& process) {
  const std::string name = std::string(kAttemptVariable) + '=';
  for (const std::string& setting : texts_in(process / "environ")) {
    if (setting.starts_with(name)) return setting.substr(name.size());
  }
  return {};
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
  return processes_by_attempt()[directory];
}

std::map<std::filesystem::path, std::vector<pid_t>> processes_by_attempt() {
  std::map<std::filesystem::path, std::vector<pid_t>> found;
  for (const auto& [process, path] : all_processes()) {
    const auto attempt = attempt_of(path);
    if (!attempt.empty()) found[attempt].push_back(process);
  }
  return found;
}

std::vector<pid_t> supervisors_of(const std::filesystem::path& directory) {
  std::vector<pid_t> found;
  for (const auto& [process, path] : all_processes()) {
    const auto arguments = texts_in(path / "cmdline");
    const std::size_t count = arguments.size();
    if (count < 3 || arguments[count - 1] != directory.string()) continue;
    if (arguments[count - 2] == kSuperviseCommand) found.push_back(process);
  }
  return found;
}

}  // namespace etalon
