// Which files below a directory are logs, and whose.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imports/log_reader.hpp"

namespace etalon {

struct LogFile {
  std::filesystem::path path;
  const LogReader* reader = nullptr;
};

struct LogFiles {
  std::vector<LogFile> files;
  // Nobody knows whether these are logs: no reader can look inside.
  std::vector<std::filesystem::path> unreadable_files, unreadable_directories;
  bool has_others = false;  // files that can be read and are no logs

  bool are_barred() const { return !unreadable_files.empty() || !unreadable_directories.empty(); }
};

// The reader that `name` names; null where that is empty. Throws InputError of field "from", with
// the names that there are: those of settings alone are none, since they are read anyway.
const LogReader* find_reader(const std::string& name);

// `path` itself, or the files below it in the order of their paths; links to directories are not
// followed. Readers of logs other than `only` are not asked, where one is given; of a file, `only`
// is not asked either. Throws InputError where there are more than two million files.
LogFiles find_log_files(const std::filesystem::path& path, const LogReader* only);

}  // namespace etalon
