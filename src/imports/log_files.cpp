#include "imports/log_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 2'000'000;

// Code, environments and weights: many files, and no logs.
bool is_no_place_of_logs(const fs::path& directory) {
  static const std::set<std::string> kNames = {".git",          "node_modules", "__pycache__",
                                               "site-packages", ".venv",        "venv"};
  return kNames.contains(directory.filename().string());
}

const LogReader* reader_of(const fs::path& file, const LogReader* only) {
  for (const LogReader& reader : log_readers()) {
    const bool is_asked = only == nullptr || &reader == only || reader.reads_settings_alone;
    if (is_asked && reader.recognizes(file)) return &reader;
  }
  return nullptr;
}

std::vector<fs::path> files_below(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code error;
  using fs::directory_options;
  fs::recursive_directory_iterator each(directory, directory_options::skip_permission_denied,
                                        error);
  for (; !error && each != fs::recursive_directory_iterator(); each.increment(error)) {
    std::error_code ignored;
    if (each->is_directory(ignored)) {
      if (is_no_place_of_logs(each->path())) each.disable_recursion_pending();
    } else if (each->is_regular_file(ignored)) {
      files.push_back(each->path());
    }
    if (files.size() > kMostFiles) {
      throw InputError(fmt::format("there are more than {} files", kMostFiles), directory.string(),
                       "name a directory of runs alone");
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

const LogReader* find_reader(const std::string& name) {
  if (name.empty()) return nullptr;
  std::vector<std::string_view> names;
  for (const LogReader& reader : log_readers()) {
    if (reader.name == name) return &reader;
    names.push_back(reader.name);
  }
  throw InputError(
      fmt::format("{} is '{}', which is no form of logs", field_name("from"), shortened(name)), "",
      fmt::format("say one of {}", fmt::join(names, ", ")));
}

std::vector<LogFile> find_log_files(const fs::path& path, const LogReader* only) {
  std::error_code ignored;
  std::vector<LogFile> found;
  if (!fs::is_directory(path, ignored)) {
    const LogReader* reader = only != nullptr ? only : reader_of(path, nullptr);
    if (reader != nullptr) found.push_back({path, reader});
    return found;
  }
  for (const fs::path& file : files_below(path)) {
    if (const LogReader* reader = reader_of(file, only)) found.push_back({file, reader});
  }
  return found;
}

}  // namespace etalon
