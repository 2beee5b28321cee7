// Databases of other tools, told from a study's by their tables.
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>

namespace etalon {

// Throws InputError for an SQLite database that is no study, naming the tool whose it is and what
// reads it, or its tables.
[[noreturn]] void refuse_foreign_database(SQLite::Database& database,
                                          const std::filesystem::path& path);

}  // namespace etalon
