#include "store/study_schema.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>
#include <string_view>
#include <vector>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "store/foreign_database.hpp"

namespace etalon {
namespace {

constexpr int kApplicationId = 0x4574614c;  // "EtaL"
constexpr int kFormat = 4;

// Documented in docs/study-file.md: change both, with `kFormat`. The bounds are those of
// etalon/bounds.hpp.
constexpr const char* kSettingsTables = R"sql(
CREATE TABLE settings (
  position INTEGER PRIMARY KEY,
  key      TEXT NOT NULL,
  value    TEXT NOT NULL
) STRICT;
CREATE TABLE meta (
  key   TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT;
)sql";

constexpr const char* kTrialsTable = R"sql(
CREATE TABLE trials (
  id                  INTEGER PRIMARY KEY,
  round               INTEGER NOT NULL,
  stage               TEXT NOT NULL CHECK (stage IN ('base', 'rules', 'tuned')),
  batch_size          INTEGER NOT NULL CHECK (batch_size BETWEEN 1 AND 1000000000000000),
  lr                  REAL NOT NULL CHECK (lr BETWEEN 1e-30 AND 1e30),
  seed                INTEGER NOT NULL,
  state               TEXT NOT NULL
    CHECK (state IN ('pending', 'finished', 'diverged', 'pruned', 'failed')),
  objective           REAL CHECK (abs(objective) < 9e999),
  validation_accuracy REAL,
  diverged_step       INTEGER,
  message             TEXT NOT NULL,
  steps               INTEGER NOT NULL,
  wall_seconds        REAL NOT NULL,
  momentum            REAL,
  beta1               REAL,
  beta2               REAL,
  eps                 REAL,
  weight_decay        REAL,
  ema                 REAL,
  attempts            INTEGER NOT NULL DEFAULT 1 CHECK (attempts >= 1),
  train_loss          REAL CHECK (abs(train_loss) < 9e999),
  CHECK (state <> 'finished' OR objective IS NOT NULL)
) STRICT;
)sql";

constexpr const char* kCurveTable = R"sql(
CREATE TABLE curve (
  trial               INTEGER NOT NULL REFERENCES trials (id),
  point               INTEGER NOT NULL,
  step                INTEGER NOT NULL,
  examples            INTEGER NOT NULL,
  epoch               REAL NOT NULL,
  train_loss          REAL,
  validation_loss     REAL,
  validation_accuracy REAL,
  PRIMARY KEY (trial, point)
) STRICT, WITHOUT ROWID;
)sql";

// What is asked of a study of many thousand trials is one of these orders.
constexpr const char* kSuggestionsTable = R"sql(
CREATE TABLE suggestions (
  id          INTEGER PRIMARY KEY,
  batch_size  INTEGER NOT NULL CHECK (batch_size BETWEEN 1 AND 1000000000000000),
  lr          REAL NOT NULL CHECK (lr BETWEEN 1e-30 AND 1e30),
  seed        INTEGER NOT NULL,
  state       TEXT NOT NULL
    CHECK (state IN ('pending', 'finished', 'diverged', 'pruned', 'failed')),
  loss        REAL CHECK (abs(loss) < 9e999),
  asked_at    INTEGER NOT NULL,
  observed_at INTEGER,
  attempts    INTEGER NOT NULL DEFAULT 1 CHECK (attempts >= 1),
  UNIQUE (batch_size, lr, seed),
  CHECK ((state = 'finished') = (loss IS NOT NULL))
) STRICT;
CREATE INDEX suggestions_open ON suggestions (id) WHERE state IN ('pending', 'failed');
CREATE INDEX suggestions_best ON suggestions (batch_size, loss, lr) WHERE state = 'finished';
CREATE INDEX suggestions_diverged ON suggestions (batch_size, lr) WHERE state = 'diverged';
CREATE INDEX suggestions_pruned ON suggestions (id) WHERE state = 'pruned';
)sql";

int read_pragma(SQLite::Database& database, const char* name) {
  return database.execAndGet(fmt::format("PRAGMA {}", name)).getInt();
}

[[noreturn]] void refuse_file(const std::string& what, const std::filesystem::path& path) {
  throw InputError(what, path.string(), "choose another, or restore the file");
}

