#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "core/atomic_file.hpp"
#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "support/synthetic_study.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
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
  const testing::TemporaryDirectory directory;
  write_file_atomically(directory.path() / "a", "old");
  write_file_atomically(directory.path() / "a", "new");
  EXPECT_EQ(contents_of(directory.path() / "a"), "new");
  EXPECT_THAT(names_in(directory.path()), ::testing::ElementsAre("a"));
}

TEST(AtomicFile, KeepsTheOldFileAndNothingElseWhenTheDiskIsFull) {
  const testing::TemporaryDirectory directory;
  const fs::path path = directory.path() / "a";
  write_file_atomically(path, "old");
  {
    const FullDisk full(4096);
    EXPECT_THROW(write_file_atomically(path, std::string(10000, 'x')), RunError);
  }
  EXPECT_EQ(contents_of(path), "old");
  EXPECT_THAT(names_in(directory.path()), ::testing::ElementsAre("a"));
}

TEST(AtomicFile, NamesTheFileThatCannotBeWritten) {
  const testing::TemporaryDirectory directory;
  const fs::path path = directory.path() / "missing" / "a";
  try {
    write_file_atomically(path, "text");
    FAIL() << "no error";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(path.string()));
  }
}

TEST(StudyFiles, AreSummaryTrialsCurvesAndReport) {
  const testing::TemporaryDirectory directory;
  write_study_files(testing::synthetic_study(), Provenance{}, directory.path());
  EXPECT_THAT(
      names_in(directory.path()),
      ::testing::UnorderedElementsAre("summary.json", "trials.csv", "curves.csv", "report.html"));
}

TEST(StudyFiles, AreWrittenForAStudyThatHasNothingYet) {
  const testing::TemporaryDirectory directory;
  EXPECT_NO_THROW(write_study_files(StudyResult{}, Provenance{}, directory.path()));
}

}  // namespace
}  // namespace etalon
