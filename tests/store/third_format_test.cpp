// Studies of the third format, whose trials had no training loss at their end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "store/old_formats.hpp"
#include "store/shared_study.hpp"
#include "store/store_file.hpp"
#include "store/study_schema.hpp"
#include "store/trial_samples.hpp"

namespace etalon {
namespace {

const Fingerprint kThirdSettings = {{"optimizer", "sgd"}};

class ThirdFormat : public testing::StoreFile {
 protected:
  void SetUp() override { testing::write_third_format(path_); }
  int version() const {
    return SQLite::Database(path_.string()).execAndGet("PRAGMA user_version").getInt();
  }
};

TEST_F(ThirdFormat, IsReadWithoutBeingChanged) {
  const StudyFile study = read_study_file(path_);
  ASSERT_EQ(study.trials.size(), 2u);
  EXPECT_FALSE(study.trials[0].result.train_loss);
  EXPECT_EQ(study.trials[1].attempts, 2);
  EXPECT_EQ(study.trials[1].spec.moved.ema, 0.75);
  EXPECT_EQ(study.asked.size(), 2u);
  EXPECT_EQ(version(), 3);
}

TEST_F(ThirdFormat, TakesTrainingLossesOnceItIsUpgradedAndKeepsAllThatItHeld) {
  const StudyFile before = read_study_file(path_);
  TrialRecord trial = testing::sample_trial(3);
  trial.result.train_loss = 0.1;
  SqliteStore(path_, StoreMode::resume, kThirdSettings).append(trial);
  StudyFile after = read_study_file(path_);
  EXPECT_EQ(version(), 4);
  EXPECT_EQ(testing::as_text(after.trials.back()), testing::as_text(trial));
  after.trials.pop_back();
  EXPECT_EQ(testing::as_text(after.trials), testing::as_text(before.trials));
  EXPECT_EQ(after.meta, before.meta);
  ASSERT_EQ(after.asked.size(), 2u);
  EXPECT_EQ(after.asked[1].attempts, 3);
}

TEST_F(ThirdFormat, IsBroughtUpByAskingAndTelling) {
  SharedStudy(path_).upgrade();
  EXPECT_EQ(version(), 4);
  EXPECT_EQ(read_study_file(path_).asked.size(), 2u);
}

}  // namespace
}  // namespace etalon
