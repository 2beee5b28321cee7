#include <gmock/gmock.h>

#include <filesystem>

#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "support/synthetic_study.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
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

TEST(StudyFiles, AreRefusedBeforeTheStudyWhereTheyCannotBe) {
  const testing::TemporaryDirectory directory;
  EXPECT_NO_THROW(check_study_files(directory.path()));
  EXPECT_THAT(names_in(directory.path()), ::testing::IsEmpty());
  fs::create_directory(directory.path() / "report.html");
  EXPECT_THROW(check_study_files(directory.path()), InputError);
}

}  // namespace
}  // namespace etalon
