// `etalon fit` on what `etalon study` wrote.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ProgramResult;
using testing::run_etalon;
using testing::operator+;

constexpr const char* kSaysSgd = "took the priors of the study's optimizer, sgd";

// 1000 examples are 62 steps of 16, but 3 of 256: budgets are rounded to whole steps.
class FitOfAStudy : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    study_ = new testing::SmallStudy;
    result_ = run_etalon(study_->study(
        "s", {"--dataset", "idx:" + study_->data().string(), "--model", "mlp:4",
              "--validation-size", "200", "--batch-sizes", "16,256", "--base-batch-size", "16",
              "--seeds", "2", "--examples", "1000", "--optimizer", "sgd", "--quiet"}));
  }
  static void TearDownTestSuite() {
    delete study_;
    study_ = nullptr;
  }
  void SetUp() override { ASSERT_EQ(result_.exit_code, 0) << result_.err; }

  static ProgramResult fit(const std::string& name, const Arguments& more = {}) {
    return run_etalon(Arguments{"fit", study_->path(name).string(), "--to", "64"} + more);
  }

  static testing::SmallStudy* study_;
  static ProgramResult result_;
};

testing::SmallStudy* FitOfAStudy::study_ = nullptr;
ProgramResult FitOfAStudy::result_;

TEST_F(FitOfAStudy, IsTheSameWhereverItsTrialsAreRead) {
  const std::string whole = fit("s").out;
  EXPECT_THAT(whole, HasSubstr("best lr"));
  EXPECT_EQ(fit("s/study.db").out, whole);
  EXPECT_EQ(fit("s/trials.csv").out, whole);
  std::filesystem::copy_file(study_->path("s/trials.csv"), study_->path("mine.csv"));
  EXPECT_EQ(fit("mine.csv", {"--optimizer", "sgd"}).out, whole);
}

TEST_F(FitOfAStudy, TakesItsOptimizerAndSaysSo) {
  const ProgramResult result = fit("s");
  EXPECT_THAT(result.err, HasSubstr(kSaysSgd));
  EXPECT_EQ(result.out, fit("s", {"--optimizer", "sgd"}).out);
  EXPECT_NE(result.out, fit("s", {"--optimizer", "adamw"}).out);
  EXPECT_THAT(fit("s/study.db").err, HasSubstr(kSaysSgd));
  EXPECT_THAT(fit("s/trials.csv").err, HasSubstr(kSaysSgd));
}

TEST_F(FitOfAStudy, TakesTheOptimizerThatIsGivenInstead) {
  const ProgramResult result = fit("s", {"--optimizer", "adamw"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, Not(HasSubstr("the priors")));
}

TEST(FitOfSuggestions, TakesTheOptimizerThatWasGivenToSuggest) {
  const testing::TemporaryDirectory directory;
  const std::string study = (directory.path() / "runs").string();
  const Arguments suggest = {"suggest", study, "--batch-size", "64", "--optimizer", "momentum"};
  ASSERT_EQ(run_etalon(suggest).exit_code, 0);
  ASSERT_EQ(run_etalon({"observe", study, "--trial", "1", "--loss", "2"}).exit_code, 0);
  EXPECT_THAT(run_etalon({"fit", study}).err, HasSubstr(kSaysSgd));
}

}  // namespace
}  // namespace etalon
