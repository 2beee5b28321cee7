// `etalon fit`: what it reads, and what it says of flags and files that it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/fit_command.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using testing::loss_at;
using ::testing::Not;
using Json = nlohmann::json;

class FitInput : public testing::FitCommand {};

TEST_F(FitInput, SaysItsGuessesOnStandardErrorOnly) {
  const auto result = fit({write("runs.csv", sweeps({64, 128}))});
  EXPECT_THAT(result.err, HasSubstr("took column 'batch_size' as the batch size"));
  EXPECT_THAT(result.err, HasSubstr("took column 'lr' as the learning rate"));
  EXPECT_THAT(result.err, HasSubstr("took column 'loss' as the loss"));
  EXPECT_THAT(result.out, ::testing::Not(HasSubstr("took column")));
}

TEST_F(FitInput, ReadsJsonLines) {
  std::string text;
  RandomStream stream(1, "fit_test.json");
  for (const double batch_size : {64.0, 256.0}) {
    for (int step = -6; step <= 8; ++step) {
      const double lr = 1e-3 * std::exp2(0.5 * step);
      const std::string loss = loss_at(batch_size, lr, stream);
      text += "{\"batch\": " + std::to_string(batch_size) +
              ", \"learning_rate\": " + std::to_string(lr) +
              ", \"val_loss\": " + (loss == "nan" ? "NaN" : loss) + "}\n";
    }
  }
  EXPECT_EQ(fit_json({write("runs.jsonl", text)}).at("optima").size(), 2u);
}

TEST_F(FitInput, NamesTheRowAndColumnOfBadInputWithExitCodeTwo) {
  expect_refused("batch_size,lr\n32,0.1\n", {}, {"looks like the loss", "--loss-column"});
  expect_refused("batch_size,lr,loss\n32,0.1,2\n", {"--loss-column", "score"}, {"'score'"});
  expect_refused("batch_size,lr,loss\n32,0.1,2\n32,fast,2\n", {}, {"'fast'", "'lr'", "bad.csv:3"});
  expect_refused("batch_size,lr,loss\n32,-0.1,2\n", {}, {"-0.1", "'lr'", "no learning rate"});
  expect_refused("batch_size,lr,loss\n0,0.1,2\n", {}, {"'batch_size', is 0", "from 1 to 1e+15"});
  expect_refused("batch_size,lr,loss,steps\n32,0.1,2,100\n64,0.1,2,200\n", {},
                 {"1.28e+04", "3200", "line 2", "bad.csv:3", "--group-by", "--run-column"});
  expect_refused("batch_size,lr,loss\n32,0.1\n", {}, {"bad.csv:2", "2 fields"});
  expect_refused("batch_size,lr,loss\n", {}, {"no rows"});
}

// A flag, its value and the constraint, before any work.
TEST_F(FitInput, NamesTheFlagThatIsOutOfRange) {
  const std::string runs = "batch_size,lr,loss\n32,0.1,2\n";
  for (const char* value : {"nan", "inf", "0", "-64", "0.5", "1e16"}) {
    expect_refused(runs, {"--to", value},
                   {"--to: '" + std::string(value) + "' is not from 1 to 1e15"});
  }
  expect_refused(runs, {"--to", "64,abc"}, {"--to: 'abc' is not a number"});
  expect_refused(runs, {"--level", "80"}, {"--level: '80' is not above 0 and below 1"});
  expect_refused(runs, {"--seed", "-1"}, {"--seed: '-1' is not a whole number"});
}

TEST_F(FitInput, TakesNoFileForABatchSize) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  EXPECT_THAT(fit({"--to", "256", runs}).out, ContainsRegex(" 256 [^\n]*  2x beyond 128"));
}

TEST_F(FitInput, ReadsPipes) {
  const std::string runs = write("runs.csv", sweeps({64, 128}));
  const std::string wanted = fit({runs}).out;
  EXPECT_THAT(wanted, HasSubstr("38 runs at 2 batch sizes"));
  for (const char* source : {"- <", "/dev/stdin <"}) {
    const std::string command =
        std::string("'" ETALON_BINARY "' fit ") + source + " '" + runs + "'";
    EXPECT_EQ(testing::run_command(command + " 2>/dev/null").output, wanted) << source;
  }
  const std::string cat = "cat '" + runs + "' | '" ETALON_BINARY "' fit ";
  EXPECT_EQ(testing::run_command(cat + "- 2>/dev/null").output, wanted);
  EXPECT_EQ(testing::run_command(cat + "/dev/stdin 2>/dev/null").output, wanted);
}

TEST_F(FitInput, ReadsOtherSeparatorsAndSaysSo) {
  std::string text = sweeps({64, 128});
  const std::string wanted = fit({write("runs.csv", text)}).out;
  std::replace(text.begin(), text.end(), ',', ';');
  const auto result = fit({write("semicolons.csv", text)});
  EXPECT_EQ(result.out, wanted);
  EXPECT_THAT(result.err, HasSubstr("took semicolons as the separator"));
}

TEST_F(FitInput, SaysWhichColumnItTookAsTheBudgetAndLeavesItWhereTold) {
  const std::string log = "batch_size,lr,loss,step\n32,0.1,3,100\n32,0.1,2,1000\n";
  expect_refused(log, {}, {"took column 'step' as the budget", "two budgets are mixed"});
  const auto result = fit({write("log.csv", log), "--budget-column", "none"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, Not(HasSubstr("budget")));
}

TEST_F(FitInput, RefusesWhatNoRunHasQuicklyNamingItsLine) {
  expect_refused("batch_size,lr,loss\n32,0.1,2\n32,1e-320,2\n", {}, {"bad.csv:3", "'lr'"});
  expect_refused("batch_size,lr,loss\n32,0.1,2\n1e300,0.1,2\n", {}, {"bad.csv:3", "batch size"});
}

// The least and the greatest learning rates and batch sizes that there may be.
TEST_F(FitInput, SurvivesRunsAtTheEndsOfWhatIsAllowed) {
  for (const char* rows : {"32,1e-30,2\n32,2e-30,1.9\n32,4e-30,2.1\n64,1e-30,nan\n",
                           "32,1e30,2\n32,5e29,1.9\n32,2e29,2.1\n64,1e30,nan\n",
                           "1,1e-30,2\n1,1,1.9\n1,1e30,2.1\n1e15,1e-30,2\n1e15,1,1.9\n"
                           "1e15,1e30,2.1\n",
                           "32,0.1,1e300\n32,0.2,-1e300\n32,0.4,1e300\n64,0.1,1e300\n"
                           "64,0.2,0\n64,0.4,1e300\n"}) {
    const auto result =
        fit({write("runs.csv", std::string("batch_size,lr,loss\n") + rows), "--to", "1,128,1e15"});
    EXPECT_TRUE(result.exit_code == 0 || result.exit_code == 2) << rows << result.err;
  }
}

TEST_F(FitInput, PointsToWhatWasMeantByADirectory) {
  write("runs.csv", sweeps({64}));
  EXPECT_THAT(fit({path(".")}).err, HasSubstr("took '" + path("runs.csv")));  // all there is
  write("other.csv", sweeps({64}));
  const auto result = fit({path(".")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("such as " + path("other.csv") + ", " + path("runs.csv")));
}

TEST_F(FitInput, RefusesAFileThatIsNotThereAndALevelThatIsNone) {
  EXPECT_EQ(fit({"/nowhere/runs.csv"}).exit_code, 2);
  const auto result = fit({write("runs.csv", sweeps({64})), "--level", "1.5"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("1.5"));
}

}  // namespace
}  // namespace etalon
