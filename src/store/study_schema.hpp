// The tables of a study file: made, checked, brought up from earlier formats, and read.
//
// docs/study-file.md documents them. Functions throw SQLite's exceptions, and `InputError` for a
// file that is not what it should be.
#pragma once

#include <SQLiteCpp/Database.h>

#include <filesystem>
#include <map>
#include <string>

#include "etalon/store.hpp"

namespace etalon {

// Whether the database is untouched, as SQLite makes it: a study killed before it began.
bool is_blank(SQLite::Database& database);

int format_of(SQLite::Database& database);

// Throws `InputError` unless the database says that it is a study of a format that we read and has
// that format's tables: real ones, not views or virtual tables that may compute forever.
void check_format(SQLite::Database& database, const std::filesystem::path& path);

// The same, and that SQLite finds it undamaged, which takes a while for a large one.
void check_undamaged(SQLite::Database& database, const std::filesystem::path& path);

// Makes the tables and stores the fingerprint, in one transaction. False when another process has
// made a study of it meanwhile.
bool create_schema(SQLite::Database& database, const Fingerprint& fingerprint);

bool needs_upgrade(SQLite::Database& database);
// Brings a study of an earlier format to the present one, in one transaction.
void upgrade_schema(SQLite::Database& database);

Fingerprint read_fingerprint(SQLite::Database& database);
std::map<std::string, std::string> read_meta(SQLite::Database& database);

}  // namespace etalon
