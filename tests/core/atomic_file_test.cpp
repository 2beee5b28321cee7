#include "core/atomic_file.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "etalon/error.hpp"
#include "support/child_process.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

using testing::read_text;
using testing::TemporaryDirectory;

void fill(const fs::path& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::set<std::string> names_in(const fs::path& directory) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.insert(entry.path().filename().string());
  }
  return names;
}

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  lstat(path.c_str(), &status);
  return status.st_mode;
}

std::string refusal(const auto& action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// A disk that is full after `bytes`: writing on fails instead of killing the process.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limit = before_;
    limit.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(AtomicFile, ReplacesWhatWasThere) {
  const TemporaryDirectory directory;
  write_file_atomically(directory.path() / "a", "old");
  write_file_atomically(directory.path() / "a", "new");
  EXPECT_EQ(read_text(directory.path() / "a"), "new");
  EXPECT_THAT(names_in(directory.path()), ::testing::ElementsAre("a"));
}

TEST(AtomicFile, KeepsTheOldFileAndNothingElseWhenTheDiskIsFull) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  write_file_atomically(path, "old");
  {
    const FullDisk full(4096);
    EXPECT_THROW(write_file_atomically(path, std::string(10000, 'x')), RunError);
  }
  EXPECT_EQ(read_text(path), "old");
  EXPECT_THAT(names_in(directory.path()), ::testing::ElementsAre("a"));
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "missing" / "a";
  try {
    write_file_atomically(path, "text");
    FAIL() << "no error";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(path.string()));
  }
}

TEST(AtomicFile, KeepsTheModeOfWhatWasThere) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  fill(path, "old");
  ::chmod(path.c_str(), 0640);
  write_file_atomically(path, "new");
  EXPECT_EQ(read_text(path), "new");
  EXPECT_EQ(mode_of(path) & 07777u, 0640u);
}

TEST(AtomicFile, FollowsALinkAndLeavesIt) {
  const TemporaryDirectory directory;
  fs::create_directory(directory.path() / "d");
  fill(directory.path() / "d" / "target", "old");
  fs::create_symlink("d/target", directory.path() / "link");
  write_file_atomically(directory.path() / "link", "new");
  EXPECT_TRUE(fs::is_symlink(directory.path() / "link"));
  EXPECT_EQ(read_text(directory.path() / "d" / "target"), "new");
}

TEST(AtomicFile, MakesTheFileThatADanglingLinkNames) {
  const TemporaryDirectory directory;
  fs::create_symlink("target", directory.path() / "link");
  write_file_atomically(directory.path() / "link", "new");
  EXPECT_TRUE(fs::is_symlink(directory.path() / "link"));
  EXPECT_EQ(read_text(directory.path() / "target"), "new");
}

TEST(AtomicFile, WritesToAPipeAndLeavesItAPipe) {
  const TemporaryDirectory directory;
  const fs::path pipe = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  check_output(pipe);
  write_file_atomically(pipe, "text");
  char bytes[8] = {};
  EXPECT_EQ(::read(reader, bytes, sizeof bytes), 4);
  EXPECT_STREQ(bytes, "text");
  ::close(reader);
  EXPECT_TRUE(S_ISFIFO(mode_of(pipe)));
  EXPECT_THAT(names_in(directory.path()), ::testing::ElementsAre("pipe"));
}

TEST(AtomicFile, DoesNotWaitForAPipeThatNobodyReads) {
  const TemporaryDirectory directory;
  const fs::path pipe = directory.path() / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(write_file_atomically(pipe, "text"), RunError);
  EXPECT_TRUE(S_ISFIFO(mode_of(pipe)));
}

// A /dev/null of the test's own: a fault must not take the machine's.
TEST(AtomicFile, WritesToADeviceAndLeavesItADevice) {
  const TemporaryDirectory directory;
  const fs::path null = directory.path() / "null";
  const bool made = ::mknod(null.c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0;
  const int opened = made ? ::open(null.c_str(), O_WRONLY) : -1;
  if (opened < 0) GTEST_SKIP() << "this user or this place may have no devices";
  ::close(opened);
  check_output(null);
  write_file_atomically(null, "text");
  EXPECT_TRUE(S_ISCHR(mode_of(null)));
}

TEST(AtomicFile, RefusesADirectory) {
  const TemporaryDirectory directory;
  EXPECT_THAT(refusal([&] { write_file_atomically(directory.path(), "text", "html"); }),
              ::testing::StartsWith("html is a directory"));
  EXPECT_TRUE(fs::is_directory(directory.path()));
}

TEST(AtomicFile, TakesAwayWhatAKilledWriterLeftAndNothingElse) {
  const TemporaryDirectory directory;
  fill(directory.path() / ".etalon-0123456789abcdef.tmp", "left");
  fill(directory.path() / ".etalon-mine.tmp", "kept");
  fill(directory.path() / "outside", "kept");
  fs::create_symlink("outside", directory.path() / ".etalon-fedcba9876543210.tmp");
  write_file_atomically(directory.path() / "a", "text");
  EXPECT_THAT(
      names_in(directory.path()),
      ::testing::ElementsAre(".etalon-fedcba9876543210.tmp", ".etalon-mine.tmp", "a", "outside"));
}

TEST(AtomicFile, IsWholeAfterItsWriterWasKilledAtAnyMoment) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  const std::string old(1 << 20, 'o'), replacement(1 << 20, 'n');
  fill(path, old);
  for (int i = 0; i < 20; ++i) {
    testing::ChildProcess writer([&](const testing::ChildProcess::Say& say) {
      say("go");
      while (true) write_file_atomically(path, replacement);
    });
    writer.listen();
    std::this_thread::sleep_for(std::chrono::microseconds(500 * i));
    writer.kill();
    const std::string text = read_text(path);
    EXPECT_TRUE(text == old || text == replacement) << i;
  }
  testing::ChildProcess last(
      [&](const testing::ChildProcess::Say&) { write_file_atomically(path, "last"); });
  last.listen_to_end();
  EXPECT_THAT(names_in(directory.path()), ::testing::ElementsAre("a"));
}

