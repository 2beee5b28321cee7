// MLflow's database store, with the tables of its models (mlflow/store/tracking/dbmodels), as they
// are now and as they were before its first migration.
#include "imports/mlflow_database.hpp"

#include <SQLiteCpp/Database.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "imports/read_log.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using etalon::testing::kInf;
using etalon::testing::kNan;
using etalon::testing::PointIs;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

constexpr const char* kRunTables = R"sql(
CREATE TABLE experiments (experiment_id INTEGER NOT NULL, name VARCHAR(256) NOT NULL,
  artifact_location VARCHAR(256), lifecycle_stage VARCHAR(32),
  CONSTRAINT experiment_pk PRIMARY KEY (experiment_id), UNIQUE (name));
CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), source_type VARCHAR(20),
  status VARCHAR(9), start_time BIGINT, end_time BIGINT, lifecycle_stage VARCHAR(20),
  artifact_uri VARCHAR(200), experiment_id INTEGER, CONSTRAINT run_pk PRIMARY KEY (run_uuid));
CREATE TABLE params ("key" VARCHAR(250) NOT NULL, value VARCHAR(8000) NOT NULL,
  run_uuid VARCHAR(32) NOT NULL, CONSTRAINT param_pk PRIMARY KEY ("key", run_uuid));
CREATE TABLE tags ("key" VARCHAR(250) NOT NULL, value VARCHAR(8000),
  run_uuid VARCHAR(32) NOT NULL, CONSTRAINT tag_pk PRIMARY KEY ("key", run_uuid));
INSERT INTO experiments VALUES (0, 'Default', NULL, 'active'), (1, 'old', NULL, 'deleted');
)sql";
constexpr const char* kMetricsTable = R"sql(
CREATE TABLE metrics ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
  run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN NOT NULL,
  CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, step, run_uuid, value, is_nan));
)sql";
constexpr const char* kFirstMetricsTable = R"sql(
CREATE TABLE metrics ("key" VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
  run_uuid VARCHAR(32) NOT NULL, CONSTRAINT metric_pk PRIMARY KEY ("key", timestamp, run_uuid));
)sql";
constexpr const char* kRuns = R"sql(
INSERT INTO runs VALUES
  ('ff01', 'calm-owl-7', 'LOCAL', 'FINISHED', 1, 2, 'active', NULL, 0),
  ('aa02', NULL, 'LOCAL', 'KILLED', 3, 4, 'active', NULL, 0),
  ('bb03', 'x', 'LOCAL', 'FINISHED', 5, 6, 'deleted', NULL, 0),
  ('cc04', 'x', 'LOCAL', 'FINISHED', 5, 6, 'active', NULL, 1),
  ('dd05', 'x', 'LOCAL', 'RUNNING', 5, NULL, 'active', NULL, 0);
INSERT INTO params VALUES ('batch_size', '64', 'ff01'), ('lr', '0.1', 'ff01'), ('lr', '0.2', 'aa02'),
  ('lr', '0.3', 'bb03'), ('lr', '0.4', 'dd05');
INSERT INTO tags VALUES ('mlflow.runName', 'renamed', 'aa02'), ('fold', '2', 'ff01'),
  ('mlflow.user', 'me', 'ff01');
)sql";

class MlflowDatabase : public ::testing::Test {
 protected:
  MlflowDatabase() {
    database_.exec("PRAGMA synchronous = OFF");
    database_.exec(kRunTables);
  }
  std::vector<LoggedRun> read() const {
    return etalon::testing::runs_in(file_, read_mlflow_database);
  }

  etalon::testing::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "mlflow.db";
  SQLite::Database database_{file_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
};

TEST_F(MlflowDatabase, RunsHaveTheirParametersTagsAndCurves) {
  database_.exec(kMetricsTable);
  database_.exec(kRuns);
  database_.exec(
      "INSERT INTO metrics VALUES ('loss', 2.5, 100, 'ff01', 1, 0), "
      "('loss', 0, 300, 'ff01', 3, 1), "
      "('loss', 1.7976931348623157e308, 200, 'ff01', 2, 0), "
      "('loss', 9, 100, 'dd05', 7, 0), ('val/loss', 0.5, 100, 'aa02', 0, 0), "
      "('loss', 8, 100, 'bb03', 7, 0)");
  ASSERT_TRUE(is_mlflow_database(file_));
  const auto runs = read();
  ASSERT_THAT(runs, SizeIs(3));
  EXPECT_EQ(runs[0].directory, file_);
  EXPECT_EQ(runs[0].name, "ff01");
  EXPECT_EQ(runs[0].state, "FINISHED");
  EXPECT_THAT(runs[0].settings,
              UnorderedElementsAre(Pair("batch_size", "64"), Pair("lr", "0.1"),
                                   Pair("run_name", "calm-owl-7"), Pair("experiment", "Default"),
                                   Pair("tags.fold", "2")));
  EXPECT_THAT(runs[0].curves,
              ElementsAre(Pair(
                  "loss", ElementsAre(PointIs(1.0, 2.5), PointIs(2.0, kInf), PointIs(3.0, kNan)))));
  EXPECT_EQ(runs[1].state, "KILLED");
  EXPECT_EQ(runs[1].settings.at("run_name"), "renamed");
  EXPECT_THAT(runs[1].curves, ElementsAre(Pair("val/loss", ElementsAre(PointIs(0.0, 0.5)))));
  EXPECT_EQ(runs[2].name, "dd05");
  EXPECT_EQ(runs[2].settings.at("lr"), "0.4");
}

TEST_F(MlflowDatabase, ValuesWithoutStepsAreNumberedByTheirTimes) {
  database_.exec(kFirstMetricsTable);
  database_.exec(kRuns);
  database_.exec(
      "INSERT INTO metrics VALUES ('loss', 1.5, 200, 'ff01'), ('loss', 2.5, 100, 'ff01')");
  EXPECT_THAT(read().at(0).curves,
              ElementsAre(Pair("loss", ElementsAre(PointIs(0.0, 2.5), PointIs(1.0, 1.5)))));
}

TEST_F(MlflowDatabase, IsKnownByItsTables) {
  EXPECT_FALSE(is_mlflow_database(file_));
  database_.exec(kMetricsTable);
  EXPECT_TRUE(is_mlflow_database(file_));
}

TEST_F(MlflowDatabase, ATableWithoutItsColumnsIsRefused) {
  database_.exec(kMetricsTable);
  database_.exec("ALTER TABLE runs DROP COLUMN status");
  try {
    read();
    FAIL() << "read";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("its table runs lacks the column status"));
    EXPECT_THAT(error.what(), HasSubstr(file_.string()));
  }
}

}  // namespace
}  // namespace etalon
