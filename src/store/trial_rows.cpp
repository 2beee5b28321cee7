#include "store/trial_rows.hpp"

#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "store/row.hpp"
#include "store/study_schema.hpp"

namespace etalon {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kStages = {"base", "rules", "tuned"};

Stage stage_in(const SQLite::Column& column) {
  const std::string word = column.getString();
  const auto found = std::find(kStages.begin(), kStages.end(), word);
  if (found == kStages.end()) fail_damaged("unknown stage " + word);
  return static_cast<Stage>(found - kStages.begin());
}

constexpr const char* kFirstColumns =
    "id, round, stage, batch_size, lr, seed, state, objective, validation_accuracy, "
    "diverged_step, message, steps, wall_seconds";
constexpr int kFirstMoved = 13;  // the column of the first movable setting
constexpr int kAttempts = kFirstMoved + static_cast<int>(kMovableSettings.size());
constexpr int kTrainLoss = kAttempts + 1;

// What a format lacks has the value that it would have: nothing was moved, tried once, and no
// training loss measured.
std::string trial_columns(int format) {
  std::string columns = kFirstColumns;
  for (const NamedSetting& setting : kMovableSettings) {
    columns += format >= 2 ? fmt::format(", {}", setting.name) : ", NULL";
  }
  columns += format >= 3 ? ", attempts" : ", 1";
  return columns + (format >= 4 ? ", train_loss" : ", NULL");
}

TrialResult result_in(SQLite::Statement& row) {
  TrialResult result;
  result.state = state_in(row.getColumn(6));
  result.objective = double_in(row.getColumn(7));
  result.validation_accuracy = double_in(row.getColumn(8));
  result.diverged_step = integer_in(row.getColumn(9));
  result.message = row.getColumn(10).getString();
  result.steps = row.getColumn(11).getInt64();
  result.wall_seconds = row.getColumn(12).getDouble();
  return result;
}

TrialRecord trial_in(SQLite::Statement& row) {
  TrialRecord record;
  record.id = row.getColumn(0).getInt64();
  record.round = row.getColumn(1).getInt64();
  record.stage = stage_in(row.getColumn(2));
  record.spec.batch_size = row.getColumn(3).getInt64();
  record.spec.lr = row.getColumn(4).getDouble();
  record.spec.seed = seed_in(row.getColumn(5));
  record.result = result_in(row);
  for (std::size_t i = 0; i < kMovableSettings.size(); ++i) {
    record.spec.moved.*kMovableSettings[i].value =
        double_in(row.getColumn(kFirstMoved + static_cast<int>(i)));
  }
  record.attempts = row.getColumn(kAttempts).getInt64();
  record.result.train_loss = double_in(row.getColumn(kTrainLoss));
  check_stored(fmt::format("trial {}", record.id), record.spec, record.result.state,
               record.result.objective);
  return record;
}

CurvePoint point_in(SQLite::Statement& row) {
  return {.step = row.getColumn(1).getInt64(),
          .examples = row.getColumn(2).getInt64(),
          .epoch = row.getColumn(3).getDouble(),
          .train_loss = double_in(row.getColumn(4)),
          .validation_loss = double_in(row.getColumn(5)),
          .validation_accuracy = double_in(row.getColumn(6))};
}

void remove_unfinished(SQLite::Database& database, std::int64_t id) {
  for (const char* sql :
       {"DELETE FROM curve WHERE trial = ?1 AND EXISTS (SELECT 1 FROM trials WHERE id = ?1 AND "
        "state IN ('pending', 'failed', 'pruned'))",
        "DELETE FROM trials WHERE id = ?1 AND state IN ('pending', 'failed', 'pruned')"}) {
    SQLite::Statement remove(database, sql);
    (Row(remove) << id).execute();
  }
}

void insert_curve(SQLite::Database& database, std::int64_t id,
                  const std::vector<CurvePoint>& curve) {
  SQLite::Statement insert(database, "INSERT INTO curve VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t number = 0;
  for (const CurvePoint& point : curve) {
    (Row(insert) << id << ++number << point.step << point.examples << point.epoch
                 << point.train_loss << point.validation_loss << point.validation_accuracy)
        .execute();
  }
}

// Puts each point into the curve of its trial.
void select_curves(SQLite::Database& database, std::vector<TrialRecord>& trials) {
  SQLite::Statement point(database,
                          "SELECT trial, step, examples, epoch, train_loss, validation_loss, "
                          "validation_accuracy FROM curve ORDER BY trial, point");
  auto owner = trials.begin();
  while (point.executeStep()) {
    const std::int64_t id = point.getColumn(0).getInt64();
    while (owner != trials.end() && owner->id < id) ++owner;
    if (owner == trials.end() || owner->id != id) fail_damaged("a curve without its trial");
    owner->result.curve.push_back(point_in(point));
  }
}

}  // namespace

std::string_view to_string(Stage stage) { return kStages.at(static_cast<std::size_t>(stage)); }

void insert_trial(SQLite::Database& database, const TrialRecord& record) {
  const auto& [id, round, stage, spec, result, attempts] = record;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  remove_unfinished(database, id);
  SQLite::Statement insert(database,
                           "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                           "?, ?, ?, ?, ?, ?, ?)");
  Row row(insert);
  row << id << round << std::string(to_string(stage)) << spec.batch_size << spec.lr
      << stored_seed(spec.seed) << result.state << result.objective << result.validation_accuracy
      << result.diverged_step << result.message << result.steps << result.wall_seconds;
  for (const NamedSetting& setting : kMovableSettings) row << spec.moved.*setting.value;
  (row << attempts << result.train_loss).execute();
  insert_curve(database, id, result.curve);
  transaction.commit();
}

std::vector<TrialRecord> select_trials(SQLite::Database& database, Curves curves) {
  std::vector<TrialRecord> trials;
  SQLite::Statement trial(database, fmt::format("SELECT {} FROM trials ORDER BY id",
                                                trial_columns(format_of(database))));
  while (trial.executeStep()) trials.push_back(trial_in(trial));
  if (curves == Curves::read) select_curves(database, trials);
  return trials;
}

}  // namespace etalon
