// Runs out of studies, and what is said of files that are none.
#include "runs/run_source.hpp"

#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TrialRecord trial(std::int64_t id, double lr, std::optional<double> loss) {
  TrialRecord record;
  record.id = id;
  record.round = 1;
  record.spec = {.batch_size = 32, .lr = lr, .seed = 7};
  record.result.state = loss ? TrialState::finished : TrialState::diverged;
  record.result.objective = loss;
  record.result.steps = 100;
  return record;
}

class RunsOfASource : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  void make_study(const std::vector<TrialRecord>& trials, const Fingerprint& fingerprint = {}) {
    SqliteStore store(path("study.db"), StoreMode::create, fingerprint);
    for (const TrialRecord& record : trials) store.append(record);
  }
  void make_database(const std::string& sql) const {
    SQLite::Database(path("study.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec(sql);
  }
  std::vector<Observation> observations() const {
    return read_runs(directory_.path()).groups.at(0).observations;
  }
  std::string message(const std::string& name = ".") const {
    try {
      read_runs(name == "." ? directory_.path() : path(name));
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(RunsOfASource, AreTheTrialsOfAStudyThatEnded) {
  TrialRecord failed = trial(3, 0.2, std::nullopt);
  failed.result.state = TrialState::failed;
  make_study({trial(1, 0.1, 2.5), trial(2, 0.8, std::nullopt), failed});
  ASSERT_THAT(observations(), SizeIs(2));
  EXPECT_EQ(observations()[0].loss, 2.5);
  EXPECT_EQ(observations()[0].seed, 7u);
  EXPECT_TRUE(observations()[1].diverged());
}

// Averaged weights among them.
TEST_F(RunsOfASource, AreNoTrialsThatMoveMoreThanTheLearningRate) {
  std::vector<TrialRecord> trials = {trial(1, 0.1, 2.5)};
  for (const NamedSetting& setting : kMovableSettings) {
    trials.push_back(trial(1 + std::ssize(trials), 0.1, 2.4));
    trials.back().spec.moved.*setting.value = 0.5;
  }
  make_study(trials);
  EXPECT_THAT(observations(), SizeIs(1));
}

TEST_F(RunsOfASource, ComeFromTheTrialsFileWhereThereIsNoDatabase) {
  write("trials.csv",
        "trial,batch_size,lr,seed,state,objective,steps,beta1,ema\r\n"
        "0,32,0.1,1,finished,2,9,,\r\n1,32,0.1,1,finished,2,9,0.5,\r\n"
        "2,32,0.1,1,finished,2,9,,0.9\r\n");
  EXPECT_THAT(observations(), SizeIs(1));
}

TEST_F(RunsOfASource, ComeWithTheOptimizerOfTheStudy) {
  write("trials.csv",
        "trial,round,stage,batch_size,lr,seed,state,objective,diverged_step\r\n"
        "1,1,base,32,0.1,1,finished,2,\r\n");
  EXPECT_FALSE(read_runs(directory_.path()).study_optimizer);
  write("summary.json", R"({"study": {"settings": {"optimizer": "lars"}}})");
  EXPECT_EQ(read_runs(directory_.path()).study_optimizer, "lars");
  EXPECT_EQ(read_runs(path("trials.csv")).study_optimizer, "lars");
  write("summary.json", R"({"study": {"settings": {"campaign.update": "sgd"}}})");
  EXPECT_EQ(read_runs(directory_.path()).study_optimizer, "sgd");
  write("summary.json", R"({"study": [{"settings": 7}]})");
  EXPECT_FALSE(read_runs(directory_.path()).study_optimizer);
  make_study({trial(1, 0.1, 2.5)}, {{"optimizer", "sgd"}});
  EXPECT_EQ(read_runs(directory_.path()).study_optimizer, "sgd");
  EXPECT_EQ(read_runs(path("study.db")).study_optimizer, "sgd");
}

TEST_F(RunsOfASource, AreNotOfAStudyWhereNoneHasEnded) {
  make_study({});
  EXPECT_THAT(message(), HasSubstr("no runs that ended"));
}

TEST_F(RunsOfASource, HaveNoColumnsToNameInAStudy) {
  make_study({trial(1, 0.1, 2.5)});
  EXPECT_THROW(read_runs(directory_.path(), {.loss = "accuracy"}), InputError);
}

TEST_F(RunsOfASource, AreNotReadFromADamagedDatabase) {
  write("study.db", "SQLite format 3, but not really");
  EXPECT_THAT(message(), HasSubstr("study.db"));
}

// As the tools make them.
TEST_F(RunsOfASource, AreNotReadFromADatabaseOfAnotherToolWhichIsNamed) {
  make_database(
      "CREATE TABLE studies (study_id INTEGER); CREATE TABLE trials (trial_id INTEGER, number "
      "INTEGER, state TEXT); CREATE TABLE trial_params (param_id INTEGER);"
      "CREATE TABLE trial_values (trial_value_id INTEGER, value REAL)");
  EXPECT_THAT(message(), HasSubstr("a database of Optuna"));
  EXPECT_THAT(message("study.db"), HasSubstr("etalon fit reads its trials"));
}

TEST_F(RunsOfASource, AreNotReadFromAnyOtherDatabase) {
  make_database(
      "CREATE TABLE runs (run_uuid TEXT); CREATE TABLE metrics (key TEXT);"
      "CREATE TABLE params (key TEXT)");
  EXPECT_THAT(message(), HasSubstr("a database of MLflow"));
  std::filesystem::remove(path("study.db"));
  make_database("CREATE TABLE bookmarks (id INTEGER)");
  EXPECT_THAT(message(), HasSubstr("its tables are bookmarks"));
}

TEST_F(RunsOfASource, AreLookedForInADirectoryWithoutAStudy) {
  EXPECT_THAT(message(), HasSubstr("neither a study nor logs that are known"));
  write("runs.csv", "");
  write("notes.txt", "");
  std::filesystem::create_directory(path("mine"));
  write("mine/trials.csv", "");
  EXPECT_THAT(message(),
              HasSubstr("such as " + path("mine").string() + ", " + path("runs.csv").string()));
}

}  // namespace
}  // namespace etalon
