// Studies of the second format, which had no bounds, no attempts, and suggestions only where there
// were any.
#include <SQLiteCpp/Statement.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/file_lock.hpp"
#include "store/asked_rows.hpp"
#include "store/old_formats.hpp"
#include "store/shared_study.hpp"
#include "store/store_file.hpp"
#include "store/study_schema.hpp"
#include "store/trial_samples.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const Fingerprint kSettings = {{"optimizer", "sgd"}};

class SecondFormat : public testing::StoreFile {
 protected:
  // The tables of a study in the order of their names.
  static std::string tables(const std::filesystem::path& path) {
    SQLite::Database database(path.string());
    SQLite::Statement select(
        database, "SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY type DESC, name");
    std::string all;
    while (select.executeStep()) all += select.getColumn(0).getString() + '\n';
    all.erase(std::remove(all.begin(), all.end(), '"'), all.end());
    return all;
  }
};

TEST_F(SecondFormat, IsReadWithoutBeingChanged) {
  for (const char* more : {"", testing::kSecondFormatSuggestions}) {
    std::filesystem::remove(path_);
    testing::write_second_format(path_, more);
    const StudyFile study = read_study_file(path_);
    EXPECT_EQ(study.fingerprint, kSettings);
    ASSERT_EQ(study.trials.size(), 2u);
    EXPECT_EQ(study.trials[0].attempts, 1);
    EXPECT_EQ(study.trials[1].spec.moved.ema, 0.75);
    EXPECT_EQ(study.asked.size(), *more == 0 ? 0u : 3u);
    EXPECT_EQ(sweep_of(study).size(), *more == 0 ? 1u : 2u);
    EXPECT_EQ(SQLite::Database(path_.string()).execAndGet("PRAGMA user_version").getInt(), 2);
  }
}

TEST_F(SecondFormat, BecomesWhatANewStudyIsAndKeepsAllThatItHeld) {
  for (const char* more : {"", testing::kSecondFormatSuggestions}) {
    std::filesystem::remove(path_);
    testing::write_second_format(path_, more);
    const StudyFile before = read_study_file(path_);
    SqliteStore(path_, StoreMode::resume, kSettings).append(testing::sample_trial(3));
    StudyFile after = read_study_file(path_);
    EXPECT_EQ(testing::as_text(after.trials.back()), testing::as_text(testing::sample_trial(3)));
    after.trials.pop_back();
    EXPECT_EQ(testing::as_text(after.trials), testing::as_text(before.trials));
    EXPECT_EQ(after.meta, before.meta);
    EXPECT_EQ(after.asked.size(), before.asked.size());

    const auto fresh = directory_.path() / "fresh.db";
    std::filesystem::remove(fresh);
    SqliteStore(fresh, StoreMode::create, kSettings);
    EXPECT_EQ(tables(path_), tables(fresh));
  }
}

TEST_F(SecondFormat, IsBroughtUpByAskingAndTelling) {
  testing::write_second_format(path_, testing::kSecondFormatSuggestions);
  SharedStudy study(path_);
  study.upgrade();
  const auto open = study.read([](SQLite::Database& database) { return select_open(database); });
  ASSERT_EQ(open.size(), 2u);
  EXPECT_EQ(open[0].id, 2);
  EXPECT_EQ(open[0].attempts, 1);
  EXPECT_EQ(open[1].observed_at, 1101);
}

// An older program that runs the study would not know the tables any more.
TEST_F(SecondFormat, IsNotBroughtUpUnderAProcessThatWorksOnIt) {
  testing::write_second_format(path_);
  const FileLock lock(path_);
  SharedStudy study(path_);
  EXPECT_THROW(study.upgrade(), InputError);
  EXPECT_EQ(SQLite::Database(path_.string()).execAndGet("PRAGMA user_version").getInt(), 2);
}

TEST_F(SecondFormat, IsRefusedWithValuesThatNoTrialCanHave) {
  const std::pair<const char*, const char*> kChanges[] = {
      {"trials SET lr = 1.79e308", "trial 1 has learning rate 1.79e+308"},
      {"trials SET lr = 1e-320", "trial 1 has learning rate"},
      {"trials SET batch_size = 9000000000000000000", "batch size 9000000000000000000"},
      {"trials SET batch_size = -1", "trial 1 has batch size -1"},
      {"trials SET objective = 9e999", "trial 1 has loss inf"},
      {"trials SET objective = NULL", "trial 1 has no loss"},
      {"suggestions SET lr = 1.79e308", "suggested trial 1 has learning rate 1.79e+308"},
      {"suggestions SET batch_size = 9000000000000000000", "suggested trial 1 has batch size"},
      {"suggestions SET loss = -9e999", "suggested trial 1 has loss -inf"}};
  for (const auto& [change, why] : kChanges) {
    std::filesystem::remove(path_);
    testing::write_second_format(path_, testing::kSecondFormatSuggestions);
    SQLite::Database(path_.string(), SQLite::OPEN_READWRITE)
        .exec(std::string("UPDATE ") + change + " WHERE id = 1");
    EXPECT_THAT(reader_refusal(), AllOf(HasSubstr("damaged"), HasSubstr(why)));
    EXPECT_THROW(SqliteStore(path_, StoreMode::resume, kSettings).load(), Error) << change;
    EXPECT_THROW(SharedStudy(path_).upgrade(), Error) << change;
  }
}

}  // namespace
}  // namespace etalon
