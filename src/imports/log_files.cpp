#include "imports/log_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

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

[[noreturn]] void refuse_settings(const std::string& name) {
  throw InputError(
      fmt::format("{} is '{}', which holds the settings of runs alone", field_name("from"), name),
      "", "leave it out: settings are read beside any logs");
}

// A user's rights in effect, which a program may have given up some of.
bool has_rights(const fs::path& path, int rights) {
  return ::faccessat(AT_FDCWD, path.c_str(), rights, AT_EACCESS) == 0;
}

// The files below a directory, and what stands in the way of finding them.
class FileWalk {
 public:
  explicit FileWalk(const fs::path& directory) {
    if (enter(directory)) walk(directory);
    std::sort(files.begin(), files.end());
    std::sort(barred.begin(), barred.end());
  }

  std::vector<fs::path> files;
  std::vector<fs::path> barred;  // directories

 private:
  void walk(const fs::path& directory) {
    std::error_code error;
    fs::recursive_directory_iterator each(directory, error);
    if (error) barred.push_back(directory);
    for (fs::path at = directory; each != fs::recursive_directory_iterator();) {
      at = each->path();
      take(each);
      check_count(directory);
      each.increment(error);
      if (error) barred.push_back(at.parent_path());  // the rest of it is not known
    }
  }

  void take(fs::recursive_directory_iterator& each) {
    std::error_code ignored;
    if (each->is_directory(ignored)) {
      const bool is_entered = each->is_symlink(ignored) || enter(each->path());
      if (!is_entered) each.disable_recursion_pending();
    } else if (each->is_regular_file(ignored)) {
      files.push_back(each->path());
    }
  }

  bool enter(const fs::path& directory) {
    if (is_no_place_of_logs(directory)) return false;
    if (has_rights(directory, R_OK | X_OK)) return true;
    barred.push_back(directory);
    return false;
  }

  void check_count(const fs::path& directory) const {
    if (files.size() <= kMostFiles) return;
    throw InputError(fmt::format("there are more than {} files", kMostFiles), directory.string(),
                     "name a directory of runs alone");
  }
};

}  // namespace

const LogReader* find_reader(const std::string& name) {
  if (name.empty()) return nullptr;
  std::vector<std::string_view> names;
  for (const LogReader& reader : log_readers()) {
    if (reader.name == name && reader.reads_settings_alone) refuse_settings(name);
    if (reader.name == name) return &reader;
    if (!reader.reads_settings_alone) names.push_back(reader.name);
  }
  throw InputError(
      fmt::format("{} is '{}', which is no form of logs", field_name("from"), shortened(name)), "",
      fmt::format("say one of {}", fmt::join(names, ", ")));
}

LogFiles find_log_files(const fs::path& path, const LogReader* only) {
  std::error_code ignored;
  LogFiles found;
  if (!fs::is_directory(path, ignored)) {
    const LogReader* reader = only != nullptr ? only : reader_of(path, nullptr);
    if (reader != nullptr) found.files.push_back({path, reader});
    return found;
  }
  FileWalk walk(path);
  found.unreadable_directories = std::move(walk.barred);
  for (fs::path& file : walk.files) {
    if (!has_rights(file, R_OK)) {
      found.unreadable_files.push_back(std::move(file));
    } else if (const LogReader* reader = reader_of(file, only)) {
      found.files.push_back({std::move(file), reader});
    } else {
      found.has_others = true;
    }
  }
  return found;
}

}  // namespace etalon