std::vector<std::string_view> with_moved(std::vector<std::string_view> columns) {
  for (const NamedSetting& setting : kMovableSettings) columns.push_back(setting.name);
  return columns;
}

struct ExpectedTable {
  std::string_view name;
  std::vector<std::string_view> columns;
  bool is_required = true;
};

// Of each format, in the order of the columns.
std::vector<ExpectedTable> expected_tables(int format) {
  std::vector<std::string_view> trials = {
      "id",      "round", "stage",       "batch_size",          "lr",
      "seed",    "state", "objective",   "validation_accuracy", "diverged_step",
      "message", "steps", "wall_seconds"};
  if (format >= 2) trials = with_moved(trials);
  std::vector<std::string_view> suggestions = {"id",    "batch_size", "lr",       "seed",
                                               "state", "loss",       "asked_at", "observed_at"};
  if (format >= 3) {
    trials.push_back("attempts");
    suggestions.push_back("attempts");
  }
  if (format >= 4) trials.emplace_back("train_loss");
  return {{"settings", {"position", "key", "value"}},
          {"meta", {"key", "value"}},
          {"trials", trials},
          {"curve",
           {"trial", "point", "step", "examples", "epoch", "train_loss", "validation_loss",
            "validation_accuracy"}},
          {"suggestions", suggestions, format >= 3}};
}

// The names of a table's columns; none where there is no such table. A view or a virtual table has
// no pages of its own, and a generated column is hidden.
std::vector<std::string> stored_columns(SQLite::Database& database, std::string_view table) {
  SQLite::Statement select(
      database,
      "SELECT name, hidden FROM pragma_table_xinfo(?1) WHERE EXISTS (SELECT 1 "
      "FROM sqlite_master WHERE name = ?1 AND type = 'table' AND rootpage > 0)");
  select.bind(1, std::string(table));
  std::vector<std::string> columns;
  while (select.executeStep()) {
    if (select.getColumn(1).getInt() != 0) return {};
    columns.push_back(select.getColumn(0).getString());
  }
  return columns;
}

bool has_name(SQLite::Database& database, std::string_view name) {
  SQLite::Statement select(database, "SELECT 1 FROM sqlite_master WHERE name = ?");
  select.bind(1, std::string(name));
  return select.executeStep();
}

void check_tables(SQLite::Database& database, const std::filesystem::path& path, int format) {
  for (const ExpectedTable& table : expected_tables(format)) {
    if (!table.is_required && !has_name(database, table.name)) continue;
    const auto columns = stored_columns(database, table.name);
    if (std::equal(columns.begin(), columns.end(), table.columns.begin(), table.columns.end())) {
      continue;
    }
    refuse_file(fmt::format("the study's table '{}' is not one of format {}", table.name, format),
                path);
  }
  if (database.execAndGet("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'").getInt()) {
    refuse_file("the study has a trigger, which etalon makes none of", path);
  }
}

// Within a transaction. The tables that have new rules are made anew and filled.
void rebuild_trials(SQLite::Database& database, int format) {
  const auto columns = expected_tables(format)[2].columns;
  database.exec("ALTER TABLE trials RENAME TO trials_before");
  database.exec(kTrialsTable);
  database.exec(fmt::format("INSERT INTO trials ({0}) SELECT {0} FROM trials_before",
                            fmt::join(columns, ", ")));
  database.exec("DROP TABLE trials_before");
}

// Since format 3 that table is as it is now.
void rebuild_suggestions(SQLite::Database& database, int format) {
  if (format >= 3) return;
  if (!has_name(database, "suggestions")) {
    database.exec(kSuggestionsTable);
    return;
  }
  const auto columns = expected_tables(format)[4].columns;
  database.exec("ALTER TABLE suggestions RENAME TO suggestions_before");
  database.exec(kSuggestionsTable);
  database.exec(fmt::format("INSERT INTO suggestions ({0}) SELECT {0} FROM suggestions_before",
                            fmt::join(columns, ", ")));
  database.exec("DROP TABLE suggestions_before");
}

