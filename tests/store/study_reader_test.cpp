// Files as killed processes leave them, read by those who may write there and those who may not.
#include <SQLiteCpp/Database.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/trial_samples.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using testing::as_text;
using testing::ChildProcess;
using ::testing::HasSubstr;
using testing::sample_trial;

constexpr int kTrials = 20;

class StudyReading : public ::testing::Test {
 protected:
  StudyReading() {
    SqliteStore store(path_, StoreMode::create, {});
    for (std::int64_t id = 1; id <= kTrials; ++id) {
      store.append(sample_trial(id, 40));
      expected_.push_back(sample_trial(id, 40));
    }
  }

  // What lies there while `sql` has been done and not been ended, less what SQLite keeps shared.
  void leave_in_the_middle_of(const char* sql) {
    SQLite::Database database(path_.string(), SQLite::OPEN_READWRITE);
    database.exec(sql);
    for (const char* ending : {"", "-wal", "-journal"}) {
      const fs::path file = path_.string() + ending;
      if (fs::exists(file)) fs::copy_file(file, left_.string() + ending);
    }
  }
  // A change that has reached the file, for SQLite had no room for it, and must be taken back.
  void leave_a_hot_journal() {
    leave_in_the_middle_of(
        "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE curve SET epoch = epoch + 1; "
        "UPDATE trials SET message = hex(zeroblob(3000))");
    ASSERT_GT(fs::file_size(left_.string() + "-journal"), 0u);
  }
  void leave_a_log() {
    leave_in_the_middle_of(
        "PRAGMA journal_mode = WAL; UPDATE meta SET value = 'x' WHERE 0; "
        "INSERT INTO meta VALUES ('newest', 'in the log')");
    ASSERT_GT(fs::file_size(left_.string() + "-wal"), 0u);
  }

  std::vector<std::string> names_of_files() const {
    std::vector<std::string> names;
    for (const auto& file : fs::directory_iterator(left_.parent_path())) {
      names.push_back(file.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  // Of what is left, read by one who may change nothing.
  std::string read_by_a_stranger() const {
    fs::permissions(directory_.path(), fs::perms{0755});
    fs::permissions(left_.parent_path(), fs::perms{0555});
    ChildProcess child([&](const auto& say) {
      testing::become_nobody();
      const StudyFile study = read_study_file(left_);
      say(as_text(study.trials) + (study.meta.contains("newest") ? " and the newest" : ""));
    });
    std::string said = child.listen_to_end();
    fs::permissions(left_.parent_path(), fs::perms{0755});
    return said;
  }

  testing::TemporaryDirectory directory_;
  fs::path path_ = directory_.path() / "study.db";
  fs::path left_ = [this] {
    fs::create_directory(directory_.path() / "left");
    return directory_.path() / "left" / "study.db";
  }();
  std::vector<TrialRecord> expected_;
};

TEST_F(StudyReading, TakesBackAChangeThatAKilledProcessLeftHalfDone) {
  leave_a_hot_journal();
  const auto before = names_of_files();
  EXPECT_EQ(as_text(read_study_file(left_).trials), as_text(expected_));
  EXPECT_EQ(names_of_files(), before) << "and changes nothing";
  EXPECT_EQ(read_by_a_stranger(), as_text(expected_));
}

TEST_F(StudyReading, SeesWhatIsInTheLogOfAKilledProcess) {
  leave_a_log();
  EXPECT_EQ(read_by_a_stranger(), as_text(expected_) + " and the newest");
  EXPECT_TRUE(read_study_file(left_).meta.contains("newest"));
}

TEST_F(StudyReading, NeedsNoLogOfAProcessThatHadWrittenNothing) {
  {
    SQLite::Database database(path_.string(), SQLite::OPEN_READWRITE);
    database.exec("PRAGMA journal_mode = WAL");
  }
  fs::copy_file(path_, left_);
  EXPECT_EQ(read_by_a_stranger(), as_text(expected_));
}

TEST_F(StudyReading, LeavesNoCopyBehind) {
  leave_a_hot_journal();
  const fs::path temporary = directory_.path() / "temporary";
  fs::create_directory(temporary);
  ChildProcess child([&](const auto& say) {
    setenv("TMPDIR", temporary.c_str(), 1);
    read_study_file(left_);
    say(fs::is_empty(temporary) ? "nothing" : "a copy");
  });
  EXPECT_EQ(child.listen_to_end(), "nothing");
}

TEST_F(StudyReading, SaysWhatToDoWhereNoCopyCanBeMade) {
  leave_a_hot_journal();
  ChildProcess child([&](const auto& say) {
    setenv("TMPDIR", (directory_.path() / "nowhere").c_str(), 1);
    try {
      read_study_file(left_);
    } catch (const RunError& error) {
      say(error.what());
    }
  });
  const std::string said = child.listen_to_end();
  EXPECT_THAT(said,
              HasSubstr("the study was not closed in peace, and cannot be copied to be read"));
  EXPECT_THAT(said, HasSubstr("TMPDIR"));
  EXPECT_THAT(said, HasSubstr(left_.string()));
}

}  // namespace
}  // namespace etalon
