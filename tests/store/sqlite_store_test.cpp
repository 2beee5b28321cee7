#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/trial_samples.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::as_text;
using ::testing::HasSubstr;
using testing::sample_trial;

const Fingerprint kFingerprint = {{"model", "mlp:128"}, {"study.seeds", "3"}};

class Store : public ::testing::Test {
 protected:
  std::string refusal(StoreMode mode, const Fingerprint& fingerprint = kFingerprint) {
    try {
      SqliteStore store(path_, mode, fingerprint);
    } catch (const InputError& error) {
      return error.what();
    }
    return "opened without an error";
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "study.db";
};

TEST_F(Store, GivesBackEveryTrialBitForBit) {
  std::vector<TrialRecord> trials;
  {
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    for (std::int64_t id = 1; id <= 50; ++id) {
      trials.push_back(sample_trial(id, id % 7));
      store.append(trials.back());
    }
    EXPECT_EQ(as_text(store.load()), as_text(trials));
  }
  const SqliteStore again(path_, StoreMode::resume, kFingerprint);
  EXPECT_EQ(as_text(again.load()), as_text(trials));
}

// Of all doubles, SQLite changes NaN, which is missing here, and -0.0, which becomes the equal 0.0.
TEST_F(Store, KeepsTheBitsOfUnusualDoubles) {
  using Limits = std::numeric_limits<double>;
  TrialRecord trial = sample_trial(1, 0);
  for (const double value : {1.0, 3.0e15, -3.0, 0.1, Limits::denorm_min(), Limits::min(),
                             Limits::max(), Limits::infinity(), 9007199254740993.0}) {
    trial.result.curve.push_back({0, 0, value, value, -value, value / 3.0});
  }
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(trial);
  EXPECT_EQ(as_text(store.load()), as_text(std::vector{trial}));
}

TEST_F(Store, GivesTrialsInOrderOfIdHoweverTheyArrived) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  for (const std::int64_t id : {3, 1, 2}) store.append(sample_trial(id));
  EXPECT_EQ(as_text(store.load()),
            as_text(std::vector{sample_trial(1), sample_trial(2), sample_trial(3)}));
}

TEST_F(Store, RefusesATrialThatIsThereAndKeepsTheFirst) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(sample_trial(1));
  TrialRecord other = sample_trial(2);
  other.id = 1;
  EXPECT_THROW(store.append(other), RunError);
  EXPECT_EQ(as_text(store.load()), as_text(std::vector{sample_trial(1)}));
}

TEST_F(Store, RefusesAnInterruptedTrial) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  TrialRecord trial = sample_trial(1);
  trial.result.state = TrialState::interrupted;
  EXPECT_THROW(store.append(trial), RunError);
  EXPECT_TRUE(store.load().empty());
}

TEST_F(Store, KeepsFactsBesideTheTrials) {
  {
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    EXPECT_EQ(store.meta("version"), std::nullopt);
    store.set_meta("version", "0.0");
    store.set_meta("version", "0.1");
  }
  const SqliteStore again(path_, StoreMode::resume, kFingerprint);
  EXPECT_EQ(again.meta("version"), "0.1");
}

TEST_F(Store, RefusesToCreateOverAStudy) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  EXPECT_THAT(refusal(StoreMode::create),
              AllOf(HasSubstr("a study of 1 trial already"), HasSubstr(path_.string()),
                    HasSubstr("pass --resume to continue, or choose another --out")));
  EXPECT_EQ(SqliteStore(path_, StoreMode::resume, kFingerprint).load().size(), 1u);
}

TEST_F(Store, RefusesToResumeWithOtherSettingsAndNamesTheFirst) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  EXPECT_THAT(
      refusal(StoreMode::resume, {{"model", "lenet"}, {"study.seeds", "4"}}),
      AllOf(HasSubstr("model was \"mlp:128\" and is now \"lenet\""), HasSubstr(path_.string())));
}

TEST_F(Store, CreatesAStudyWhenThereIsNoneToResume) {
  SqliteStore store(path_, StoreMode::resume, kFingerprint);
  EXPECT_TRUE(store.load().empty());
}

TEST_F(Store, LeavesOneFileBehind) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory_.path())) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ::testing::ElementsAre("study.db"));
}

TEST_F(Store, CanBeReadWhileItIsHeld) {
  SqliteStore store(path_, StoreMode::create, kFingerprint);
  store.append(sample_trial(1));
  store.set_meta("version", "0.1");
  const StudyFile file = read_study_file(path_);
  EXPECT_EQ(file.fingerprint, kFingerprint);
  EXPECT_EQ(file.meta.at("version"), "0.1");
  EXPECT_EQ(as_text(file.trials), as_text(std::vector{sample_trial(1)}));
  store.append(sample_trial(2));
  EXPECT_EQ(read_study_file(path_).trials.size(), 2u);
}

TEST_F(Store, IsNotMadeByReadingIt) {
  EXPECT_THROW(read_study_file(path_), InputError);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace etalon
