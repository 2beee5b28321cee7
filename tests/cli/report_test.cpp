// etalon report: of studies, redrawn, and of runs that are no study.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "fit_command.hpp"
#include "study_command.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_etalon;

TEST(ReportOfAStudy, IsThatOfTheStudyItselfWithoutRunningAnything) {
  const testing::SmallStudy small;
  ASSERT_EQ(run_etalon(small.study("st", small.settings())).exit_code, 0);
  const auto before = testing::findings(small.path("st"));
  for (const char* name : {"report.html", "summary.json", "trials.csv", "curves.csv"}) {
    fs::remove(small.path("st") / name);
  }
  const auto result = run_etalon({"report", small.path("st").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(testing::findings(small.path("st")), before);
  EXPECT_TRUE(fs::exists(small.path("st") / "report.html"));
}

TEST(ReportOfAStudy, HasAdviceWhereItIsAskedFor) {
  const testing::SmallStudy small;
  ASSERT_EQ(run_etalon(small.study("st", small.settings())).exit_code, 0);
  const auto result = run_etalon({"report", small.path("st").string(), "--to", "256"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("256"));
  EXPECT_TRUE(fs::exists(small.path("st") / "advice.html"));
}

TEST(ReportOfAStudy, RefusesColumnsAndAShareOfTheLoss) {
  const testing::SmallStudy small;
  ASSERT_EQ(run_etalon(small.study("st", small.settings())).exit_code, 0);
  const std::string study = small.path("st").string();
  EXPECT_THAT(run_etalon({"report", study, "--metric", "x"}).err, HasSubstr("a study's are known"));
  EXPECT_THAT(run_etalon({"report", study, "--tolerance", "1%"}).err, HasSubstr("--tolerance"));
}

class ReportOfRuns : public testing::FitCommand {
 protected:
  testing::ProgramResult report(const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"report"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return testing::run_program(ETALON_BINARY, all);
  }
};

TEST_F(ReportOfRuns, IsAPageItsNumbersAndWhatWasTaken) {
  const std::string runs = write("sweep.csv", sweeps({64, 128, 256}));
  const auto result = report({runs, "--to", "512", "--out", path("out"), "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Report: " + path("out/report.html")));
  const auto summary = nlohmann::json::parse(testing::read_text(path("out/summary.json")));
  EXPECT_EQ(summary["groups"][0]["predictions"][0]["batch_size"], 512);
  EXPECT_THAT(summary["said"][0].get<std::string>(), HasSubstr("took column 'batch_size'"));
  EXPECT_THAT(testing::read_text(path("out/runs.csv")),
              HasSubstr("batch_size,lr,seed,state,loss\r\n64,"));
  EXPECT_EQ(report({runs, "--out", path("out"), "--quiet"}).exit_code, 0);  // once more
}

TEST_F(ReportOfRuns, TakesThePlaceOfNothing) {
  const std::string text = sweeps({64, 128});
  const std::string runs = write("runs.csv", text);
  EXPECT_THAT(report({runs, "--out", path("")}).err, HasSubstr("what it is made from"));
  EXPECT_EQ(testing::read_text(runs), text);
  fs::create_directory(path("mine"));
  write("mine/report.html", "mine");
  EXPECT_THAT(report({runs, "--out", path("mine")}).err, HasSubstr("which is no report's"));
  EXPECT_EQ(testing::read_text(path("mine/report.html")), "mine");
}

TEST_F(ReportOfRuns, LeavesNothingWhereItFailed) {
  const std::string runs = write("runs.csv", "a,b\n1,2\n");
  EXPECT_EQ(report({runs, "--out", path("out")}).exit_code, 2);
  EXPECT_FALSE(fs::exists(path("out")));
}

}  // namespace
}  // namespace etalon
