// `etalon fit`: how the answer is written, to a terminal, as JSON, CSV and a page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/docs_samples.hpp"
#include "cli/fit_command.hpp"
#include "core/text.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class FitOutput : public testing::FitCommand {};

TEST_F(FitOutput, PrintsTheAnswerAsATable) {
  const auto result = fit({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", "2048"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("80% interval"));
  EXPECT_THAT(result.out, ::testing::StartsWith("76 runs at 4 batch sizes, "));
  EXPECT_THAT(result.out,
              ContainsRegex("2048 +0\\.00[0-9]+ +0\\.00[0-9]+ to [^\n]* 4x beyond 512\n"));
  EXPECT_THAT(result.out, HasSubstr("by the linear rule"));
  EXPECT_THAT(unwrapped(result.out), HasSubstr("what to use averages over the laws"));
}

// The answer, what it rests on, the laws; nothing is wider than a terminal.
TEST_F(FitOutput, AnswersFirstWithinTheTerminalsWidth) {
  std::string runs = "a_long_name_of_a_setting_that_a_script_wrote,batch_size,lr,loss\n";
  std::istringstream lines(sweeps({64, 128, 256, 512}));
  std::string row;
  std::getline(lines, row);
  while (std::getline(lines, row))
    runs += "and_the_long_value_that_it_has_in_every_one," + row + "\n";
  const std::string text = fit({write("runs.csv", runs), "--to", "2048", "--group-by",
                                "a_long_name_of_a_setting_that_a_script_wrote"})
                               .out;
  EXPECT_LT(text.find("use lr"), text.find("measured at"));
  EXPECT_LT(text.find("measured at"), text.find("η* = A·√B"));
  std::istringstream output(text);
  while (std::getline(output, row)) EXPECT_LE(columns_of(row), 80u) << row;
}

TEST_F(FitOutput, IsQuietWhereAsked) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  EXPECT_EQ(fit({runs, "--quiet"}).err, "");
  EXPECT_EQ(fit({runs, "--quiet"}).out, fit({runs}).out);
}

TEST_F(FitOutput, WritesJsonOfTheDocumentedShape) {
  const Json group =
      fit_json({write("runs.csv", sweeps({64, 128, 256, 512})), "--to", "1024,2048"});
  ASSERT_EQ(group.at("optima").size(), 4u);
  for (const char* key : {"batch_size", "lr", "lr_low", "lr_high", "loss", "censored"}) {
    EXPECT_TRUE(group["optima"][0].contains(key)) << key;
  }
  double weights = 0.0;
  for (const Json& law : group.at("laws")) {
    weights += law.at("weight").get<double>();
    EXPECT_TRUE(law.at("coefficients").contains("A"));
  }
  EXPECT_NEAR(weights, 1.0, 1e-9);
  EXPECT_GE(group.at("surface_weight"), 0.0);
  EXPECT_LE(group.at("surface_weight"), 1.0);
  EXPECT_TRUE(group.at("refused").is_null());
  ASSERT_EQ(group.at("predictions").size(), 2u);
  const Json& far = group["predictions"][1];
  EXPECT_EQ(far.at("batch_size"), 2048.0);
  EXPECT_EQ(far.at("nearest_batch_size"), 512.0);
  EXPECT_EQ(far.at("extrapolation"), 4.0);
  EXPECT_LE(far.at("lr_low"), far.at("lr"));
  EXPECT_GE(far.at("lr_high"), far.at("lr"));
  ASSERT_EQ(far.at("rules").size(), 2u);
  for (const Json& rule : far["rules"]) {
    EXPECT_GE(rule.at("expected_regret"), far.at("expected_regret"));
    EXPECT_GT(rule.at("lr"), 0.0);
  }
}

TEST_F(FitOutput, WritesCsvWithALinePerOptimumPredictionAndRule) {
  const auto result = fit({write("runs.csv", sweeps({64, 128})), "--to", "256", "--format", "csv"});
  EXPECT_THAT(result.out, ::testing::StartsWith("kind,batch_size,lr,"));
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1 + 1 + 2 + 2 + 2);
  EXPECT_THAT(result.out, HasSubstr("\nrun,64,"));
  EXPECT_THAT(result.out, HasSubstr("\nsqrt rule,256,"));
}

// The last column says in words what a line rests on.
TEST_F(FitOutput, WritesTheCautionIntoCsv) {
  const auto result = fit({write("runs.csv", sweeps({64})), "--to", "256", "--format", "csv"});
  EXPECT_THAT(result.out, HasSubstr(",refused,said\r\n"));
  EXPECT_THAT(result.out, HasSubstr("\ncaution,,,,,,,,,,,\"little is known"));
}

