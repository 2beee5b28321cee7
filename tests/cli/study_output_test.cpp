// What goes to standard output and standard error, and what becomes of the study if it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::ProgramResult;
using testing::read_text;
using testing::run_etalon;
using testing::SmallStudy;
using ::testing::StartsWith;
using testing::operator+;

void expect_all_files(const std::filesystem::path& directory) {
  for (const char* name : {"study.db", "summary.json", "trials.csv", "curves.csv", "report.html"}) {
    EXPECT_GT(std::filesystem::file_size(directory / name), 0u) << name;
  }
  EXPECT_FALSE(std::filesystem::exists(directory / "study.db-wal"));
  EXPECT_FALSE(std::filesystem::exists(directory / "study.db.lock"));
}

TEST(StudyOutput, WritesTheFilesAndATable) {
  const SmallStudy small;
  const ProgramResult result = run_etalon(small.study("o", small.settings()));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr((small.path("o") / "report.html").string()));
  EXPECT_THAT(result.err, HasSubstr(" of ~"));
  expect_all_files(small.path("o"));
}

TEST(StudyOutput, QuietSaysNothingOnStandardError) {
  const SmallStudy small;
  const ProgramResult result =
      run_etalon(small.study("o", small.settings() + Arguments{"--quiet"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_NE(result.out, "");
}

TEST(StudyOutput, JsonOnStandardOutputIsTheSummary) {
  const SmallStudy small;
  const ProgramResult result =
      run_etalon(small.study("o", small.settings() + Arguments{"--format", "json"}));
  EXPECT_EQ(nlohmann::json::parse(result.out)["study"]["base_batch_size"], 64);
  EXPECT_EQ(result.out, read_text(small.path("o") / "summary.json"));
}

TEST(StudyOutput, CsvOnStandardOutputIsTheTrials) {
  const SmallStudy small;
  const ProgramResult result =
      run_etalon(small.study("o", small.settings() + Arguments{"--format", "csv"}));
  EXPECT_THAT(result.out, StartsWith("trial,round,stage,batch_size,lr,seed"));
  EXPECT_EQ(result.out, read_text(small.path("o") / "trials.csv"));
}

TEST(StudyOutput, AReaderThatHasLeftCostsNothing) {
  const SmallStudy small;
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  close(ends[0]);
  const ProgramResult result =
      run_etalon(small.study("o", small.settings() + Arguments{"--format", "json", "--quiet"}),
                 {.output_descriptor = ends[1]});
  close(ends[1]);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.err, "");
  expect_all_files(small.path("o"));
}

TEST(StudyOutput, AnAnswerThatCannotBeWrittenFailsAndLeavesTheFiles) {
  for (const char* target : {"/dev/full", "closed"}) {
    const SmallStudy small;
    const ProgramResult result = run_etalon(
        small.study("o", small.settings() + Arguments{"--quiet"}), {.standard_output = target});
    EXPECT_EQ(result.exit_code, 1) << target;
    EXPECT_EQ(result.err,
              "etalon: error: the answer could not be written, standard output, check where it "
              "goes\n");
    expect_all_files(small.path("o"));
  }
}

TEST(StudyOutput, ProgressThatNobodySeesStopsNothing) {
  for (const char* target : {"/dev/full", "closed"}) {
    const SmallStudy small;
    const ProgramResult result =
        run_etalon(small.study("o", small.settings()), {.standard_error = target});
    EXPECT_EQ(result.exit_code, 0) << target;
    expect_all_files(small.path("o"));
  }
}

TEST(Program, ExplainsItself) {
  const ProgramResult help = run_etalon({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("usage: etalon COMMAND"));
  const ProgramResult study = run_etalon({"study", "--help"});
  EXPECT_EQ(study.exit_code, 0);
  EXPECT_THAT(study.out, HasSubstr("--batch-sizes"));
  EXPECT_THAT(study.out, HasSubstr("bit for bit, on the same processor."));
  const ProgramResult version = run_etalon({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, ::testing::MatchesRegex("etalon [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(run_etalon({"--help"}, {.standard_output = "/dev/full"}).exit_code, 1);
}

TEST(Program, WantsACommandThatExists) {
  for (const Arguments& arguments : {Arguments{}, Arguments{"stduy"}, Arguments{""},
                                     Arguments{"--frob"}, Arguments{"two\nlines"}}) {
    const ProgramResult result = run_etalon(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, StartsWith("etalon: error: "));
    EXPECT_THAT(result.err,
                ::testing::AnyOf(HasSubstr("use one of scale, check, study, report, watch, fit"),
                                 HasSubstr("did you mean study? The others are")));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  }
}

}  // namespace
}  // namespace etalon