TEST(CheckOutput, SaysBeforeTheWorkWhatCannotBeWritten) {
  const TemporaryDirectory directory;
  EXPECT_THAT(refusal([] { check_output("", "html"); }), ::testing::StartsWith("html is empty"));
  EXPECT_THAT(refusal([&] { check_output(directory.path(), "html"); }),
              ::testing::StartsWith("html is a directory"));
  EXPECT_THAT(refusal([&] { check_output(directory.path() / "no" / "a", "html"); }),
              ::testing::EndsWith("make its directory first, or choose another html"));
  fill(directory.path() / "file", "");
  EXPECT_THAT(refusal([&] { check_output(directory.path() / "file" / "a", "html"); }),
              ::testing::EndsWith("choose another html"));
}

TEST(CheckOutput, FindsADirectoryThatMayNotBeWrittenTo) {
  const TemporaryDirectory directory;
  ::chmod(directory.path().c_str(), 0555);
  testing::ChildProcess nobody([&](const testing::ChildProcess::Say& say) {
    testing::become_nobody();
    say(refusal([&] { check_output(directory.path() / "a", "html"); }));
  });
  EXPECT_THAT(nobody.listen_to_end(), ::testing::HasSubstr("Permission denied"));
  ::chmod(directory.path().c_str(), 0755);
}

TEST(CheckOutput, LeavesNothingBehind) {
  const TemporaryDirectory directory;
  check_output(directory.path() / "a");
  EXPECT_THAT(names_in(directory.path()), ::testing::IsEmpty());
}

TEST(OutputsApart, AreOneFileUnderWhateverName) {
  const TemporaryDirectory directory;
  const fs::path base = directory.path();
  fill(base / "runs.csv", "");
  fs::create_directory(base / "d");
  fs::create_symlink("runs.csv", base / "link");
  fs::create_hard_link(base / "runs.csv", base / "hard");
  for (const fs::path& same :
       {base / "runs.csv", base / "d" / ".." / "runs.csv", base / "link", base / "hard"}) {
    const NamedPath outputs[] = {{"html", same}};
    const NamedPath inputs[] = {{"runs", base / "runs.csv"}};
    EXPECT_THAT(refusal([&] { check_outputs_apart(outputs, inputs); }),
                ::testing::StartsWith("html would overwrite what runs reads"))
        << same;
  }
}

TEST(OutputsApart, AreOneFileThatIsNotThereYet) {
  const TemporaryDirectory directory;
  fs::create_directory(directory.path() / "d");
  const NamedPath outputs[] = {{"checkpoint", directory.path() / "a"},
                               {"csv", directory.path() / "d" / ".." / "a"}};
  EXPECT_THAT(refusal([&] { check_outputs_apart(outputs, {}); }),
              ::testing::StartsWith("checkpoint and csv are one file"));
}

TEST(OutputsApart, DoNotTakeEachOthersLocks) {
  const TemporaryDirectory directory;
  const NamedPath file{"checkpoint", directory.path() / "a"};
  const NamedPath lock{"csv", directory.path() / "a.lock"};
  for (const auto& outputs : {std::array{file, lock}, std::array{lock, file}}) {
    EXPECT_THAT(refusal([&] { check_outputs_apart(outputs, {}); }),
                ::testing::StartsWith("csv would overwrite what locks checkpoint"));
  }
}

TEST(OutputsApart, DoNotTakeTheFilesBesideADatabase) {
  const TemporaryDirectory directory;
  const NamedPath inputs[] = {{"runs", directory.path() / "study.db"}};
  for (const char* name : {"study.db", "study.db-wal", "study.db-shm", "study.db.lock"}) {
    const NamedPath outputs[] = {{"html", directory.path() / name}};
    EXPECT_THAT(refusal([&] { check_outputs_apart(outputs, inputs); }),
                ::testing::StartsWith("html would overwrite"))
        << name;
  }
}

TEST(OutputsApart, MayBeTwoFilesOrOneThatIsNoRegularFile) {
  const TemporaryDirectory directory;
  const NamedPath two[] = {{"html", directory.path() / "a"}, {"csv", directory.path() / "b"}};
  EXPECT_NO_THROW(check_outputs_apart(two, {}));
  const NamedPath none[] = {{"html", ""}, {"csv", ""}};
  EXPECT_NO_THROW(check_outputs_apart(none, none));
  const NamedPath nowhere[] = {{"html", "/dev/null"}, {"csv", "/dev/null"}};
  EXPECT_NO_THROW(check_outputs_apart(nowhere, {}));
}

}  // namespace
}  // namespace etalon
