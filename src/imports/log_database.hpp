// SQLite databases of other tools, opened for reading in whatever state a process left them.
//
// Only real tables count: a view, a virtual table or a generated column may compute forever.
#pragma once

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace etalon {

// Whether the file is a database that has these tables, or one that cannot be opened but says so in
// its first bytes. Never throws.
bool is_database_with(const std::filesystem::path& file, const std::vector<std::string>& tables);

// Calls `read` with the database. Throws InputError where it is damaged or none, RunError where
// another program keeps it locked.
void read_log_database(const std::filesystem::path& file,
                       const std::function<void(SQLite::Database& database)>& read);

// The names of a table's columns; none where there is no such table.
std::set<std::string> columns_of(SQLite::Database& database, const std::string& table);

// Throws, as for damage, unless the table has these columns.
void need_columns(SQLite::Database& database, const std::string& table,
                  const std::vector<std::string>& columns);

// Empty for NULL.
std::string text_in(const SQLite::Column& column);

// Rows that belong to runs, taken run by run, so that no more than one run's are held.
class RowsByRun {
 public:
  using HearRow = std::function<void(SQLite::Statement& row)>;

  // `sql` selects the number of the run first, and orders by it.
  RowsByRun(SQLite::Database& database, const std::string& sql);
  // Hears the rows of a run; those of runs with lower numbers are passed over.
  void hear(std::int64_t run, const HearRow& hear);

 private:
  SQLite::Statement rows_;
  bool is_at_row_ = false;
};

}  // namespace etalon
