// Real processes: a second one, killed ones, one whose disk is full, one without rights.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <thread>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "etalon/store.hpp"
#include "store/trial_samples.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::as_text;
using testing::ChildProcess;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::sample_trial;

const Fingerprint kFingerprint = {{"model", "mlp:128"}};
constexpr std::int64_t kPoints = 300;

class StoreProcess : public ::testing::Test {
 protected:
  // The first `count` sample trials, as they should be stored.
  static std::string expected(std::size_t count) {
    std::vector<TrialRecord> trials;
    while (trials.size() < count) {
      trials.push_back(sample_trial(static_cast<std::int64_t>(trials.size()) + 1, kPoints));
    }
    return as_text(trials);
  }

  testing::TemporaryDirectory directory_;
  fs::path path_ = directory_.path() / "study.db";
};

TEST_F(StoreProcess, IsRefusedAStudyThatAnotherProcessHolds) {
  const SqliteStore store(path_, StoreMode::create, kFingerprint);
  for (const StoreMode mode : {StoreMode::create, StoreMode::resume}) {
    ChildProcess child([&](const auto&) { SqliteStore(path_, mode, kFingerprint); });
    EXPECT_THAT(child.listen_to_end(),
                AllOf(HasSubstr(fmt::format("process {} is working on this study", getpid())),
                      HasSubstr(path_.string())));
  }
}

TEST_F(StoreProcess, IsRefusedAStudyThatItHoldsItself) {
  const SqliteStore store(path_, StoreMode::create, kFingerprint);
  EXPECT_THROW(SqliteStore(path_, StoreMode::resume, kFingerprint), InputError);
}

TEST_F(StoreProcess, FreesTheStudyHoweverItEnds) {
  {
    ChildProcess child([&](const auto& say) {
      const SqliteStore store(path_, StoreMode::create, kFingerprint);
      say("open");
      pause();
    });
    ASSERT_EQ(child.listen(), "open");
    try {
      SqliteStore(path_, StoreMode::resume, kFingerprint);
      ADD_FAILURE() << "opened a study that another process holds";
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(fmt::format("process {} ", child.pid())));
    }
    child.kill();
  }
  EXPECT_NO_THROW(SqliteStore(path_, StoreMode::resume, kFingerprint));
}

// One study, killed at twenty random moments, each time resumed: whatever `append` returned for is
// there and whole, and at most the one trial more that was being stored.
TEST_F(StoreProcess, LosesNoStoredTrialWhenItIsKilled) {
  RandomStream random(12, "moments to kill at");
  std::size_t stored = 0;
  for (int round = 0; round < 20; ++round) {
    ChildProcess child([&](const auto& say) {
      SqliteStore store(path_, StoreMode::create_or_resume, kFingerprint);
      for (auto id = static_cast<std::int64_t>(stored) + 1;; ++id) {
        store.append(sample_trial(id, kPoints));
        say(".");
      }
    });
    std::size_t reported = child.listen().size();
    ASSERT_GE(reported, 1u);
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(20000)));
    child.kill();
    reported += child.listen_to_end().size();

    const SqliteStore store(path_, StoreMode::resume, kFingerprint);
    const std::vector<TrialRecord> trials = store.load();
    ASSERT_GE(trials.size(), stored + reported);
    ASSERT_LE(trials.size(), stored + reported + 1);
    ASSERT_EQ(as_text(trials), expected(trials.size()));
    stored = trials.size();
  }
}

// A study that was just begun is whole without the write-ahead log, which is easily left behind.
TEST_F(StoreProcess, IsWholeInItsFileFromTheFirstMomentOn) {
  ChildProcess child([&](const auto& say) {
    const SqliteStore store(path_, StoreMode::create, kFingerprint);
    say("open");
    pause();
  });
  ASSERT_EQ(child.listen(), "open");
  child.kill();
  fs::remove(path_.string() + "-wal");
  fs::remove(path_.string() + "-shm");
  EXPECT_EQ(read_study_file(path_).fingerprint, kFingerprint);
}

