// Studies that an earlier version wrote: format 1 had no columns for what a trial moves.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "etalon/study.hpp"
#include "store/old_formats.hpp"
#include "store/trial_samples.hpp"
#include "study/study_fixture.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using namespace testing;

// The tables as they were, with the settings and, as far as `count` goes, the trials of a study.
void write_first_format(const std::filesystem::path& path, const Fingerprint& settings,
                        const std::vector<TrialRecord>& trials, std::size_t count) {
  SQLite::Database database(path.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  database.exec(first_format());
  int position = 0;
  for (const auto& [key, value] : settings) {
    database.exec(
        fmt::format("INSERT INTO settings VALUES ({}, '{}', '{}')", ++position, key, value));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [id, round, stage, spec, result, attempts] = trials[i];
    const char* const stages[] = {"base", "rules", "tuned"};
    const bool finished = result.state == TrialState::finished;
    database.exec(fmt::format(
        "INSERT INTO trials VALUES ({}, {}, '{}', {}, {}, {}, '{}', {}, NULL, NULL, '', 5, 0.5)",
        id, round, stages[static_cast<int>(stage)], spec.batch_size, spec.lr, spec.seed,
        finished ? "finished" : "diverged",
        finished ? fmt::format("{}", *result.objective) : "NULL"));
    database.exec(
        fmt::format("INSERT INTO curve VALUES ({}, 1, 5, 160, 0.25, 0.75, NULL, NULL)", id));
  }
}

class FirstFormat : public ::testing::Test {
 protected:
  void write(std::size_t trials) { write_first_format(path_, settings_, whole_.trials, trials); }
  int version() const {
    return SQLite::Database(path_.string()).execAndGet("PRAGMA user_version").getInt();
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "study.db";
  StudyResult whole_ = run(noisy_quadratic_workload(), small_options());
  Fingerprint settings_ = study_fingerprint(noisy_quadratic_workload().info(), small_options());
};

// What version 1 wrote, letter by letter.
TEST_F(FirstFormat, HasTheFingerprintThatTheSameStudyHasNow) {
  ASSERT_EQ(settings_.back(),
            std::pair(std::string("study.rules"), std::string("fixed,sqrt,linear")));
  settings_.back().second = "fixed:0,sqrt:0.5,linear:1";
  write(0);
  EXPECT_EQ(read_study_file(path_).fingerprint.back().second, "fixed,sqrt,linear");
}

TEST_F(FirstFormat, CalledTheObjectiveOfATrainingInWords) {
  settings_.emplace_back("objective", "training loss");
  write(0);
  EXPECT_EQ(read_study_file(path_).fingerprint.back().second, "train-loss");
}

TEST_F(FirstFormat, IsReadWithoutBeingChanged) {
  write(10);
  const StudyFile file = read_study_file(path_);
  ASSERT_EQ(file.trials.size(), 10u);
  EXPECT_EQ(essence(file.trials), essence({whole_.trials.begin(), whole_.trials.begin() + 10}));
  EXPECT_EQ(file.trials[0].result.curve.size(), 1u);
  EXPECT_FALSE(file.trials[0].spec.moved.any());
  EXPECT_EQ(version(), 1);
}

TEST_F(FirstFormat, GoesOnToTheSameEnd) {
  write(17);
  const auto workload = noisy_quadratic_workload();
  {
    SqliteStore store(path_, StoreMode::resume, settings_);
    const auto resumed = run(workload, small_options(), store);
    EXPECT_EQ(essence(resumed.trials), essence(whole_.trials));
  }
  EXPECT_EQ(workload.runs(), static_cast<int>(whole_.trials.size()) - 17);
  EXPECT_EQ(version(), 4);
  EXPECT_EQ(essence(read_study_file(path_).trials), essence(whole_.trials));
}

TEST_F(FirstFormat, TakesWhatTrialsMoveOnceItIsUpgraded) {
  write(3);
  const TrialRecord trial = sample_trial(4);
  ASSERT_TRUE(trial.spec.moved.any());
  {
    SqliteStore store(path_, StoreMode::resume, settings_);
    store.append(trial);
  }
  const SqliteStore again(path_, StoreMode::resume, settings_);
  EXPECT_EQ(as_text(again.load().back()), as_text(trial));
}

TEST_F(FirstFormat, IsLeftAsItIsWhenItIsAnotherStudy) {
  write(3);
  EXPECT_THROW(SqliteStore(path_, StoreMode::resume, {{"model", "lenet"}}), InputError);
  EXPECT_THROW(SqliteStore(path_, StoreMode::create, settings_), InputError);
  EXPECT_EQ(version(), 1);
}

}  // namespace
}  // namespace etalon
