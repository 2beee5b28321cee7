#include "store/suggestion_rows.hpp"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <bit>
#include <string>

namespace etalon {
namespace {

// Documented in docs/study-file.md: change both.
constexpr const char* kTable = R"sql(
CREATE TABLE IF NOT EXISTS suggestions (
  id          INTEGER PRIMARY KEY,
  batch_size  INTEGER NOT NULL,
  lr          REAL NOT NULL,
  seed        INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('pending', 'finished', 'diverged', 'failed')),
  loss        REAL,
  asked_at    INTEGER NOT NULL,
  observed_at INTEGER,
  UNIQUE (batch_size, lr, seed),
  CHECK ((state = 'finished') = (loss IS NOT NULL))
) STRICT;
)sql";

TrialState asked_state_of(const std::string& word) {
  const auto state = parse_trial_state(word);
  if (!state) throw SQLite::Exception("unknown state " + word, SQLITE_CORRUPT);
  return *state;
}

// A file of format 1 has no columns for what a trial moved besides the learning rate.
std::string sweep_condition(SQLite::Database& database) {
  std::string condition = "state IN ('finished', 'diverged')";
  if (database.execAndGet("PRAGMA user_version").getInt() < 2) return condition;
  for (const NamedSetting& setting : kMovableSettings) {
    condition += fmt::format(" AND {} IS NULL", setting.name);
  }
  return condition;
}

template <typename Value>
void bind(SQLite::Statement& statement, int index, const std::optional<Value>& value) {
  if (value) {
    statement.bind(index, *value);
  } else {
    statement.bind(index);
  }
}

std::uint64_t seed_of(const SQLite::Column& column) {
  return std::bit_cast<std::uint64_t>(std::int64_t{column.getInt64()});
}

}  // namespace

void create_suggestions(SQLite::Database& database) { database.exec(kTable); }

std::vector<AskedTrial> select_suggestions(SQLite::Database& database) {
  if (!database.tableExists("suggestions")) return {};
  SQLite::Statement row(database,
                        "SELECT id, batch_size, lr, seed, state, loss, asked_at, observed_at "
                        "FROM suggestions ORDER BY id");
  std::vector<AskedTrial> runs;
  while (row.executeStep()) {
    AskedTrial run;
    run.id = row.getColumn(0).getInt64();
    run.spec = {
        row.getColumn(1).getInt64(), row.getColumn(2).getDouble(), seed_of(row.getColumn(3)), {}};
    run.state = asked_state_of(row.getColumn(4).getString());
    if (!row.getColumn(5).isNull()) run.loss = row.getColumn(5).getDouble();
    run.asked_at = row.getColumn(6).getInt64();
    if (!row.getColumn(7).isNull()) run.observed_at = row.getColumn(7).getInt64();
    runs.push_back(run);
  }
  return runs;
}

void insert_suggestion(SQLite::Database& database, const AskedTrial& run) {
  SQLite::Statement insert(database, "INSERT INTO suggestions VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  insert.bind(1, run.id);
  insert.bind(2, run.spec.batch_size);
  insert.bind(3, run.spec.lr);
  insert.bind(4, std::bit_cast<std::int64_t>(run.spec.seed));
  insert.bind(5, std::string(to_string(run.state)));
  bind(insert, 6, run.loss);
  insert.bind(7, run.asked_at);
  bind(insert, 8, run.observed_at);
  insert.exec();
}

void update_suggestion(SQLite::Database& database, const AskedTrial& run) {
  SQLite::Statement update(database,
                           "UPDATE suggestions SET state = ?, loss = ?, asked_at = ?, "
                           "observed_at = ? WHERE id = ?");
  update.bind(1, std::string(to_string(run.state)));
  bind(update, 2, run.loss);
  update.bind(3, run.asked_at);
  bind(update, 4, run.observed_at);
  update.bind(5, run.id);
  update.exec();
}

std::vector<Observation> select_sweep(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT batch_size, lr, seed, objective FROM trials WHERE " +
                                      sweep_condition(database) + " ORDER BY id");
  std::vector<Observation> runs;
  while (row.executeStep()) {
    Observation run;
    run.batch_size = row.getColumn(0).getDouble();
    run.lr = row.getColumn(1).getDouble();
    run.seed = seed_of(row.getColumn(2));
    if (!row.getColumn(3).isNull()) run.loss = row.getColumn(3).getDouble();
    runs.push_back(run);
  }
  return runs;
}

}  // namespace etalon