// Killed before the first trial: the study is not there, or there and empty.
TEST_F(StoreProcess, CanBeKilledWhileItCreatesTheStudy) {
  RandomStream random(13, "moments to kill at");
  for (int round = 0; round < 20; ++round) {
    const fs::path path = directory_.path() / fmt::format("study{}.db", round);
    ChildProcess child([&](const auto& say) {
      say(".");
      const SqliteStore store(path, StoreMode::create, kFingerprint);
      pause();
    });
    child.listen();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(5000)));
    child.kill();
    SqliteStore store(path, StoreMode::create_or_resume, kFingerprint);
    EXPECT_TRUE(store.load().empty());
    store.append(sample_trial(1));
  }
}

void limit_file_size(rlim_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes;
  if (setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("setrlimit failed");
}

// Files that may grow no further stand for a full disk.
TEST_F(StoreProcess, LosesNothingWhenTheDiskIsFullAndGoesOnWhenItHasRoom) {
  ChildProcess child([&](const auto& say) {
    std::signal(SIGXFSZ, SIG_IGN);
    SqliteStore store(path_, StoreMode::create, kFingerprint);
    limit_file_size(300000);
    std::int64_t stored = 0;
    try {
      while (true) {
        store.append(sample_trial(stored + 1, kPoints));
        ++stored;
      }
    } catch (const RunError& error) {
      say(fmt::format("stored {} then: {}", stored, error.what()));
    }
    if (as_text(store.load()) != expected(static_cast<std::size_t>(stored))) say("\nlost");
    limit_file_size(RLIM_INFINITY);
    store.append(sample_trial(stored + 1, kPoints));
    say(fmt::format("\nwith room {}", stored + 1));
  });
  const std::string said = child.listen_to_end();
  std::size_t stored = 0;
  ASSERT_EQ(std::sscanf(said.c_str(), "stored %zu", &stored), 1) << said;
  EXPECT_GE(stored, 3u);
  EXPECT_THAT(said, AllOf(HasSubstr("cannot be read or written"), HasSubstr(path_.string()),
                          EndsWith(fmt::format("\nwith room {}", stored + 1))));
  const SqliteStore store(path_, StoreMode::resume, kFingerprint);
  EXPECT_EQ(as_text(store.load()), expected(stored + 1));
}

TEST_F(StoreProcess, SaysWhenTheDirectoryCannotBeWrittenTo) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1, kPoints));
  fs::permissions(directory_.path(), fs::perms{0555});
  ChildProcess child([&](const auto& say) {
    testing::become_nobody();
    try {
      SqliteStore(path_, StoreMode::resume, kFingerprint);
    } catch (const RunError& error) {
      say(error.what());
    }
    say(fmt::format("\nread {}", read_study_file(path_).trials.size()));
  });
  EXPECT_THAT(child.listen_to_end(), AllOf(HasSubstr("Permission denied"),
                                           HasSubstr(path_.string()), EndsWith("\nread 1")));
  fs::permissions(directory_.path(), fs::perms{0700});
}

TEST_F(StoreProcess, SaysWhenTheFileCannotBeWrittenTo) {
  SqliteStore(path_, StoreMode::create, kFingerprint).append(sample_trial(1));
  fs::permissions(directory_.path(), fs::perms{0777});
  fs::permissions(path_, fs::perms{0444});
  ChildProcess child([&](const auto& say) {
    testing::become_nobody();
    try {
      SqliteStore(path_, StoreMode::resume, kFingerprint);
    } catch (const RunError& error) {
      say(error.what());
    }
  });
  EXPECT_THAT(child.listen_to_end(),
              AllOf(HasSubstr("the study file cannot be written to"), HasSubstr(path_.string())));
}

}  // namespace
}  // namespace etalon
