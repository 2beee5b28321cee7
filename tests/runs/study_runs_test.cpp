#include "runs/study_runs.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "etalon/error.hpp"
#include "runs/run_groups.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kTrials =
    "CREATE TABLE trials (id INTEGER, stage TEXT, batch_size INTEGER, lr REAL, seed INTEGER,"
    " state TEXT, objective REAL, steps INTEGER)";

class StudyRuns : public ::testing::Test {
 protected:
  void execute(const std::string& sql) {
    SQLite::Database(file().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
  }
  std::filesystem::path file() const { return directory_.path() / "study.db"; }
  std::vector<Observation> observations() const {
    const Table table = read_runs(directory_.path());
    return group_runs(table, guess_columns(table, {}).columns).at(0).observations;
  }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.path() / name) << text;
  }
  std::string message() const {
    try {
      read_runs(directory_.path());
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(StudyRuns, AreTheTrialsOfItsDatabase) {
  execute(kTrials);
  execute(
      "INSERT INTO trials VALUES (0, 'base', 32, 0.1, 7, 'finished', 2.5, 100),"
      "(1, 'base', 32, 0.8, 7, 'diverged', NULL, 3), (2, 'base', 32, 0.2, 7, 'failed', NULL, 0)");
  const auto runs = observations();
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].loss, 2.5);
  EXPECT_EQ(runs[0].lr, 0.1);
  EXPECT_EQ(runs[0].seed, 7u);
  EXPECT_FALSE(runs[1].loss);
}

TEST_F(StudyRuns, LeaveOutTrialsThatMoveMoreThanTheLearningRate) {
  execute(kTrials);
  execute("ALTER TABLE trials ADD COLUMN beta1 REAL");
  execute(
      "INSERT INTO trials VALUES (0, 'base', 32, 0.1, 7, 'finished', 2.5, 100, NULL),"
      "(1, 'rules', 64, 0.1, 7, 'finished', 2.4, 50, 0.8)");
  ASSERT_THAT(observations(), SizeIs(1));
  EXPECT_EQ(observations()[0].batch_size, 32.0);
}

TEST_F(StudyRuns, TakeInWhatWasSuggestedAndObserved) {
  execute(
      "CREATE TABLE suggestions (id INTEGER, batch_size INTEGER, lr REAL, seed INTEGER,"
      " state TEXT, loss REAL, asked_at INTEGER, observed_at INTEGER)");
  execute(
      "INSERT INTO suggestions VALUES (0, 32, 0.1, 1, 'finished', 2.5, 0, 0),"
      "(1, 32, 0.2, 1, 'pending', NULL, 0, 0), (2, 32, 0.9, 1, 'diverged', NULL, 0, 0)");
  const auto runs = observations();
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].loss, 2.5);
  EXPECT_FALSE(runs[1].loss);
}

TEST_F(StudyRuns, ComeFromTheTrialsFileWhereThereIsNoDatabase) {
  write("trials.csv",
        "trial,batch_size,lr,seed,state,objective,steps,beta1\r\n"
        "0,32,0.1,1,finished,2,9,\r\n1,32,0.1,1,finished,2,9,0.5\r\n");
  EXPECT_THAT(observations(), SizeIs(1));
}

TEST_F(StudyRuns, SayTheOptimizerOfTheStudy) {
  EXPECT_FALSE(study_optimizer(directory_.path()));
  write("trials.csv", "batch_size,lr,seed,state,objective\r\n32,0.1,1,finished,2\r\n");
  EXPECT_FALSE(study_optimizer(directory_.path()));
  write("summary.json", R"({"study": {"settings": {"optimizer": "lars"}}})");
  EXPECT_EQ(study_optimizer(directory_.path()), "lars");
  EXPECT_EQ(study_optimizer(directory_.path() / "trials.csv"), "lars");
  write("summary.json", R"({"study": [{"settings": 7}]})");
  EXPECT_FALSE(study_optimizer(directory_.path()));
  execute("CREATE TABLE settings (position INTEGER, key TEXT, value TEXT)");
  execute("INSERT INTO settings VALUES (0, 'optimizer', 'sgd')");
  EXPECT_EQ(study_optimizer(directory_.path()), "sgd");
  EXPECT_EQ(study_optimizer(file()), "sgd");
  execute("CREATE TABLE meta (key TEXT, value TEXT)");
  execute("INSERT INTO meta VALUES ('suggest.update', 'adaptive')");
  EXPECT_EQ(study_optimizer(directory_.path()), "adaptive");
}

TEST_F(StudyRuns, SayThatADamagedDatabaseCannotBeRead) {
  write("study.db", "SQLite format 3, but not really");
  EXPECT_THAT(message(), HasSubstr("study.db"));
  EXPECT_THAT(message(), HasSubstr("cannot be read"));
}

TEST_F(StudyRuns, SayThatADirectoryHoldsNoStudy) {
  EXPECT_THAT(message(), HasSubstr("trials.csv"));
}

}  // namespace
}  // namespace etalon
