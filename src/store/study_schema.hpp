// The tables of a study file, and how a failure of SQLite reads.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "etalon/store.hpp"

namespace etalon {

// Throws the `InputError` (not a study, damaged) or `RunError` (the disk) that fits the exception.
[[noreturn]] void rethrow_sqlite(const SQLite::Exception& exception,
                                 const std::filesystem::path& path);

// Calls `function`, with SQLite's exceptions turned into ours.
template <typename Function>
auto with_sqlite(const std::filesystem::path& path, Function&& function) {
  try {
    return std::forward<Function>(function)();
  } catch (const SQLite::Exception& exception) {
    rethrow_sqlite(exception, path);
  }
}

// Whether the database is untouched, as SQLite makes it: a study killed before it began.
bool is_blank(SQLite::Database& database);

// Throws `InputError` unless the database says that it is a study of a version that we read.
void check_format(SQLite::Database& database, const std::filesystem::path& path);

// The same, and that it is undamaged.
void check_schema(SQLite::Database& database, const std::filesystem::path& path);

// Makes the tables and stores the fingerprint, in one transaction. False when another process has
// made a study of it meanwhile.
bool create_schema(SQLite::Database& database, const Fingerprint& fingerprint);

// Brings a study of an earlier format to the present one, in one transaction.
void upgrade_schema(SQLite::Database& database);

Fingerprint read_fingerprint(SQLite::Database& database);
std::map<std::string, std::string> read_meta(SQLite::Database& database);

}  // namespace etalon
