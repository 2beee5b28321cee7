// Files that are no study, or no longer one.
#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>

#include "core/random.hpp"
#include "store/store_file.hpp"
#include "store/trial_samples.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::as_text;
using ::testing::HasSubstr;
using testing::sample_trial;

class DamagedStore : public testing::StoreFile {
 protected:
  void write(const std::string& bytes) {
    std::filesystem::remove(path_);
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void execute(const char* sql) {
    SQLite::Database(path_.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
  }
  void write_study() {
    SqliteStore store(path_, StoreMode::create, {});
    for (std::int64_t id = 1; id <= 20; ++id) store.append(sample_trial(id, 40));
  }
  std::string refusal(StoreMode mode) const { return StoreFile::refusal(mode, {}); }
};

TEST_F(DamagedStore, RefusesAFileThatIsNotSqliteAndLeavesItAlone) {
  for (const std::string& content :
       {std::string("xy"), std::string("some notes of mine\n"), std::string(5000, 'a')}) {
    write(content);
    for (const StoreMode mode : {StoreMode::create, StoreMode::resume}) {
      EXPECT_THAT(refusal(mode),
                  AllOf(HasSubstr("this is not a study file"), HasSubstr(path_.string())));
    }
    EXPECT_THROW(read_study_file(path_), InputError);
    EXPECT_EQ(bytes(), content);
  }
}

TEST_F(DamagedStore, RefusesAnotherProgramsDatabaseAndLeavesItAlone) {
  execute("CREATE TABLE trials (id INTEGER)");
  const std::string before = bytes();
  for (const StoreMode mode : {StoreMode::create, StoreMode::resume}) {
    EXPECT_THAT(refusal(mode), HasSubstr("not a study"));
  }
  EXPECT_EQ(bytes(), before);
}

TEST_F(DamagedStore, NamesTheToolWhoseDatabaseItIs) {
  execute("CREATE TABLE studies (a)");
  execute("CREATE TABLE trials (a)");
  execute("CREATE TABLE trial_params (a)");
  for (const StoreMode mode : {StoreMode::create, StoreMode::resume}) {
    EXPECT_THAT(refusal(mode), HasSubstr("a database of Optuna"));
  }
  EXPECT_THAT(reader_refusal(), HasSubstr("etalon fit reads its trials"));
}

TEST_F(DamagedStore, RefusesAStudyOfANewerFormat) {
  write_study();
  execute("PRAGMA user_version = 99");
  EXPECT_THAT(refusal(StoreMode::resume),
              AllOf(HasSubstr("format 99, this program knows those up to 4"),
                    HasSubstr("use the newer version of etalon")));
}

// SQLite would wait at it forever: at the file itself, and at those that it keeps beside it.
TEST_F(DamagedStore, RefusesAFifo) {
  for (const char* ending : {"", "-wal", "-shm", "-journal"}) {
    if (*ending != 0) write_study();
    ASSERT_EQ(mkfifo((path_.string() + ending).c_str(), 0600), 0);
    EXPECT_THAT(refusal(StoreMode::resume), HasSubstr("this is not a study file")) << ending;
    EXPECT_THAT(reader_refusal(), HasSubstr("this is not a study file")) << ending;
    std::filesystem::remove(path_.string() + ending);
    std::filesystem::remove(path_);
  }
}

// A view may compute for ever, and a table of other columns is another program's.
TEST_F(DamagedStore, RefusesWhatStandsInThePlaceOfATable) {
  const std::string endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i";
  for (const std::string table : {"settings", "meta", "trials", "curve", "suggestions"}) {
    for (const std::string& instead :
         {fmt::format("CREATE VIEW {} AS {} AS id FROM n", table, endless),
          fmt::format("CREATE TABLE {} (id INTEGER)", table), std::string()}) {
      std::filesystem::remove(path_);
      write_study();
      execute(fmt::format("DROP TABLE {}; {}", table, instead).c_str());
      EXPECT_THAT(refusal(StoreMode::resume),
                  HasSubstr(fmt::format("the study's table '{}'", table)));
      EXPECT_THAT(reader_refusal(), HasSubstr(fmt::format("the study's table '{}'", table)));
    }
  }
}

TEST_F(DamagedStore, RefusesATrigger) {
  write_study();
  execute("CREATE TRIGGER t AFTER INSERT ON trials BEGIN DELETE FROM meta; END");
  EXPECT_THAT(refusal(StoreMode::resume), HasSubstr("a trigger"));
}

TEST_F(DamagedStore, RefusesADirectory) {
  std::filesystem::create_directory(path_);
  EXPECT_THAT(refusal(StoreMode::resume), HasSubstr("this is not a study file"));
}

TEST_F(DamagedStore, RefusesACurveWithoutItsTrial) {
  write_study();
  execute("DELETE FROM trials WHERE id = 7");
  EXPECT_THAT(refusal(StoreMode::resume), HasSubstr("damaged (a curve without its trial)"));
}

TEST_F(DamagedStore, TakesAnEmptyFileForAStudyNotYetBegun) {
  write("");
  EXPECT_THAT(refusal(StoreMode::resume), HasSubstr("there is no study to resume"));
  SqliteStore store(path_, StoreMode::create, {});
  store.append(sample_trial(1));
  EXPECT_EQ(store.load().size(), 1u);
}

TEST_F(DamagedStore, RefusesEveryTruncation) {
  write_study();
  const std::string whole = bytes();
  ASSERT_GT(whole.size(), 10000u);
  // To SQLite, a file of one byte is an empty one.
  for (std::size_t length = 2; length < whole.size(); length += whole.size() / 60) {
    write(whole.substr(0, length));
    EXPECT_THAT(refusal(StoreMode::resume), HasSubstr(path_.string())) << length;
    EXPECT_THAT(reader_refusal(), HasSubstr(path_.string())) << length;
  }
}

// A page overwritten from a random place on: found out, or in bytes that nobody uses.
TEST_F(DamagedStore, RefusesAnOverwrittenPageOrGivesTheTrialsUnchanged) {
  write_study();
  const std::string whole = bytes();
  const std::string trials = as_text(read_study_file(path_).trials);
  RandomStream random(8, "overwritten pages");
  int refused = 0;
  for (int i = 0; i < 100; ++i) {
    std::string damaged = whole;
    const std::size_t start = random.below(static_cast<std::uint32_t>(whole.size() - 512));
    for (std::size_t k = 0; k < 512; ++k) {
      damaged[start + k] = static_cast<char>(random.next_uint32());
    }
    write(damaged);
    try {
      EXPECT_EQ(as_text(SqliteStore(path_, StoreMode::resume, {}).load()), trials) << start;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace etalon
