#include "runs/study_runs.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <utility>

#include "etalon/error.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "SQLite format 3";
constexpr int kBusyMilliseconds = 10000;

// What a trial may set beside its learning rate.
constexpr std::string_view kOverrides[] = {"momentum", "beta1", "beta2", "eps", "weight_decay"};

// Keeps what a sweep needs of the trials, under the names of a study's CSV.
Table keep_sweep(const Table& all) {
  Table kept{all.name, {"batch_size", "lr", "seed", "state", "objective"}, {}, {}};
  std::vector<std::size_t> from, overrides;
  for (const std::string& column : kept.columns) {
    const auto found = all.find_column(column);
    if (!found) {
      throw InputError(fmt::format("there is no column '{}'", column), all.name,
                       "name what etalon study wrote, or a file of runs");
    }
    from.push_back(*found);
  }
  for (const std::string_view column : kOverrides) {
    if (const auto found = all.find_column(column)) overrides.push_back(*found);
  }
  for (std::size_t i = 0; i < all.rows.size(); ++i) {
    const auto& row = all.rows[i];
    const bool is_recipe = std::any_of(overrides.begin(), overrides.end(),
                                       [&](std::size_t column) { return !row[column].empty(); });
    if (is_recipe) continue;
    auto& target = kept.rows.emplace_back();
    for (const std::size_t column : from) target.push_back(row[column]);
    kept.lines.push_back(all.lines[i]);
  }
  return kept;
}

void append_rows(SQLite::Database& database, const std::string& query, Table& table) {
  SQLite::Statement select(database, query);
  if (table.columns.empty()) {
    for (int i = 0; i < select.getColumnCount(); ++i) {
      table.columns.emplace_back(select.getColumnName(i));
    }
  }
  while (select.executeStep()) {
    auto& row = table.rows.emplace_back();
    for (int i = 0; i < select.getColumnCount(); ++i) {
      const SQLite::Column value = select.getColumn(i);
      row.push_back(value.isFloat() ? fmt::format("{}", value.getDouble()) : value.getString());
    }
    table.lines.push_back(table.rows.size());
  }
}

Table read_database(const fs::path& path) {
  try {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY, kBusyMilliseconds);
    Table table{path.string(), {}, {}, {}};
    if (database.tableExists("trials")) {
      append_rows(database, "SELECT * FROM trials ORDER BY id", table);
      table = keep_sweep(table);
    }
    if (database.tableExists("suggestions")) {
      append_rows(database,
                  "SELECT batch_size, lr, seed, state, loss AS objective FROM suggestions "
                  "WHERE state IN ('finished', 'diverged') ORDER BY id",
                  table);
    }
    if (table.columns.empty()) {
      throw InputError("this is not a study file", path.string(), "name one with trials");
    }
    return table;
  } catch (const SQLite::Exception& exception) {
    throw InputError(fmt::format("the study cannot be read: {}", exception.what()), path.string(),
                     "check that it is a study file and not damaged");
  }
}

// A pipe is none, and would lose what is read of it.
bool is_database(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return false;
  std::ifstream input(path, std::ios::binary);
  std::string start(kMagic.size(), '\0');
  return input.read(start.data(), std::ssize(start)) && start == kMagic;
}

std::optional<std::string> text_of(SQLite::Database& database, const std::string& table,
                                   const std::string& key) {
  if (!database.tableExists(table)) return std::nullopt;
  SQLite::Statement select(database, "SELECT value FROM " + table + " WHERE key = ?");
  select.bind(1, key);
  if (!select.executeStep()) return std::nullopt;
  return select.getColumn(0).getString();
}

std::optional<std::string> optimizer_of_database(const fs::path& path) {
  try {
    SQLite::Database database(path.string(), SQLite::OPEN_READONLY, kBusyMilliseconds);
    if (auto given = text_of(database, "meta", "suggest.update")) return given;
    return text_of(database, "settings", "optimizer");
  } catch (const SQLite::Exception&) {
    return std::nullopt;  // reading its runs says what is wrong
  }
}

std::optional<std::string> optimizer_of_summary(const fs::path& path) {
  std::ifstream input(path, std::ios::binary);
  const auto summary = nlohmann::json::parse(input, nullptr, false);
  const nlohmann::json::json_pointer place("/study/settings/optimizer");
  if (!summary.is_object() || !summary.contains(place)) return std::nullopt;
  const auto& optimizer = summary[place];
  return optimizer.is_string() ? std::optional(optimizer.get<std::string>()) : std::nullopt;
}

}  // namespace

std::optional<std::string> study_optimizer(const fs::path& path) {
  std::error_code ignored;
  if (is_database(path)) return optimizer_of_database(path);
  const bool is_directory = fs::is_directory(path, ignored);
  if (is_directory && is_database(path / "study.db")) {
    return optimizer_of_database(path / "study.db");
  }
  if (is_directory) return optimizer_of_summary(path / "summary.json");
  if (path.filename() != "trials.csv") return std::nullopt;
  return optimizer_of_summary(path.parent_path() / "summary.json");
}

Table read_runs(const fs::path& path) {
  std::error_code ignored;
  Table table;
  if (path == "-") {
    table = read_table(std::cin, "standard input");
  } else if (fs::is_directory(path, ignored)) {
    table = fs::exists(path / "study.db", ignored) ? read_database(path / "study.db")
                                                   : keep_sweep(read_table(path / "trials.csv"));
  } else {
    table = is_database(path) ? read_database(path) : read_table(path);
  }
  if (table.rows.empty()) throw InputError("there are no runs", table.name, "run some trials");
  return table;
}

}  // namespace etalon