// A setting as it is written now. Earlier versions wrote some rules with their power ("sqrt:0.5"),
// and the objective of a training in words.
std::string respelled(const std::string& key, const std::string& value) {
  static const std::map<std::string, std::string> objectives = {
      {"training loss", "train-loss"},
      {"validation loss", "validation-loss"},
      {"validation error", "validation-error"}};
  static const std::regex power(":[0-9.]+");
  if (key == "campaign.update" && value == "plain") return "sgd";
  if (key == "study.rules") return std::regex_replace(value, power, "");
  const auto objective = key == "objective" ? objectives.find(value) : objectives.end();
  return objective == objectives.end() ? value : objective->second;
}

void insert_fingerprint(SQLite::Database& database, const Fingerprint& fingerprint) {
  SQLite::Statement insert(database, "INSERT INTO settings VALUES (?, ?, ?)");
  int position = 0;
  for (const auto& [key, value] : fingerprint) {
    insert.bind(1, ++position);
    insert.bind(2, key);
    insert.bind(3, value);
    insert.exec();
    insert.reset();
  }
}

}  // namespace

bool is_blank(SQLite::Database& database) {
  return read_pragma(database, "application_id") == 0 &&
         read_pragma(database, "user_version") == 0 &&
         database.execAndGet("SELECT count(*) FROM sqlite_master").getInt() == 0;
}

int format_of(SQLite::Database& database) { return read_pragma(database, "user_version"); }

void check_format(SQLite::Database& database, const std::filesystem::path& path) {
  if (read_pragma(database, "application_id") != kApplicationId) {
    refuse_foreign_database(database, path);
  }
  const int format = format_of(database);
  if (format > kFormat) {
    throw InputError(
        fmt::format("the study has format {}, this program knows those up to {}", format, kFormat),
        path.string(), "use the newer version of etalon that wrote it");
  }
  if (format < 1) refuse_file(fmt::format("the study has the unknown format {}", format), path);
  // SQLite fills up a last page that is cut off.
  const auto page_size = static_cast<std::uintmax_t>(read_pragma(database, "page_size"));
  std::error_code ignored;
  const std::uintmax_t size = std::filesystem::file_size(database.getFilename(), ignored);
  if (!ignored && size % page_size != 0) refuse_file("the study file is damaged (cut off)", path);
  check_tables(database, path, format);
}

void check_undamaged(SQLite::Database& database, const std::filesystem::path& path) {
  check_format(database, path);
  const std::string verdict = database.execAndGet("PRAGMA integrity_check(1)").getString();
  if (verdict != "ok")
    refuse_file(fmt::format("the study file is damaged ({})", shortened(verdict)), path);
}

bool create_schema(SQLite::Database& database, const Fingerprint& fingerprint) {
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  if (!is_blank(database)) return false;
  database.exec(fmt::format("PRAGMA application_id = {}", kApplicationId));
  database.exec(fmt::format("PRAGMA user_version = {}", kFormat));
  for (const char* tables : {kSettingsTables, kTrialsTable, kCurveTable, kSuggestionsTable}) {
    database.exec(tables);
  }
  insert_fingerprint(database, fingerprint);
  transaction.commit();
  return true;
}

bool needs_upgrade(SQLite::Database& database) { return format_of(database) < kFormat; }

void upgrade_schema(SQLite::Database& database) {
  if (!needs_upgrade(database)) return;
  // A table that refers to one that is renamed must go on to refer to the name.
  database.exec("PRAGMA legacy_alter_table = ON");
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const int format = format_of(database);
  if (format == kFormat) return;
  rebuild_trials(database, format);
  rebuild_suggestions(database, format);
  database.exec(fmt::format("PRAGMA user_version = {}", kFormat));
  transaction.commit();
}

Fingerprint read_fingerprint(SQLite::Database& database) {
  Fingerprint fingerprint;
  SQLite::Statement select(database, "SELECT key, value FROM settings ORDER BY position");
  while (select.executeStep()) {
    const std::string key = select.getColumn(0).getString();
    fingerprint.emplace_back(key, respelled(key, select.getColumn(1).getString()));
  }
  return fingerprint;
}

std::map<std::string, std::string> read_meta(SQLite::Database& database) {
  std::map<std::string, std::string> meta;
  SQLite::Statement select(database, "SELECT key, value FROM meta");
  while (select.executeStep()) {
    meta[select.getColumn(0).getString()] = select.getColumn(1).getString();
  }
  return meta;
}

}  // namespace etalon
