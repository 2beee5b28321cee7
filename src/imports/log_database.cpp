#include "imports/log_database.hpp"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <exception>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "imports/log_text.hpp"
#include "store/study_reader.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr int kBusyMilliseconds = 5'000;
constexpr std::size_t kBeginning = std::size_t{64} << 10;

[[noreturn]] void refuse_database(const SQLite::Exception& exception, const fs::path& file) {
  const std::string what = printable(exception.what());
  switch (exception.getErrorCode() & 0xff) {  // the code without its extension
    case SQLITE_BUSY:
      throw RunError("another program keeps the database locked", file.string(),
                     "close it and run again");
    case SQLITE_NOTADB:
      throw InputError("this is no SQLite database", file.string(), "leave it out");
    default:
      throw InputError(fmt::format("the database cannot be read ({})", what), file.string(),
                       "restore it, or leave it out");
  }
}

bool has_tables(const fs::path& file, const std::vector<std::string>& tables) {
  StudyReader reader(file, kBusyMilliseconds);
  return std::all_of(tables.begin(), tables.end(), [&](const std::string& table) {
    return !columns_of(reader.database(), table).empty();
  });
}

bool names_tables(const fs::path& file, const std::vector<std::string>& tables) {
  const std::string text = read_beginning(file, kBeginning);
  return std::all_of(tables.begin(), tables.end(), [&](const std::string& table) {
    return text.find(' ' + table + " (") != std::string::npos;
  });
}

}  // namespace

bool is_database_with(const fs::path& file, const std::vector<std::string>& tables) {
  if (!read_beginning(file, 16).starts_with("SQLite format 3")) return false;
  try {
    return has_tables(file, tables);
  } catch (const std::exception&) {
    return names_tables(file, tables);
  }
}

void read_log_database(const fs::path& file,
                       const std::function<void(SQLite::Database& database)>& read) {
  try {
    StudyReader reader(file, kBusyMilliseconds);
    read(reader.database());
  } catch (const SQLite::Exception& exception) {
    refuse_database(exception, file);
  }
}

std::set<std::string> columns_of(SQLite::Database& database, const std::string& table) {
  SQLite::Statement select(
      database,
      "SELECT name FROM pragma_table_info(?1) WHERE EXISTS (SELECT 1 FROM sqlite_master "
      "WHERE name = ?1 AND type = 'table' AND rootpage > 0)");
  select.bind(1, table);
  std::set<std::string> columns;
  while (select.executeStep()) columns.insert(select.getColumn(0).getString());
  return columns;
}

void need_columns(SQLite::Database& database, const std::string& table,
                  const std::vector<std::string>& columns) {
  const std::set<std::string> there = columns_of(database, table);
  for (const std::string& column : columns) {
    if (there.contains(column)) continue;
    throw SQLite::Exception(fmt::format("its table {} lacks the column {}", table, column),
                            SQLITE_ERROR);
  }
}

std::string text_in(const SQLite::Column& column) {
  return column.isNull() ? std::string() : column.getString();
}

RowsByRun::RowsByRun(SQLite::Database& database, const std::string& sql)
    : rows_(database, sql), is_at_row_(rows_.executeStep()) {}

void RowsByRun::hear(std::int64_t run, const HearRow& hear) {
  for (; is_at_row_; is_at_row_ = rows_.executeStep()) {
    const std::int64_t owner = rows_.getColumn(0).getInt64();
    if (owner > run) return;
    if (owner == run) hear(rows_);
  }
}

}  // namespace etalon
