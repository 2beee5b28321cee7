#include "core/file_lock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "etalon/error.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

class LockedFile : public ::testing::Test {
 protected:
  std::string refusal() const {
    try {
      const FileLock lock(file_, "checkpoint");
    } catch (const Error& error) {
      return error.what();
    }
    return "locked";
  }

  testing::TemporaryDirectory directory_;
  fs::path file_ = directory_.path() / "file";
  fs::path lock_ = directory_.path() / "file.lock";
};

TEST_F(LockedFile, IsSaidToBeHeldByWhomAndFreedInPeace) {
  {
    const FileLock lock(file_);
    EXPECT_THAT(refusal(), HasSubstr("process " + std::to_string(getpid()) +
                                     " is working on this checkpoint"));
  }
  EXPECT_FALSE(fs::exists(lock_));
  EXPECT_EQ(refusal(), "locked");
}

// What an attacker put in its place is neither followed nor written to, nor waited at.
TEST_F(LockedFile, IsNotLockedThroughAnotherFile) {
  const fs::path victim = directory_.path() / "victim";
  std::ofstream(victim) << "precious";
  const auto content = [&] {
    std::ifstream file(victim);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  fs::create_symlink(victim, lock_);
  EXPECT_THAT(refusal(), HasSubstr("something else in the place of the lock file"));
  fs::remove(lock_);
  fs::create_symlink(directory_.path() / "new", lock_);
  EXPECT_THAT(refusal(), HasSubstr("something else"));
  EXPECT_FALSE(fs::exists(directory_.path() / "new"));
  fs::remove(lock_);
  fs::create_hard_link(victim, lock_);
  EXPECT_THAT(refusal(), HasSubstr("something else"));
  fs::remove(lock_);
  ASSERT_EQ(mkfifo(lock_.c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("something else"));
  fs::remove(lock_);
  fs::create_directory(lock_);
  EXPECT_THAT(refusal(), HasSubstr("something else"));
  EXPECT_EQ(content(), "precious");
}

TEST_F(LockedFile, TakesOverWhatAKilledHolderLeftBehind) {
  testing::ChildProcess child([&](const auto& say) {
    const FileLock lock(file_);
    say("locked");
    pause();
  });
  ASSERT_EQ(child.listen(), "locked");
  EXPECT_EQ(FileLock::wait(file_, 5ms), nullptr);
  child.kill();
  EXPECT_TRUE(fs::exists(lock_));
  EXPECT_NE(FileLock::wait(file_, 5ms), nullptr);
  EXPECT_FALSE(fs::exists(lock_));
}

TEST_F(LockedFile, IsWaitedFor) {
  testing::ChildProcess child([&](const auto& say) {
    const FileLock lock(file_);
    say("locked");
    usleep(50000);
  });
  ASSERT_EQ(child.listen(), "locked");
  EXPECT_NE(FileLock::wait(file_, 60s), nullptr);
}

// A lock file that somebody removed may be another's by now.
TEST_F(LockedFile, LeavesAnothersLockAlone) {
  auto first = std::make_unique<FileLock>(file_);
  fs::remove(lock_);
  const FileLock second(file_);
  first.reset();
  EXPECT_TRUE(fs::exists(lock_));
}

}  // namespace
}  // namespace etalon
