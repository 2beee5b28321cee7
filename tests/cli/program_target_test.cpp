// `etalon study --target-loss ... -- COMMAND` with real programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <regex>
#include <string>

#include "cli/program_command.hpp"
#include "etalon/target.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using testing::Arguments;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::run_program;
using testing::operator+;

using ProgramTarget = testing::ProgramCommand;

Arguments noise_limited() {
  return {testing::kPrograms + "noise_limited.sh", "{batch_size}", "{lr}", "{steps}"};
}

Arguments asked(const std::string& trials) {
  return {"--batch-sizes", "8,32,128,512", "--steps", "800",         "--trials", trials,
          "--quiet",       "--seeds",      "1",       "--optimizer", "sgd"};
}

void expect_known_answer(const nlohmann::json& target) {
  for (const auto& each : target["steps_to_target"]) {
    const double batch_size = each["batch_size"], fewest = 40.0 * (1.0 + 64.0 / batch_size);
    EXPECT_EQ(each["state"], "told") << batch_size;
    EXPECT_NEAR(each["steps"].get<double>() / fewest, 1.0, 0.05) << batch_size;
    EXPECT_GT(each["seconds"].get<double>(), 0.0);
  }
  const auto& critical = target["critical_batch_size"];
  EXPECT_NEAR(critical["value"].get<double>(), 64.0, 8.0);
  EXPECT_LT(critical["low"].get<double>(), 64.0);
  EXPECT_GT(critical["high"].get<double>(), 64.0);
}

// The study's duration is rounded to seconds.
std::string without_duration(const std::string& text) {
  return std::regex_replace(text, std::regex(" trials in \\d+ s"), " trials");
}

TEST_F(ProgramTarget, FindsTheStepsAndTheCriticalBatchSizeOfAKnownAnswer) {
  const auto result =
      run(asked("28") + Arguments{"--metric", "val loss", "--target-loss", "0.0183156"},
          noise_limited());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_known_answer(summary()["target"]);
  EXPECT_EQ(summary()["study"]["objective"], "ln steps to loss 0.0183156");
  EXPECT_THAT(result.out, AllOf(HasSubstr("The critical batch size of loss 0.0183156 is"),
                                HasSubstr("of the fewest steps"), Not(HasSubstr("ln steps"))));
  const auto again = run_program(ETALON_BINARY, {"report", out()});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(without_duration(again.out), without_duration(result.out));
}

TEST_F(ProgramTarget, TakesAnAccuracyInPercent) {
  const auto result =
      run(asked("40") + Arguments{"--metric", "accuracy", "--target-accuracy", "98.16844"},
          noise_limited());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  expect_known_answer(summary()["target"]);
  EXPECT_EQ(summary()["study"]["direction"], "minimize");
}

// These never end by themselves.
TEST_F(ProgramTarget, StopsAProgramWhereItArrives) {
  const auto result = run({"--batch-sizes", "64", "--trials", "3", "--metric", "loss", "--quiet",
                           "--target-loss", "0.3", "--jobs", "3"},
                          script("i=0; while true; do i=$((i + 10)); echo step $i loss "
                                 "$(echo \"1 / $i\" | bc -l | sed s/^/0/); sleep 0.05; done"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const TrialRecord& trial : stored().trials) {
    EXPECT_EQ(trial.result.state, TrialState::finished);
    EXPECT_LE(std::exp(*trial.result.objective), 10.0 + 1e-9);
    EXPECT_GE(trial.result.steps, 20);
  }
}

TEST_F(ProgramTarget, SaysWhatToPrintWhereTheMetricHasNoStep) {
  const auto result = run({"--batch-sizes", "64", "--metric", "loss", "--target-loss", "0.1"},
                          script("echo loss 0.5; echo loss 0.4"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("'loss' is said without the step that it is of"),
                                HasSubstr("'step 250: loss 0.71'")));
}

TEST_F(ProgramTarget, RefusesWhatDoesNotGoTogetherBeforeAnythingRuns) {
  for (const auto& [flags, message] : {
           std::pair{Arguments{"--metric", "accuracy", "--target-loss", "0.1"},
                     "give --target-accuracy"},
           std::pair{Arguments{"--metric", "loss", "--target-accuracy", "0.9"},
                     "give --target-loss, or --mode max"},
           std::pair{Arguments{"--metric", "loss", "--target-loss", "0"}, "must be above 0"},
           std::pair{Arguments{"--metric", "loss", "--target-loss", "0.1", "--prune", "median"},
                     "--prune is given with a target"},
       }) {
    const auto result = run(Arguments{"--batch-sizes", "64"} + flags, script("echo loss 1"));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(out()));
  }
}

TEST_F(ProgramTarget, IsAnotherStudyThanThatOfTheLoss) {
  const Arguments flags = {"--batch-sizes", "64",       "--metric", "val loss", "--steps",
                           "400",           "--trials", "3",        "--quiet"};
  ASSERT_EQ(run(flags + Arguments{"--target-loss", "0.1"}, noise_limited()).exit_code, 0);
  const auto other = run(flags + Arguments{"--resume"}, noise_limited());
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--target-loss"));
}

}  // namespace
}  // namespace etalon
