// `etalon study -- COMMAND` with real programs: what it answers, what it refuses, and its report.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/program_command.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Arguments;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Program;
using testing::ProgramCommand;
using testing::read_text;
using testing::run_program;
using ::testing::SizeIs;
using testing::operator+;

using ProgramStudy = ProgramCommand;

double known_best(double batch_size) {
  return 0.01 * std::sqrt(std::min(batch_size, 512.0) / 64.0);
}

TEST_F(ProgramStudy, FindsTheOptimaOfAProgramWithAKnownAnswer) {
  const auto result =
      run({"--batch-sizes", "64,128,256,512,1024", "--metric", "val_loss", "--jobs", "2"},
          known_answer());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto advice = summary()["recommendations"];
  ASSERT_THAT(advice, SizeIs(5));
  for (const auto& each : advice) {
    const double octaves = std::log2(each["lr"].get<double>() / known_best(each["batch_size"]));
    EXPECT_LT(std::abs(octaves), 0.35) << each["batch_size"];
  }
  EXPECT_THAT(result.out, HasSubstr("are expected to lose at most"));
  EXPECT_THAT(result.err, HasSubstr("trial 24 of 24"));
}

TEST_F(ProgramStudy, MovesAKnownBaseToEightTimesTheBatchSizeWithSixTrials) {
  const auto result = run({"--to", "512", "--base-batch-size", "64", "--lr", "0.01", "--metric",
                           "val loss", "--trials", "6", "--quiet"},
                          known_answer());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  const auto advice = summary()["recommendations"];
  ASSERT_THAT(advice, SizeIs(1));
  EXPECT_LT(std::abs(std::log2(advice[0]["lr"].get<double>() / known_best(512))), 0.5);
}

TEST_F(ProgramStudy, EndsAtTheFirstTrialWhereNoSuchMetricIsPrinted) {
  const auto result = run({"--batch-sizes", "64", "--metric", "accuracy"}, known_answer());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("train loss, val loss"));
  EXPECT_THAT(result.err, HasSubstr("--metric"));
}

TEST_F(ProgramStudy, StopsAfterThreeFailuresWithWhatTheProgramSaid) {
  const auto result = run({"--batch-sizes", "64,128", "--metric", "loss", "--retries", "0"},
                          script("echo 'no such data' >&2; exit 3"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("all of 3 trials failed"), HasSubstr("exit code 3"),
                                HasSubstr("no such data")));
}

TEST_F(ProgramStudy, GivesWayToTheSameStudyPutRightWhereNothingHadAResult) {
  const Arguments wrong = {"--batch-sizes", "64", "--metric", "accuracy", "--trials", "4"};
  const Arguments right = {"--batch-sizes", "64", "--metric", "val_loss", "--trials", "4"};
  EXPECT_EQ(run(wrong, known_answer()).exit_code, 2);
  EXPECT_EQ(run(right, {"no-such-program", "{batch_size}", "{lr}"}).exit_code, 2);
  const auto result = run(right, known_answer());
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(run(wrong, known_answer()).exit_code, 2);  // now there is something to lose
  EXPECT_THAT(stored().trials, SizeIs(4));
}

TEST_F(ProgramStudy, SaysThatNothingMovesTheMetric) {
  const auto result =
      run({"--batch-sizes", "64,128", "--metric", "loss", "--trials", "6"}, script("echo loss=1"));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("All trials of a batch size end alike"), Not(HasSubstr("Use"))));
}

