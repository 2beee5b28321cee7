#include "imports/mlflow_database.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "imports/log_database.hpp"
#include "imports/mlflow_run.hpp"

namespace etalon {
namespace {

void check_mlflow_tables(SQLite::Database& database) {
  need_columns(database, "experiments", {"experiment_id", "name", "lifecycle_stage"});
  need_columns(database, "runs",
               {"run_uuid", "name", "status", "lifecycle_stage", "experiment_id"});
  need_columns(database, "metrics", {"run_uuid", "key", "value", "timestamp"});
  need_columns(database, "params", {"run_uuid", "key", "value"});
}

// What a table has of each run; `more` are further columns.
std::string by_run(const std::string& table, const std::string& more,
                   const std::string& order = "") {
  return fmt::format(
      "SELECT runs.rowid, each.key, each.value{} FROM {} AS each "
      "JOIN runs ON runs.run_uuid = each.run_uuid ORDER BY runs.rowid{}",
      more, table, order);
}

// Before 1.0 there were neither steps nor marks of NaN.
std::string mlflow_metrics(SQLite::Database& database) {
  if (!columns_of(database, "metrics").contains("step")) {
    return by_run("metrics", ", 0, 0", ", each.key, each.timestamp");
  }
  need_columns(database, "metrics", {"is_nan"});
  return by_run("metrics", ", each.step, each.is_nan", ", each.key, each.step, each.timestamp");
}

std::string mlflow_tags(SQLite::Database& database) {
  const bool has_tags = columns_of(database, "tags").contains("run_uuid");
  return has_tags ? by_run("tags", "") : "SELECT 0, NULL, NULL WHERE 0";
}

double mlflow_value(const SQLite::Column& value, bool is_nan) {
  if (is_nan || value.isNull()) return NAN;
  const double number = value.getDouble();
  const bool is_infinite = std::abs(number) >= std::numeric_limits<double>::max();
  return is_infinite ? std::copysign(std::numeric_limits<double>::infinity(), number) : number;
}

// Walks through all tables at once, run by run.
class MlflowRuns {
 public:
  MlflowRuns(SQLite::Database& database, std::filesystem::path file)
      : file_(std::move(file)),
        count_(database.execAndGet("SELECT count(*) FROM runs").getDouble()),
        runs_(database,
              "SELECT runs.rowid, run_uuid, runs.name, status, runs.lifecycle_stage, "
              "experiments.name, experiments.lifecycle_stage FROM runs LEFT JOIN experiments "
              "ON experiments.experiment_id = runs.experiment_id ORDER BY runs.rowid"),
        metrics_(database, mlflow_metrics(database)),
        parameters_(database, by_run("params", "")),
        tags_(database, mlflow_tags(database)) {}

  void hear(const HearRun& hear) {
    for (double done = 0.0; runs_.executeStep(); ++done) {
      const bool is_deleted = is_deleted_in_mlflow(text_in(runs_.getColumn(4))) ||
                              is_deleted_in_mlflow(text_in(runs_.getColumn(6)));
      if (!is_deleted) hear(read_run());
      hear.note_share(done / count_);
    }
  }

 private:
  LoggedRun read_run() {
    const std::int64_t id = runs_.getColumn(0).getInt64();
    LoggedRun run;
    run.directory = file_;
    run.name = text_in(runs_.getColumn(1));
    run.state = text_in(runs_.getColumn(3));
    set_where_said("run_name", 2, run);
    set_where_said("experiment", 5, run);
    tags_.hear(id, [&](SQLite::Statement& row) {
      add_mlflow_tag(text_in(row.getColumn(1)), text_in(row.getColumn(2)), run);
    });
    parameters_.hear(id, [&](SQLite::Statement& row) {
      run.set(text_in(row.getColumn(1)), text_in(row.getColumn(2)));
    });
    add_metrics(id, run);
    return run;
  }

  void set_where_said(const std::string& setting, int column, LoggedRun& run) {
    const std::string text = text_in(runs_.getColumn(column));
    if (!text.empty()) run.set(setting, text);
  }

  void add_metrics(std::int64_t id, LoggedRun& run) {
    metrics_.hear(id, [&](SQLite::Statement& row) {
      run.log(text_in(row.getColumn(1)), row.getColumn(3).getDouble(),
              mlflow_value(row.getColumn(2), row.getColumn(4).getInt() != 0));
    });
    number_steps(run);
  }

  const std::filesystem::path file_;
  const double count_;  // of the runs
  SQLite::Statement runs_;
  RowsByRun metrics_, parameters_, tags_;
};

}  // namespace

bool is_mlflow_database(const std::filesystem::path& file) {
  return is_database_with(file, {"runs", "metrics", "params", "experiments"});
}

void read_mlflow_database(const std::filesystem::path& file, const HearRun& hear) {
  read_log_database(file, [&](SQLite::Database& database) {
    check_mlflow_tables(database);
    MlflowRuns(database, file).hear(hear);
  });
}

}  // namespace etalon
