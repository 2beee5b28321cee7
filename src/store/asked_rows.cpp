#include "store/asked_rows.hpp"

#include <SQLiteCpp/Statement.h>
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

#include "store/row.hpp"
#include "store/study_schema.hpp"

namespace etalon {
namespace {

// What a format lacks has the value that it would have: offered once.
std::string select_asked_text(SQLite::Database& database) {
  return fmt::format(
      "SELECT id, batch_size, lr, seed, state, loss, asked_at, observed_at, {} FROM suggestions ",
      format_of(database) >= 3 ? "attempts" : "1");
}

AskedTrial asked_in(SQLite::Statement& row) {
  AskedTrial trial;
  trial.id = row.getColumn(0).getInt64();
  trial.spec = {
      row.getColumn(1).getInt64(), row.getColumn(2).getDouble(), seed_in(row.getColumn(3)), {}};
  trial.state = state_in(row.getColumn(4));
  trial.loss = double_in(row.getColumn(5));
  trial.asked_at = row.getColumn(6).getInt64();
  trial.observed_at = integer_in(row.getColumn(7));
  trial.attempts = row.getColumn(8).getInt64();
  check_stored(fmt::format("suggested trial {}", trial.id), trial.spec, trial.state, trial.loss);
  return trial;
}

std::vector<AskedTrial> all_asked(SQLite::Statement& rows) {
  std::vector<AskedTrial> trials;
  while (rows.executeStep()) trials.push_back(asked_in(rows));
  return trials;
}

std::optional<AskedTrial> one_asked(SQLite::Statement& rows) {
  if (!rows.executeStep()) return std::nullopt;
  return asked_in(rows);
}

// The learning rate around which a batch size is looked at.
std::optional<double> best_asked_lr(SQLite::Database& database, std::int64_t batch_size) {
  for (const char* sql : {"SELECT lr FROM suggestions WHERE state = 'finished' AND batch_size = ? "
                          "ORDER BY loss, lr LIMIT 1",
                          "SELECT lr FROM suggestions WHERE state = 'diverged' AND batch_size = ? "
                          "ORDER BY lr LIMIT 1"}) {
    SQLite::Statement select(database, sql);
    select.bind(1, batch_size);
    if (select.executeStep()) return select.getColumn(0).getDouble();
  }
  return std::nullopt;
}

// Each step is one look into the index of (batch_size, lr, seed).
std::vector<double> lrs_around(SQLite::Database& database, std::int64_t batch_size, double best,
                               std::int64_t lrs) {
  SQLite::Statement select(
      database,
      "WITH RECURSIVE"
      " down(lr, n) AS (SELECT ?2, 0 UNION ALL SELECT (SELECT max(lr) FROM suggestions WHERE"
      "  batch_size = ?1 AND lr < down.lr), n + 1 FROM down WHERE lr IS NOT NULL AND n < ?3),"
      " up(lr, n) AS (SELECT ?2, 0 UNION ALL SELECT (SELECT min(lr) FROM suggestions WHERE"
      "  batch_size = ?1 AND lr > up.lr), n + 1 FROM up WHERE lr IS NOT NULL AND n < ?3)"
      "SELECT lr FROM down WHERE lr IS NOT NULL UNION SELECT lr FROM up WHERE lr IS NOT NULL "
      "ORDER BY lr");
  select.bind(1, batch_size);
  select.bind(2, best);
  select.bind(3, lrs);
  std::vector<double> found;
  while (select.executeStep()) found.push_back(select.getColumn(0).getDouble());
  return found;
}

std::optional<double> lowest_diverged_lr(SQLite::Database& database, std::int64_t batch_size) {
  SQLite::Statement select(
      database, "SELECT min(lr) FROM suggestions WHERE state = 'diverged' AND batch_size = ?");
  select.bind(1, batch_size);
  select.executeStep();
  return double_in(select.getColumn(0));
}

void add_lrs_in_bins(SQLite::Database& database, std::int64_t batch_size, double best,
                     const NearBest& amount, std::set<double>& lrs) {
  SQLite::Statement select(database,
                           "SELECT DISTINCT lr FROM suggestions WHERE batch_size = ? AND lr >= ? "
                           "AND lr < ? ORDER BY lr LIMIT ?");
  for (std::int64_t i = -amount.bins; i < amount.bins; ++i) {
    const double low = best * std::pow(amount.bin, static_cast<double>(i));
    select.bind(1, batch_size);
    select.bind(2, low);
    select.bind(3, low * amount.bin);
    select.bind(4, amount.per_bin);
    while (select.executeStep()) lrs.insert(select.getColumn(0).getDouble());
    select.reset();
  }
}

// All of a batch size where there are few.
std::set<double> lrs_to_read(SQLite::Database& database, std::int64_t batch_size, double best,
                             const NearBest& amount) {
  const auto around = lrs_around(database, batch_size, best, amount.lrs);
  std::set<double> lrs(around.begin(), around.end());
  if (std::ssize(around) > amount.lrs) add_lrs_in_bins(database, batch_size, best, amount, lrs);
  if (const auto diverged = lowest_diverged_lr(database, batch_size)) lrs.insert(*diverged);
  return lrs;
}

}  // namespace

std::vector<AskedTrial> select_asked(SQLite::Database& database) {
  if (!database.tableExists("suggestions")) return {};
  SQLite::Statement rows(database, select_asked_text(database) + "ORDER BY id");
  return all_asked(rows);
}

std::vector<AskedTrial> select_open(SQLite::Database& database) {
  SQLite::Statement rows(
      database, select_asked_text(database) + "WHERE state IN ('pending', 'failed') ORDER BY id");
  return all_asked(rows);
}

std::vector<TrialSpec> select_pruned_asked(SQLite::Database& database) {
  if (!database.tableExists("suggestions")) return {};
  SQLite::Statement rows(database,
                         select_asked_text(database) + "WHERE state = 'pruned' ORDER BY id");
  std::vector<TrialSpec> pruned;
  while (rows.executeStep()) pruned.push_back(asked_in(rows).spec);
  return pruned;
}

std::optional<AskedTrial> find_asked(SQLite::Database& database, std::int64_t id) {
  SQLite::Statement rows(database, select_asked_text(database) + "WHERE id = ?");
  rows.bind(1, id);
  return one_asked(rows);
}

std::optional<AskedTrial> find_asked(SQLite::Database& database, const TrialSpec& spec) {
  SQLite::Statement rows(
      database, select_asked_text(database) + "WHERE batch_size = ? AND lr = ? AND seed = ?");
  rows.bind(1, spec.batch_size);
  rows.bind(2, spec.lr);
  rows.bind(3, stored_seed(spec.seed));
  return one_asked(rows);
}

std::int64_t last_asked_id(SQLite::Database& database) {
  return database.execAndGet("SELECT ifnull(max(id), 0) FROM suggestions").getInt64();
}

void insert_asked(SQLite::Database& database, const AskedTrial& trial) {
  SQLite::Statement insert(database, "INSERT INTO suggestions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
  (Row(insert) << trial.id << trial.spec.batch_size << trial.spec.lr << stored_seed(trial.spec.seed)
               << trial.state << trial.loss << trial.asked_at << trial.observed_at
               << trial.attempts)
      .execute();
}

void update_asked(SQLite::Database& database, const AskedTrial& trial) {
  SQLite::Statement update(database,
                           "UPDATE suggestions SET state = ?, loss = ?, asked_at = ?, "
                           "observed_at = ?, attempts = ? WHERE id = ?");
  (Row(update) << trial.state << trial.loss << trial.asked_at << trial.observed_at << trial.attempts
               << trial.id)
      .execute();
}

std::uint64_t free_seed(SQLite::Database& database, const TrialSpec& spec) {
  SQLite::Statement taken(database,
                          "SELECT 1 FROM suggestions WHERE batch_size = ? AND lr = ? AND seed = ?");
  std::uint64_t seed = spec.seed;
  for (;; ++seed) {
    taken.bind(1, spec.batch_size);
    taken.bind(2, spec.lr);
    taken.bind(3, stored_seed(seed));
    if (!taken.executeStep()) return seed;
    taken.reset();
  }
}

std::vector<std::int64_t> asked_batch_sizes(SQLite::Database& database) {
  if (!database.tableExists("suggestions")) return {};
  SQLite::Statement select(
      database,
      "WITH RECURSIVE sizes(size) AS (SELECT min(batch_size) FROM suggestions UNION ALL SELECT "
      "(SELECT min(batch_size) FROM suggestions WHERE batch_size > size) FROM sizes WHERE size IS "
      "NOT NULL) SELECT size FROM sizes WHERE size IS NOT NULL");
  std::vector<std::int64_t> sizes;
  while (select.executeStep()) sizes.push_back(select.getColumn(0).getInt64());
  return sizes;
}

std::vector<Observation> select_near_best(SQLite::Database& database, const NearBest& amount) {
  SQLite::Statement select(database,
                           "SELECT seed, loss FROM suggestions WHERE batch_size = ? AND lr = ? AND "
                           "state IN ('finished', 'diverged') ORDER BY seed < 0, seed LIMIT ?");
  std::vector<Observation> found;
  for (const std::int64_t batch_size : asked_batch_sizes(database)) {
    const auto best = best_asked_lr(database, batch_size);
    if (!best) continue;
    for (const double lr : lrs_to_read(database, batch_size, *best, amount)) {
      select.bind(1, batch_size);
      select.bind(2, lr);
      select.bind(3, amount.seeds);
      while (select.executeStep()) {
        found.push_back({static_cast<double>(batch_size), lr, seed_in(select.getColumn(0)),
                         double_in(select.getColumn(1))});
      }
      select.reset();
    }
  }
  return found;
}

}  // namespace etalon
