#include "store/trial_rows.hpp"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <string>
#include <string_view>

namespace etalon {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 3> kStages = {"base", "rules", "tuned"};

template <typename Enum, std::size_t size>
std::string name_of(Enum value, const std::array<std::string_view, size>& names) {
  return std::string(names.at(static_cast<std::size_t>(value)));
}

[[noreturn]] void fail_damaged(const std::string& what) {
  throw SQLite::Exception(what, SQLITE_CORRUPT);
}

template <typename Enum, std::size_t size>
Enum value_of(const std::string& name, const std::array<std::string_view, size>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) fail_damaged("unknown word " + name);
  return static_cast<Enum>(found - names.begin());
}

TrialState state_of(const std::string& word) {
  const auto state = parse_trial_state(word);
  if (!state) fail_damaged("unknown state " + word);
  return *state;
}

// Binds values from left to right and executes.
class Row {
 public:
  explicit Row(SQLite::Statement& statement) : statement_(statement) {}

  Row& operator<<(std::int64_t value) { return bind(value); }
  Row& operator<<(double value) { return bind(value); }
  Row& operator<<(const std::string& value) { return bind(value); }
  template <typename Value>
  Row& operator<<(const std::optional<Value>& value) {
    if (value) return *this << *value;
    statement_.bind(++index_);
    return *this;
  }

  void insert() {
    statement_.exec();
    statement_.reset();
  }

 private:
  template <typename Value>
  Row& bind(const Value& value) {
    statement_.bind(++index_, value);
    return *this;
  }

  SQLite::Statement& statement_;
  int index_ = 0;
};

std::optional<double> optional_double(const SQLite::Column& column) {
  if (column.isNull()) return std::nullopt;
  return column.getDouble();
}

constexpr int kFirstMoved = 13;  // the column of the first movable setting

TrialRecord read_trial(SQLite::Statement& row) {
  TrialRecord record;
  record.id = row.getColumn(0).getInt64();
  record.round = row.getColumn(1).getInt64();
  record.stage = value_of<Stage>(row.getColumn(2).getString(), kStages);
  record.spec.batch_size = row.getColumn(3).getInt64();
  record.spec.lr = row.getColumn(4).getDouble();
  record.spec.seed = std::bit_cast<std::uint64_t>(std::int64_t{row.getColumn(5).getInt64()});
  TrialResult& result = record.result;
  result.state = state_of(row.getColumn(6).getString());
  result.objective = optional_double(row.getColumn(7));
  result.validation_accuracy = optional_double(row.getColumn(8));
  if (!row.getColumn(9).isNull()) result.diverged_step = row.getColumn(9).getInt64();
  result.message = row.getColumn(10).getString();
  result.steps = row.getColumn(11).getInt64();
  result.wall_seconds = row.getColumn(12).getDouble();
  for (std::size_t i = 0; i < kMovableSettings.size(); ++i) {
    record.spec.moved.*kMovableSettings[i].value =
        optional_double(row.getColumn(kFirstMoved + static_cast<int>(i)));
  }
  return record;
}

CurvePoint read_point(SQLite::Statement& row) {
  return {.step = row.getColumn(1).getInt64(),
          .examples = row.getColumn(2).getInt64(),
          .epoch = row.getColumn(3).getDouble(),
          .train_loss = optional_double(row.getColumn(4)),
          .validation_loss = optional_double(row.getColumn(5)),
          .validation_accuracy = optional_double(row.getColumn(6))};
}

}  // namespace

void insert_trial(SQLite::Database& database, const TrialRecord& record) {
  const auto& [id, round, stage, spec, result] = record;
  SQLite::Transaction transaction(database);
  SQLite::Statement trial(database,
                          "INSERT INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                          "?, ?, ?, ?)");
  Row row(trial);
  row << id << round << name_of(stage, kStages) << spec.batch_size << spec.lr
      << std::bit_cast<std::int64_t>(spec.seed) << std::string(to_string(result.state))
      << result.objective << result.validation_accuracy << result.diverged_step << result.message
      << result.steps << result.wall_seconds;
  for (const NamedSetting& setting : kMovableSettings) row << spec.moved.*setting.value;
  row.insert();
  SQLite::Statement point(database, "INSERT INTO curve VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  std::int64_t number = 0;
  for (const CurvePoint& p : result.curve) {
    (Row(point) << id << ++number << p.step << p.examples << p.epoch << p.train_loss
                << p.validation_loss << p.validation_accuracy)
        .insert();
  }
  transaction.commit();
}

std::vector<TrialRecord> select_trials(SQLite::Database& database) {
  // One snapshot for both tables, though another process may be appending.
  SQLite::Transaction snapshot(database);
  std::vector<TrialRecord> trials;
  // Format 1 has no column for what a trial moved: none did.
  const bool has_moved = database.execAndGet("PRAGMA user_version").getInt() > 1;
  std::string columns =
      "id, round, stage, batch_size, lr, seed, state, objective, validation_accuracy, "
      "diverged_step, message, steps, wall_seconds";
  for (const NamedSetting& setting : kMovableSettings) {
    columns += has_moved ? fmt::format(", {}", setting.name) : ", NULL";
  }
  SQLite::Statement trial(database, fmt::format("SELECT {} FROM trials ORDER BY id", columns));
  while (trial.executeStep()) trials.push_back(read_trial(trial));
  SQLite::Statement point(database,
                          "SELECT trial, step, examples, epoch, train_loss, validation_loss, "
                          "validation_accuracy FROM curve ORDER BY trial, point");
  auto owner = trials.begin();
  while (point.executeStep()) {
    const std::int64_t id = point.getColumn(0).getInt64();
    while (owner != trials.end() && owner->id < id) ++owner;
    if (owner == trials.end() || owner->id != id) {
      fail_damaged("a curve without its trial");
    }
    owner->result.curve.push_back(read_point(point));
  }
  return trials;
}

}  // namespace etalon
