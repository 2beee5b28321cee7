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

// The reader that `name` names; null where that is empty. Throws InputError of field "from",
// with the names that there are.
const LogReader* find_reader(const std::string& name);

// `path` itself, or the files below it in the order of their paths; links to directories are not
// followed. Readers of logs other than `only` are not asked, where one is given; of a file, `only`
// is not asked either. Throws InputError where there are more than two million files.
std::vector<LogFile> find_log_files(const std::filesystem::path& path, const LogReader* only);

}  // namespace etalon
