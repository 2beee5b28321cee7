#include <gmock/gmock.h>

#include <sstream>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/report.hpp"
#include "report/display.hpp"
#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> lines_of(const StudyResult& result, const TerminalOptions& options) {
  std::stringstream out;
  TerminalReporter(options).report(result, Provenance{}, out);
  std::vector<std::string> lines;
  for (std::string line; std::getline(out, line);) lines.push_back(line);
  return lines;
}

std::string text_of(const StudyResult& result, const TerminalOptions& options = {}) {
  std::ostringstream out;
  TerminalReporter(options).report(result, Provenance{}, out);
  return out.str();
}

TEST(Terminal, OpensWithTheConclusion) {
  StudyResult result = testing::synthetic_study();
  result.conclusion = "Use the linear rule up to B=256.";
  EXPECT_EQ(lines_of(result, {}).front(), result.conclusion);
}

TEST(Terminal, FitsIntoTheWidthAskedFor) {
  const StudyResult result = testing::synthetic_study();
  for (const std::size_t width : {60u, 80u, 100u, 120u}) {
    TerminalOptions options;
    options.width = width;
    for (const std::string& line : lines_of(result, options)) {
      EXPECT_LE(columns_of(line), width) << line;
    }
  }
}

TEST(Terminal, PutsAllThreeRulesBesideTheOptimumAtAHundredColumns) {
  const auto lines = lines_of(testing::synthetic_study(), {.width = 100});
  EXPECT_THAT(lines,
              ::testing::Contains(::testing::AllOf(HasSubstr("best η"), HasSubstr("fixed η"),
                                                   HasSubstr("sqrt η"), HasSubstr("linear η"))));
}

TEST(Terminal, ShowsEveryVerdictAsASignThatNeedsNoColor) {
  const auto lines = lines_of(testing::synthetic_study(), {.width = 100});
  const auto row = std::find_if(lines.begin(), lines.end(),
                                [](const std::string& line) { return line.starts_with("2048"); });
  ASSERT_NE(row, lines.end());
  EXPECT_THAT(*row, HasSubstr("✗"));
  EXPECT_THAT(*row, HasSubstr("?"));
  EXPECT_THAT(*row, HasSubstr("2.67 or more"));
}

TEST(Terminal, ShowsBesideTheBestLearningRateTheLossThatBelongsToIt) {
  StudyResult result = testing::synthetic_study();
  result.optima.front().loss = 0.7654;  // measured at another learning rate
  result.optima.front().fitted_loss = 0.7531;
  EXPECT_THAT(text_of(result), HasSubstr("0.7531"));
  EXPECT_THAT(text_of(result), Not(HasSubstr("0.7654")));
}

TEST(Terminal, SaysThatARuleDiverged) {
  StudyResult result = testing::synthetic_study();
  result.rules.back().regret.loss.reset();
  result.rules.back().regret.verdict = Verdict::fails;
  EXPECT_THAT(text_of(result), HasSubstr("diverged ✗"));
}

TEST(Terminal, SaysWhatARuleMovesBesidesAndRecommendsItsRecipe) {
  const StudyResult result = testing::synthetic_recipe_study();
  TerminalOptions options;
  options.width = 400;
  EXPECT_THAT(lines_of(result, options),
              ::testing::IsSupersetOf({::testing::Eq("sde also sets"),
                                       ::testing::Eq("  at B=128: beta1 0.6"),
                                       ::testing::Eq("  at B=512: beta1 0.185 (beta1 is beta1^κ: "
                                                     "an extrapolation)")}));
  EXPECT_THAT(text_of(result, options), HasSubstr(" at B=128 with beta1 0.6 (sde),"));
  options.width = 60;
  for (const std::string& line : lines_of(result, options)) EXPECT_LE(columns_of(line), 60u);
}

TEST(Terminal, HasEscapeCodesOnlyWhenAskedForColor) {
  const StudyResult result = testing::synthetic_study();
  EXPECT_THAT(text_of(result), Not(HasSubstr("\x1b")));
  TerminalOptions options;
  options.color = true;
  EXPECT_THAT(text_of(result, options), HasSubstr("\x1b[32m"));
}

// Of a large text a study reads a small part.
TEST(Terminal, CountsABudgetBelowATenthOfAnEpochInExamples) {
  StudyResult result = testing::synthetic_study();
  const auto said = [&](std::int64_t budget) {
    result.workload.budget_steps = 0;
    result.workload.budget_examples = budget;
    result.workload.examples_per_epoch = 10000;
    return text_of(result, {.width = 200});
  };
  EXPECT_THAT(said(999), HasSubstr(" after 999 examples"));
  EXPECT_THAT(said(1000), HasSubstr(" after 0.1 epochs"));
}

TEST(Terminal, LetsNoNameControlTheTerminal) {
  testing::SyntheticOptions options;
  options.name = "evil\x1b[2J name";
  EXPECT_THAT(text_of(testing::synthetic_study(options)), Not(HasSubstr("\x1b")));
}

TEST(Terminal, SaysWhereTheReportIs) {
  TerminalOptions options;
  options.report_path = "out/report.html";
  EXPECT_EQ(lines_of(testing::synthetic_study(), options).back(), "Report: out/report.html");
}

TEST(Terminal, RefusesAWidthTooSmallToReadAt) {
  TerminalOptions options;
  options.width = 39;
  EXPECT_THROW(TerminalReporter{options}, InputError);
}

TEST(Display, WrapsAtSpacesByColumnsAndNotByBytes) {
  EXPECT_THAT(wrap("ηηη ηηη ηη", 7), ::testing::ElementsAre("ηηη ηηη", "ηη"));
}

TEST(Display, SaysDurationsAsAClockDoes) {
  EXPECT_EQ(display_duration(7.6), "8 s");
  EXPECT_EQ(display_duration(125), "2:05");
  EXPECT_EQ(display_duration(3723), "1:02:03");
}

// As a study of that quadratic would be, whatever else its figures are.
TEST(Terminal, ShowsWhatIsExactBesideWhatWasMeasured) {
  StudyResult result = testing::synthetic_study();
  EXPECT_THAT(text_of(result), Not(HasSubstr("exact")));
  result.workload.settings = {{"model", "quadratic:300"}, {"budget", "65536 examples"}};
  const auto lines = lines_of(result, {.width = 80});
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr("exact η")));
  EXPECT_THAT(lines, ::testing::Contains(::testing::AllOf(HasSubstr("2048"), HasSubstr("1.91"))));
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr("The exact best η, in closed form, lies in ")));
}

}  // namespace
}  // namespace etalon