// Written from hostile runs, the page must hold no markup of theirs and ask for nothing outside.
TEST_F(FitOutput, WritesOnePageThatEscapesWhatItShows) {
  std::string text = "model,batch_size,lr,loss\n";
  std::istringstream lines(sweeps({64, 128}));
  std::string row;
  std::getline(lines, row);
  while (std::getline(lines, row)) text += "</script><b>{{data}}," + row + "\n";
  const std::string page = path("fit.html");
  const auto result = fit({write("runs.csv", text), "--to", "512", "--html", page});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string html = testing::read_text(page);
  EXPECT_THAT(html, ::testing::Not(HasSubstr("</script><b>")));
  EXPECT_THAT(html, HasSubstr("\\u003c/script>\\u003cb>{{data}}"));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
  EXPECT_THAT(html, HasSubstr("\"band\":[{\"batch_size\":64"));
}

// Before the work.
TEST_F(FitOutput, SaysThatAPageCannotBeWritten) {
  const auto result = fit({write("runs.csv", sweeps({64})), "--html", path("no/such/fit.html")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, HasSubstr("fit.html"));
  EXPECT_THAT(result.err, Not(HasSubstr("took column")));
}

TEST_F(FitOutput, SaysWhichFlagToChangeWhereAPageCannotBeWritten) {
  const auto result = fit({write("runs.csv", sweeps({64})), "--html", path("no/such/fit.html")});
  EXPECT_THAT(result.err, HasSubstr("another --html"));
  EXPECT_THAT(result.err, Not(HasSubstr("--out")));
}

// A page in place of what it is made from.
TEST_F(FitOutput, RefusesToOverwriteItsRuns) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const std::string before = testing::read_text(runs);
  std::filesystem::create_symlink(runs, path("link.csv"));
  for (const std::string& page : {runs, path("link.csv"), path("./runs.csv")}) {
    const auto result = fit({runs, "--html", page});
    EXPECT_EQ(result.exit_code, 2) << page;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(testing::read_text(runs), before);
  }
  write("trials.csv", "batch_size,lr,seed,state,objective\n32,0.1,1,finished,2\n");
  write("study.db", "");
  for (const char* page : {"trials.csv", "study.db"}) {
    EXPECT_EQ(fit({path("."), "--html", path(page)}).exit_code, 2) << page;
  }
}

// From text of the file to the terminal and to a spreadsheet.
TEST_F(FitOutput, ShowsNoControlCharactersAndNoFormulas) {
  std::string text = "model,depth,batch_size,lr,loss\n";
  std::istringstream lines(sweeps({64, 128}));
  std::string row;
  std::getline(lines, row);
  while (std::getline(lines, row)) text += "=cmd()\x1b[31m\x07,-3," + row + "\n";
  const std::string runs = write("runs.csv", text);
  const std::vector<std::string> by = {"--group-by", "model,depth"};
  const auto shown = fit({runs, by[0], by[1]});
  EXPECT_THAT(shown.out + shown.err, Not(HasSubstr("\x1b")));
  EXPECT_THAT(shown.out + shown.err, Not(HasSubstr("\x07")));
  const std::string csv = fit({runs, by[0], by[1], "--format", "csv"}).out;
  EXPECT_THAT(csv, HasSubstr("\n'=cmd()"));
  EXPECT_THAT(csv, HasSubstr(",-3,optimum,"));
}

TEST_F(FitOutput, IsNoFailureWhereTheReaderLeaves) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const std::string command = "set -o pipefail; '" ETALON_BINARY "' fit '" + runs +
                              "' --quiet --to $(seq -s, 200 600) | head -1";
  const auto result = testing::run_command("bash -c \"" + command + "\" 2>&1");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr("error")));
}

// Console samples of the page are run as they stand, from the top of the sources.
TEST_F(FitOutput, DoesWhatItsDocumentationShows) {
  // As far as processors without fused multiply-add are from those with it.
  constexpr testing::SampleTolerance kOtherProcessor = {
      .relative = 0.03, .places = 3, .absolute = 2e-7};
  const std::string page = testing::read_text(ETALON_SOURCE_DIR "/docs/fit.md");
  const std::string open = "\n```console\n$ etalon ";
  int samples = 0;
  for (auto at = page.find(open); at != std::string::npos; at = page.find(open, at + 1)) {
    const auto command = at + open.size();
    const auto output = page.find('\n', command) + 1;
    const auto end = page.find("\n```", output) + 1;
    const std::string line = page.substr(command, output - 1 - command);
    const auto result =
        testing::run_command("cd '" ETALON_SOURCE_DIR "' && '" ETALON_BINARY "' " + line + " 2>&1");
    testing::expect_sample(result.output, page.substr(output, end - output), kOtherProcessor, line);
    ++samples;
  }
  EXPECT_EQ(samples, 4);
}

}  // namespace
}  // namespace etalon
