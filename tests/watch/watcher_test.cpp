#include "watch/watcher.hpp"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "core/file_lock.hpp"
#include "etalon/error.hpp"
#include "support/synthetic_study.hpp"
#include "support/temporary_directory.hpp"
#include "watch/activity.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class WatcherTest : public ::testing::Test {
 protected:
  void SetUp() override { begin(); }

  void begin() {
    store_.emplace(file(), StoreMode::create, study_fingerprint(study_.workload, study_.options));
  }
  fs::path file() const { return directory_.path() / "study.db"; }
  void add(std::size_t trials) {
    for (std::size_t i = 0; i < trials; ++i) store_->append(study_.trials.at(next_++));
  }
  Json said_since(std::int64_t version) const {
    return Json::parse(changes_since(*board_.newest(), version));
  }

  const testing::TemporaryDirectory directory_;
  const StudyResult study_ = testing::synthetic_study();
  std::optional<SqliteStore> store_;
  std::size_t next_ = 0;
  double now_ = 0.0, cost_ = 0.0;
  Board board_;
  Watcher watcher_{directory_.path(),
                   [this](const StudyFile& study) {
                     now_ += cost_;
                     return stored_study(study, "study");
                   },
                   board_, [this] { return now_; }};
};

TEST_F(WatcherTest, PutsUpWhatIsNewAndNothingElse) {
  add(40);
  ASSERT_TRUE(watcher_.look());
  EXPECT_EQ(said_since(0).at("trials").size(), 40u);
  EXPECT_FALSE(watcher_.look()) << "nothing happened";
  const std::int64_t version = board_.newest()->version;
  add(2);
  ASSERT_TRUE(watcher_.look());
  EXPECT_EQ(said_since(version).at("trials").size(), 2u);
  EXPECT_EQ(said_since(version).at("summary").at("trials"), 42);
}

TEST_F(WatcherTest, SaysSomethingOfAStudyWithoutTrials) {
  ASSERT_TRUE(watcher_.look());
  EXPECT_TRUE(said_since(0).at("trials").empty());
  EXPECT_EQ(said_since(0).at("summary").at("trials"), 0);
}

TEST_F(WatcherTest, ShowsTrialsAtOnceAndTheAnswerOnceItHasRested) {
  add(40);
  cost_ = 2.0;
  ASSERT_TRUE(watcher_.look());
  const std::int64_t version = board_.newest()->version;
  add(1);
  now_ += 49.0;  // less than 25 times as long as the answer took
  ASSERT_TRUE(watcher_.look());
  EXPECT_EQ(said_since(version).at("trials").size(), 1u);
  EXPECT_EQ(said_since(0).at("summary").at("trials"), 40);
  EXPECT_EQ(said_since(0).at("live").at("outlook").at("ended"), 41);
  now_ += 2.0;
  ASSERT_TRUE(watcher_.look()) << "though nothing was added since";
  EXPECT_EQ(said_since(0).at("summary").at("trials"), 41);
  EXPECT_FALSE(watcher_.look());
}

TEST_F(WatcherTest, ShowsATrialAnewThatWasRunAgain) {
  TrialRecord failed = study_.trials[0];
  failed.result = {};
  failed.result.message = "lost";
  store_->append(failed);
  add(0);
  watcher_.look();
  const std::int64_t version = board_.newest()->version;
  TrialRecord again = study_.trials[0];
  again.attempts = 2;
  store_->append(again);
  ASSERT_TRUE(watcher_.look());
  EXPECT_EQ(said_since(version).at("trials").at(0).at("state"), "finished");
}

TEST_F(WatcherTest, TellsAStudyThatIsAnother) {
  add(10);
  watcher_.look();
  const std::int64_t generation = board_.newest()->generation;
  store_.reset();
  fs::remove(file());
  next_ = 0;
  begin();
  add(3);
  ASSERT_TRUE(watcher_.look());
  EXPECT_NE(board_.newest()->generation, generation);
  EXPECT_EQ(said_since(0).at("trials").size(), 3u);
}

TEST_F(WatcherTest, ChangesNothing) {
  add(10);
  store_.reset();
  const auto listing = [&] {
    std::map<std::string, std::pair<std::uintmax_t, fs::file_time_type>> files;
    for (const auto& entry : fs::recursive_directory_iterator(directory_.path())) {
      files[entry.path().string()] = {entry.file_size(), entry.last_write_time()};
    }
    return files;
  };
  const auto before = listing();
  ASSERT_TRUE(watcher_.look());
  EXPECT_EQ(listing(), before);
}

TEST(Watcher, RefusesWhatIsNoStudy) {
  const testing::TemporaryDirectory directory;
  Board board;
  Watcher watcher(
      directory.path(), [](const StudyFile&) { return StudyResult{}; }, board);
  EXPECT_THROW(watcher.check(), InputError);
  EXPECT_FALSE(watcher.look());
}

TEST(Activity, IsKnownByTheKernelsLocks) {
  const testing::TemporaryDirectory directory;
  const fs::path file = directory.path() / "study.db";
  EXPECT_EQ(is_worked_on(file), false);
  {
    const FileLock lock(file);
    EXPECT_EQ(is_worked_on(file), true);
  }
  EXPECT_EQ(is_worked_on(file), false);
  std::ofstream(file.string() + std::string(kLockEnding)) << "123";
  EXPECT_EQ(is_worked_on(file), std::nullopt) << "left behind, or held by another machine";
}

TEST(Activity, IsAsOldAsTheLastChange) {
  const testing::TemporaryDirectory directory;
  const fs::path file = directory.path() / "study.db";
  EXPECT_EQ(seconds_since_change(file), std::nullopt);
  std::ofstream(file) << "x";
  fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(2));
  EXPECT_NEAR(seconds_since_change(file).value_or(0.0), 7200.0, 60.0);
  std::ofstream(file.string() + "-wal") << "y";
  EXPECT_LT(seconds_since_change(file).value_or(1e9), 60.0);
}

}  // namespace
}  // namespace etalon