TEST_F(ProgramStudy, FailsWhereNoBatchSizeFits) {
  const auto result = run({"--batch-sizes", "64,128", "--metric", "loss"},
                          script("echo 'CUDA out of memory'; exit 1"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("every batch size ran out of memory"));
}

TEST_F(ProgramStudy, LeavesOutABatchSizeThatDoesNotFitIntoMemory) {
  const auto result =
      run({"--batch-sizes", "64,4096", "--metric", "loss", "--trials", "10"},
          script("[ $1 -gt 1000 ] && {{ echo 'CUDA out of memory' >&2; exit 1; }}; echo loss=$2"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("B=4096 is left out"));
  EXPECT_THAT(result.out, HasSubstr("--micro-batch"));
}

TEST_F(ProgramStudy, RefusesACommandThatCannotBeVaried) {
  const Arguments flags = {"--batch-sizes", "64", "--metric", "loss"};
  EXPECT_THAT(run(flags, {"train", "{batch_size}"}).err, HasSubstr("has no {lr}"));
  EXPECT_THAT(run(flags, {"train", "{lr}"}).err, HasSubstr("has no {batch_size}"));
  EXPECT_THAT(run(flags, {"train", "{lr}", "{batchsize}"}).err,
              HasSubstr("did you mean batch_size"));
  EXPECT_THAT(run(flags, {}).err, HasSubstr("there is no command"));
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(ProgramStudy, HelpIsThatOfBoth) {
  const auto result = run_program(ETALON_BINARY, {"study", "--help"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, AllOf(HasSubstr("--schedule"), HasSubstr("--metric")));
}

TEST_F(ProgramStudy, GivesProgramsTheirSurroundings) {
  const auto result = run(
      {"--batch-sizes", "64", "--metric", "loss", "--trials", "2", "--gpus", "1,3", "--env",
       "RATE={lr}", "--unset", "HOM*"},
      script("echo gpu $CUDA_VISIBLE_DEVICES rate $RATE home ${{HOME-none}} in $PYTHONUNBUFFERED; "
             "echo loss=1"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::string printed;
  for (const char* trial : {"1", "2"}) {
    printed += read_text(fs::path(out()) / "trials" / trial / "1" / "stdout");
  }
  EXPECT_THAT(printed, HasSubstr("gpu 1 rate 0.001 home none in 1"));
  EXPECT_THAT(printed, HasSubstr("gpu 3 rate 0.004 home none in 1"));
}

TEST_F(ProgramStudy, ReadsATrainingInPyTorch) {
  if (!testing::has_torch()) {
    GTEST_SKIP() << "needs Debian's package python3-torch";
  }
  const auto result =
      run({"--batch-sizes", "128,1024", "--metric", "val_loss", "--trials", "8", "--examples",
           "8192", "--jobs", "2"},
          {"/usr/bin/python3", ETALON_SOURCE_DIR "/examples/programs/train.py",
           "--batch-size={batch_size}", "--lr={lr}", "--seed={seed}", "--examples={examples}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  ASSERT_THAT(summary()["recommendations"], SizeIs(2));
  EXPECT_THAT(result.out, HasSubstr("after 8192 examples"));
}

TEST_F(ProgramStudy, TakesItsSettingsAndItsCommandFromAFile) {
  const std::string file = (directory_.path() / "study.toml").string();
  std::ofstream(file) << "command = [\"sh\", \"-c\", 'echo \"$RATE $1$2$FLAG: $3 loss=1\"', \"\", "
                         "\"{batch_size}\", \" $(id) \", \"{lr}\"]\n"
                         "batch_sizes = [64, 128]\nmetric = \"loss\"\ntrials = 3\n"
                         "env = [\"RATE={lr}\", \"FLAG=a,b\"]\nquiet = true\nhours = 2\n"
                         "out = \""
                      << out() << "\"\n";
  const auto result = run_program(ETALON_BINARY, {"study", file, "--trials", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(stored().trials, SizeIs(2));
  EXPECT_EQ(read_text(fs::path(out()) / "trials/1/1/stdout"), "0.001 64 $(id) a,b: 0.001 loss=1\n");
  // The command that is typed wins.
  const Arguments other = {"sh", "-c", "echo other loss={lr}{batch_size}"};
  const auto typed = run_program(
      ETALON_BINARY, Arguments{"study", file, "--out", out() + "2", "--trials", "1", "--"} + other);
  ASSERT_EQ(typed.exit_code, 0) << typed.err;
  EXPECT_THAT(read_text(fs::path(out() + "2") / "trials/1/1/stdout"), HasSubstr("other"));
}

TEST_F(ProgramStudy, SaysWhatIsWrongInAFileOfSettings) {
  const std::string file = (directory_.path() / "study.toml").string();
  const auto refusal = [&](const std::string& text) {
    std::ofstream(file) << "batch_sizes = [64]\nmetric = \"loss\"\n" << text;
    const auto result = run_program(ETALON_BINARY, {"study", file, "--out", out()});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(fs::exists(out()));
    return result.err;
  };
  EXPECT_THAT(refusal("command = \"python3 train.py\""),
              AllOf(HasSubstr("study.toml:3"), HasSubstr("no list of words")));
  EXPECT_THAT(refusal("command = [\"a\", \"{lr}{batch_size}\"]\nschedule = \"wsd\""),
              AllOf(HasSubstr("study.toml:4"), HasSubstr("no setting 'schedule'")));
  EXPECT_THAT(refusal("command = [\"a\", \"{lr}\"]"), HasSubstr("has no {batch_size}"));
}

TEST_F(ProgramStudy, ReadsFilesOfMetricsAndPatterns) {
  const auto result =
      run({"--batch-sizes", "64", "--metric", "quality", "--mode", "max", "--trials", "2",
           "--metric-file", "{out}/log", "--pattern", "after (?<step>[0-9]+): Q(?<metric>[0-9.]+)"},
          {"sh", "-c", "echo quality=1; echo \"after 5: Q0.25\" > $0/log", "{out}", "{lr}",
           "{batch_size}"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(stored().trials[0].result.objective, -0.25);
  EXPECT_EQ(stored().trials[0].result.steps, 5);
  EXPECT_THAT(
      run({"--batch-sizes", "64", "--metric", "q", "--pattern", "Q([0-9]+)"}, known_answer()).err,
      AllOf(HasSubstr("--pattern"), HasSubstr("no named group")));
  EXPECT_THAT(
      run({"--batch-sizes", "64", "--metric", "q", "--metric-file", "a.csv"}, known_answer()).err,
      AllOf(HasSubstr("--metric-file"), HasSubstr("{out}/metrics.csv")));
}

TEST_F(ProgramStudy, StartsNothingMoreWhenItsTimeIsOver) {
  const auto result = run({"--batch-sizes", "64,256", "--metric", "loss", "--hours", "0.0003"},
                          script("sleep 0.3; echo loss=$2"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LE(stored().trials.size(), 5U);
  EXPECT_GE(stored().trials.size(), 1U);
}

TEST_F(ProgramStudy, NoticesAProgramThatTrainsTheSameStepsAtEveryBatchSize) {
  const Arguments flags = {"--batch-sizes", "64,128", "--metric", "loss", "--trials", "8"};
  const auto same = run(flags, script("echo step 50: loss 3; echo step 100: loss $2"));
  ASSERT_EQ(same.exit_code, 0) << same.err;
  const std::string sentence = "100 steps at every batch size";
  EXPECT_THAT(summary()["conclusion"].get<std::string>(), HasSubstr(sentence));
  for (const char* other : {"echo step $((6400 / $1)): loss $2", "echo loss=$2"}) {
    fs::remove_all(out());
    ASSERT_EQ(run(flags, script(other)).exit_code, 0);
    EXPECT_THAT(summary()["conclusion"].get<std::string>(), Not(HasSubstr("at every batch size")));
  }
}

TEST_F(ProgramStudy, ShowsAMetricThatIsMaximizedAsTheProgramNamesIt) {
  const Arguments command = script(
      "awk -v b=$1 -v l=$2 'BEGIN {{ x = log(l / 0.01) / log(2); print \"val_acc = \" 88.95 - x * "
      "x "
      "}}'");
  const auto result =
      run({"--batch-sizes", "64,256", "--metric", "val_acc", "--trials", "12"}, command);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const std::string& text :
       {result.out, result.err, read_text(fs::path(out()) / "trials.csv")}) {
    EXPECT_THAT(text, AllOf(HasSubstr("88."), Not(ContainsRegex("(^|[^A-Za-z0-9])-8")),
                            Not(HasSubstr("1 - val_acc"))));
  }
  EXPECT_THAT(result.out, AllOf(HasSubstr("of the best val_acc"), HasSubstr("interval val_acc")));
  EXPECT_THAT(read_text(fs::path(out()) / "trials.csv"), HasSubstr("state,val_acc,"));
  EXPECT_EQ(summary()["study"]["objective"], "val_acc");
  EXPECT_EQ(summary()["study"]["direction"], "maximize");
  EXPECT_NEAR(summary()["optima"][0]["fitted_metric"].get<double>(), 88.95, 0.1);
  const auto again = run_program(ETALON_BINARY, {"report", out()});
  EXPECT_THAT(again.out, HasSubstr("of the best val_acc"));
}

// Its table has the metric's own name.
TEST_F(ProgramStudy, OfAMetricThatIsMaximizedIsFittedWhereverItsTrialsAreRead) {
  const auto score = script("echo score=$(awk -v l=$2 'BEGIN {{ print 7 - (log(l / 0.01))^2 }}')");
  const auto result = run({"--batch-sizes", "64", "--metric", "score", "--mode", "max", "--trials",
                           "6", "--optimizer", "sgd", "--lr", "0.01"},
                          score);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto fit = [](const fs::path& runs) {
    const auto answer = run_program(ETALON_BINARY, {"fit", runs.string()});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return answer.out;
  };
  const std::string whole = fit(out());
  EXPECT_THAT(whole, HasSubstr("metric\n"));
  EXPECT_EQ(fit(fs::path(out()) / "trials.csv"), whole);
  EXPECT_EQ(summary()["study"]["settings"]["campaign.update"], "sgd");
  fs::remove(fs::path(out()) / "study.db");
  EXPECT_EQ(fit(out()), whole);
}

TEST_F(ProgramStudy, IsReportedThoughNothingHadAResult) {
  const auto failed = run({"--batch-sizes", "64,128", "--metric", "loss", "--retries", "0"},
                          script("echo 'no such data' >&2; echo 'look there' >&2; exit 3"));
  EXPECT_EQ(failed.exit_code, 1);
  EXPECT_THAT(failed.err, AllOf(HasSubstr("see trials/3/1/stderr"),
                                HasSubstr("\n  no such data\n  look there\n")));
  const auto report = run_program(ETALON_BINARY, {"report", out()});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(report.out, AllOf(HasSubstr("No trial has a result"), HasSubstr("exit code 3")));
  EXPECT_THAT(read_text(fs::path(out()) / "report.html"), HasSubstr("no such data"));
}

TEST_F(ProgramStudy, IsReportedBeforeAnythingHasEnded) {
  {
    Program program(
        ETALON_BINARY,
        study({"--batch-sizes", "64", "--metric", "loss", "--grace", "0"}, script("sleep 100")));
    program.ended_within(1.0);
    program.signal(SIGKILL);
    program.wait();
  }
  const auto report = run_program(ETALON_BINARY, {"report", out()});
  ASSERT_EQ(report.exit_code, 0) << report.err;
  EXPECT_THAT(report.out, AllOf(HasSubstr("No trial has ended yet"), HasSubstr("1 trial is")));
}

TEST_F(ProgramStudy, RefusesAGpuThatIsNamedTwice) {
  const auto result =
      run({"--batch-sizes", "64", "--metric", "loss", "--gpus", "0,1,0"}, known_answer());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("names 0 twice"), HasSubstr("--per-gpu 2")));
}

TEST_F(ProgramStudy, RefusesFewerExamplesThanABatch) {
  const auto result =
      run({"--batch-sizes", "64,256", "--metric", "loss", "--examples", "200"}, known_answer());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("--examples is 200"), HasSubstr("256")));
}

TEST_F(ProgramStudy, SaysWhyTrialsDivergedAndLetsThatBeSaid) {
  const Arguments command = script("echo step 1: loss 2; echo step 9: loss 30");
  const Arguments flags = {"--batch-sizes", "64", "--metric", "loss", "--trials", "2"};
  EXPECT_THAT(run(flags, command).err,
              HasSubstr("diverged (above 10 times its first value 2 at step 9)"));
  fs::remove_all(out());
  EXPECT_THAT(run(flags + Arguments{"--diverged-above", "off"}, command).err,
              Not(HasSubstr("diverged")));
  EXPECT_THAT(run(flags + Arguments{"--diverged-above", "ten"}, command).err,
              HasSubstr("--diverged-above is 'ten'"));
}

// Names and texts of programs are shown, and never obeyed.
TEST_F(ProgramStudy, IsSafeFromWhatProgramsCallThings) {
  const Arguments command =
      script("printf '<b>x</b>=1 \\033[31mred\\033[0m=2 loss\\033]0;owned\\007=3\\n'; exit 3");
  const auto failed = run(
      {"--batch-sizes", "64", "--metric", "<script>x", "--trials", "1", "--retries", "0"}, command);
  const auto report = run_program(ETALON_BINARY, {"report", out()});
  for (const std::string& text : {failed.err, report.out}) {
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\033")), Not(HasSubstr("\007"))));
  }
  EXPECT_THAT(read_text(fs::path(out()) / "report.html"), Not(HasSubstr("<script>x")));
}

TEST_F(ProgramStudy, IsReportedAgainWithoutRunningAnything) {
  const auto first =
      run({"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "12"}, known_answer());
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto before = summary();
  const auto again = run_program(ETALON_BINARY, {"report", out()});
  EXPECT_EQ(again.exit_code, 0) << again.err;
  EXPECT_EQ(summary()["recommendations"], before["recommendations"]);
  EXPECT_EQ(summary()["conclusion"], before["conclusion"]);
}

TEST_F(ProgramStudy, NamesItsSeedsWhateverBecameOfItsTrials) {
  const Arguments flags = {"--batch-sizes", "64", "--metric",     "loss", "--retries", "0",
                           "--seeds",       "3",  "--first-seed", "11",   "--trials",  "2"};
  EXPECT_EQ(run(flags, script("exit 3")).exit_code, 1);
  EXPECT_THAT(run_program(ETALON_BINARY, {"report", out()}).out, HasSubstr("3 seeds, 2 trials"));
  EXPECT_EQ(summary()["provenance"]["seeds"], (std::vector<int>{11, 12, 13}));
  fs::remove_all(out());
  run_program(ETALON_BINARY, {"suggest", out(), "--batch-size", "64"});
  EXPECT_THAT(run_program(ETALON_BINARY, {"report", out()}).out, HasSubstr("1 seed, 0 trials"));
  EXPECT_EQ(summary()["provenance"]["seeds"], std::vector<int>{1});
}

TEST_F(ProgramStudy, OfTrialsThatWereToldOfIsReportedToo) {
  for (const auto& [lr, loss] : {std::pair{"0.001", "2.3"}, std::pair{"0.004", "2.1"},
                                 std::pair{"0.016", "2.4"}, std::pair{"0.002", "2.15"}}) {
    run_program(ETALON_BINARY,
                {"observe", out(), "--batch-size", "64", "--lr", lr, "--loss", loss});
  }
  const auto result = run_program(ETALON_BINARY, {"report", out()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(summary()["recommendations"], SizeIs(1));
  EXPECT_THAT(read_text(fs::path(out()) / "report.html"), HasSubstr("<!doctype html>"));
  EXPECT_EQ(run_program(ETALON_BINARY, {"report", out() + "/none"}).exit_code, 2);
}

}  // namespace
}  // namespace etalon
