// What a file is that holds no runs as etalon reads them, and what to do about it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace etalon {

// Whether a file is an SQLite database, by its first bytes. A pipe is none, and would lose what is
// read of it.
bool is_database(const std::filesystem::path& path);

// What in a directory may be meant, by its path: tables, and directories of studies. In order of
// name; of thousands the first that are come upon.
std::vector<std::string> candidates_in(const std::filesystem::path& directory);

// Throws InputError for a directory without a study, naming what in it was probably meant.
[[noreturn]] void refuse_directory(const std::filesystem::path& path);

}  // namespace etalon
