#include "store/foreign_database.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostTables = 5;

struct ForeignTool {
  const char* name;
  std::vector<std::string> tables;  // that together are its own
  const char* what_to_do;
};

const std::vector<ForeignTool>& foreign_tools() {
  static const std::vector<ForeignTool> kTools = {
      {"Optuna",
       {"studies", "trials", "trial_params"},
       "etalon fit reads its trials, and etalon report shows them"},
      {"MLflow",
       {"runs", "metrics", "params"},
       "etalon fit reads its runs, and etalon report shows them"},
  };
  return kTools;
}

std::set<std::string> tables_in(SQLite::Database& database) {
  SQLite::Statement select(database, "SELECT name FROM sqlite_master WHERE type = 'table'");
  std::set<std::string> tables;
  while (select.executeStep()) tables.insert(select.getColumn(0).getString());
  return tables;
}

std::string list_of_tables(const std::set<std::string>& tables) {
  std::vector<std::string> shown;
  for (const std::string& name : tables) {
    if (shown.size() < kMostTables) shown.push_back(shortened(name, 40));
  }
  const bool is_cut = shown.size() < tables.size();
  return fmt::format("{}{}", fmt::join(shown, ", "), is_cut ? ", ..." : "");
}

}  // namespace

void refuse_foreign_database(SQLite::Database& database, const std::filesystem::path& path) {
  const std::set<std::string> tables = tables_in(database);
  for (const ForeignTool& tool : foreign_tools()) {
    const bool is_its_own =
        std::all_of(tool.tables.begin(), tool.tables.end(),
                    [&](const std::string& table) { return tables.contains(table); });
    if (!is_its_own) continue;
    throw InputError(fmt::format("this is a database of {}, not a study's", tool.name),
                     path.string(), tool.what_to_do);
  }
  if (tables.empty()) {
    throw InputError("this is an SQLite file without tables, not a study", path.string(),
                     "choose another, or restore the file");
  }
  throw InputError(fmt::format("this is an SQLite database, but not a study's; its tables are {}",
                               list_of_tables(tables)),
                   path.string(), "export its runs to CSV, and fit that");
}

}  // namespace etalon
