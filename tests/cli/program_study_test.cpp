// `etalon check` and `etalon study -- COMMAND` with real programs: what they answer, how they fail,
// and that nothing is lost or left behind however they end.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "etalon/store.hpp"
#include "support/program.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Program;
using testing::ProgramResult;
using testing::read_text;
using testing::run_program;
using ::testing::SizeIs;
using Words = std::vector<std::string>;

const std::string kPrograms = ETALON_SOURCE_DIR "/tests/cli/programs/";

Words operator+(Words all, const Words& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

class ProgramStudy : public ::testing::Test {
 protected:
  std::string out() const { return (directory_.path() / "study").string(); }
  Words study(const Words& flags, const Words& command) const {
    return Words{"study", "--out", out()} + flags + Words{"--"} + command;
  }
  ProgramResult run(const Words& flags, const Words& command) const {
    return run_program(ETALON_BINARY, study(flags, command));
  }
  // A shell script; {batch_size} is $1, {lr} $2, {seed} $3. Braces must be doubled.
  static Words script(const std::string& text) {
    return {"sh", "-c", text, "script", "{batch_size}", "{lr}", "{seed}"};
  }
  static Words known_answer() {
    return {kPrograms + "known_answer.sh", "{batch_size}", "{lr}", "{seed}"};
  }
  nlohmann::json summary() const {
    return nlohmann::json::parse(read_text(fs::path(out()) / "summary.json"));
  }
  StudyFile stored() const { return read_study_file(fs::path(out()) / "study.db"); }

  testing::TemporaryDirectory directory_;
};

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
  const Words wrong = {"--batch-sizes", "64", "--metric", "accuracy", "--trials", "4"};
  const Words right = {"--batch-sizes", "64", "--metric", "val_loss", "--trials", "4"};
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
  const Words flags = {"--batch-sizes", "64", "--metric", "loss"};
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

// Processes whose command line has this text.
std::set<pid_t> processes_with(const std::string& mark) {
  std::set<pid_t> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (read_text(entry.path() / "cmdline").find(mark) != std::string::npos) {
      found.insert(std::stoi(name));
    }
  }
  return found;
}

// Those that are left after a while.
std::set<pid_t> left_of(const std::string& mark) {
  for (int i = 0; i < 500 && !processes_with(mark).empty(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return processes_with(mark);
}

TEST_F(ProgramStudy, SurvivesBeingKilledAtAnyMoment) {
  const std::string mark = "mark-" + std::to_string(getpid());
  const Words flags = {"--batch-sizes", "64,256", "--metric", "val_loss", "--jobs",  "3",
                       "--trials",      "30",     "--grace",  "1",        "--seeds", "9"};
  const Words command = {"sh",
                         "-c",
                         "sleep 0.05; exec \"$@\"",
                         mark,
                         kPrograms + "known_answer.sh",
                         "{batch_size}",
                         "{lr}",
                         "{seed}"};
  std::mt19937 random(1);
  std::map<std::int64_t, TrialRecord> seen;
  for (int kill = 0; kill < 8; ++kill) {
    Program program(ETALON_BINARY, study(kill == 0 ? flags : flags + Words{"--resume"}, command));
    program.ended_within(0.05 + 0.001 * static_cast<double>(random() % 400));
    program.signal(SIGKILL);
    program.wait();
    EXPECT_THAT(left_of(mark), IsEmpty());
    if (!fs::exists(fs::path(out()) / "study.db")) continue;
    std::map<std::int64_t, TrialRecord> now;
    for (const TrialRecord& trial : stored().trials) now[trial.id] = trial;
    for (const auto& [id, trial] : seen) {
      ASSERT_TRUE(now.contains(id));
      EXPECT_EQ(now[id].spec, trial.spec);
      if (!is_result(trial.result.state)) continue;
      EXPECT_EQ(now[id].result.objective, trial.result.objective);
    }
    seen = std::move(now);
  }
  const bool begun = fs::exists(fs::path(out()) / "study.db");
  const auto result = run(begun ? flags + Words{"--resume"} : flags, command);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(stored().trials, SizeIs(30));
  // What was stored was not run again: the attempts of a trial that had ended are as many as then.
  for (const auto& [id, trial] : seen) {
    if (!is_result(trial.result.state)) continue;
    const fs::path attempts = fs::path(out()) / "trials" / std::to_string(id);
    int ended = 0;
    for (const auto& attempt : fs::directory_iterator(attempts)) {
      const auto status = read_text(attempt.path() / "status.json");
      ended += status.find("\"stopped\": \"none\"") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(ended, 1) << id;
  }
}

TEST_F(ProgramStudy, StopsInAnOrderlyWayAndGoesOn) {
  const Words flags = {"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "12"};
  const Words command = script("sleep 0.1; exec " + kPrograms + "known_answer.sh $1 $2 $3");
  {
    Program program(ETALON_BINARY, study(flags, command));
    program.ended_within(0.6);
    program.signal(SIGINT);
    const auto result = program.wait();
    EXPECT_EQ(result.exit_code, 130);
    EXPECT_THAT(result.err, HasSubstr("--resume"));
  }
  const auto before = stored().trials;
  EXPECT_THAT(before, Not(IsEmpty()));
  const auto result = run(flags + Words{"--resume"}, command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(stored().trials, SizeIs(12));
  // Another command is another study.
  EXPECT_THAT(
      run(flags + Words{"--resume"}, known_answer()).err,
      AllOf(HasSubstr("other settings"), HasSubstr("argument 0 of the command was \"sh\"")));
}

// A program that is quick at three learning rates and takes its time elsewhere, with a child for
// every line.
Words slow_answer(const std::string& mark) {
  return {"sh",
          "-c",
          "case $3 in 0.01|0.02|0.005) pause=0.01;; *) pause=0.15;; esac; "
          "\"$@\" | while read -r line; do echo \"$line\"; sleep $pause; done",
          mark,
          kPrograms + "known_answer.sh",
          "{batch_size}",
          "{lr}",
          "{seed}"};
}

std::vector<TrialRecord> pruned_in(const StudyFile& study) {
  std::vector<TrialRecord> pruned;
  for (const TrialRecord& trial : study.trials) {
    if (trial.result.state == TrialState::pruned) pruned.push_back(trial);
  }
  return pruned;
}

TEST_F(ProgramStudy, PrunesWhatDoesWorseAndKeepsItPruned) {
  const std::string mark = "mark-" + std::to_string(getpid());
  const Words flags = {"--batch-sizes", "64",   "--metric", "val_loss", "--jobs",  "6",
                       "--lr",          "0.01", "--prune",  "median",   "--grace", "1"};
  const auto result = run(flags + Words{"--trials", "8"}, slow_answer(mark));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(left_of(mark), IsEmpty());
  const auto pruned = pruned_in(stored());
  ASSERT_FALSE(pruned.empty());
  EXPECT_GT(stored().trials.size(), 8U);  // what was saved bought more
  for (const TrialRecord& trial : pruned) {
    EXPECT_LT(trial.result.steps, 20);
    EXPECT_GE(trial.result.steps, 5);
    const fs::path attempts = fs::path(out()) / "trials" / std::to_string(trial.id);
    if (trial.result.steps > 12) continue;  // it may have been quicker than its end
    EXPECT_THAT(read_text(attempts / "1" / "stdout"), Not(HasSubstr("step 20:")));
  }
  EXPECT_THAT(result.err, HasSubstr("pruned at "));
  EXPECT_THAT(result.out, HasSubstr(std::to_string(pruned.size()) + " pruned)"));
  EXPECT_EQ(summary()["trials_pruned"], pruned.size());
  EXPECT_THAT(read_text(fs::path(out()) / "report.html"),
              AllOf(HasSubstr(pruned[0].result.message), HasSubstr("\"state\":\"pruned\"")));

  const auto more = run(flags + Words{"--trials", "9", "--resume"}, slow_answer(mark));
  ASSERT_EQ(more.exit_code, 0) << more.err;
  for (const TrialRecord& trial : pruned) {
    EXPECT_EQ(stored().trials[static_cast<std::size_t>(trial.id - 1)].result.curve,
              trial.result.curve);
    EXPECT_FALSE(fs::exists(fs::path(out()) / "trials" / std::to_string(trial.id) / "2"));
  }
  const auto fit = run_program(ETALON_BINARY, {"fit", out()});
  EXPECT_EQ(fit.exit_code, 0) << fit.err;
  EXPECT_THAT(fit.err, HasSubstr("in state 'pruned'"));
  EXPECT_EQ(run_program(ETALON_BINARY, {"report", out()}).exit_code, 0);
}

TEST_F(ProgramStudy, PrunesNothingUnlessAskedTo) {
  const auto result = run({"--batch-sizes", "64", "--metric", "val_loss", "--jobs", "4", "--lr",
                           "0.0001", "--trials", "10"},
                          known_answer());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(pruned_in(stored()), IsEmpty());
  EXPECT_THAT(stored().trials, SizeIs(10));
}

TEST_F(ProgramStudy, RefusesAGraceThatIsNoShare) {
  for (const char* grace : {"0", "100%", "-5%", "2", "a quarter", "", "%"}) {
    const auto result = run(
        {"--batch-sizes", "64", "--metric", "loss", "--prune", "halving", "--prune-grace", grace},
        known_answer());
    EXPECT_EQ(result.exit_code, 2) << grace;
    EXPECT_THAT(result.err, HasSubstr("--prune-grace")) << grace;
  }
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
  const Words other = {"sh", "-c", "echo other loss={lr}{batch_size}"};
  const auto typed = run_program(
      ETALON_BINARY, Words{"study", file, "--out", out() + "2", "--trials", "1", "--"} + other);
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

TEST_F(ProgramStudy, RefusesPlacesThatNothingGivesAValue) {
  const auto refusal = [&](const Words& flags, const char* place) {
    const auto result = run(Words{"--batch-sizes", "64,128", "--metric", "loss"} + flags,
                            {"true", "{lr}", "{batch_size}", place});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(fs::exists(out()));
    return result.err;
  };
  EXPECT_THAT(refusal({}, "{momentum}"), AllOf(HasSubstr("{momentum}"), HasSubstr("adamw has none"),
                                               HasSubstr("--optimizer")));
  EXPECT_THAT(refusal({"--optimizer", "sgd"}, "{momentum}"), HasSubstr("give --momentum"));
  EXPECT_THAT(refusal({}, "{warmup_steps}"), HasSubstr("--warmup-steps"));
  EXPECT_THAT(refusal({"--warmup-epochs", "2"}, "{warmup_steps}"), HasSubstr("--dataset-size"));
  EXPECT_THAT(refusal({"--warmup-steps", "9"}, "no place"), HasSubstr("no {warmup_steps}"));
  EXPECT_THAT(refusal({"--beta2", "0.9"}, "no place"), HasSubstr("--beta2 is given"));
  EXPECT_THAT(refusal({"--rule", "sqrt"}, "no place"), HasSubstr("--rule is given"));
  EXPECT_THAT(refusal({"--rule", "sde-power"}, "{beta2}"),
              AllOf(HasSubstr("moves beta1, eps, weight_decay"), HasSubstr("{beta1}")));
}

class MovingProgram : public ProgramStudy {
 protected:
  // Prints "set B S..." with the settings, and the known answer.
  static Words command(const Words& settings) {
    return Words{"sh",
                 "-c",
                 "b=$1 l=$2 s=$3; shift 3; echo set $b \"$@\"; exec \"$0\" $b $l $s",
                 kPrograms + "known_answer.sh",
                 "{batch_size}",
                 "{lr}",
                 "{seed}"} +
           settings;
  }
  // What trials were given at a batch size, from all that they printed.
  std::set<std::string> given_at(std::int64_t batch_size) const {
    std::set<std::string> given;
    for (const TrialRecord& trial : stored().trials) {
      if (trial.spec.batch_size != batch_size) continue;
      const auto place = fs::path(out()) / "trials" / std::to_string(trial.id) / "1" / "stdout";
      const std::string text = read_text(place);
      given.insert(text.substr(4, text.find('\n') - 4));
    }
    return given;
  }
};

TEST_F(MovingProgram, GetsItsSettingsAsTheRecommendedRuleMovesThem) {
  const Words flags = {"--batch-sizes", "64,256", "--metric", "val_loss",
                       "--beta1",       "0.5",    "--trials", "12"};
  const Words settings = {"{beta1}", "{beta2}", "{eps}", "{weight_decay}"};
  const auto result = run(flags, command(settings));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(given_at(64), ElementsAre("64 0.5 0.999 1e-08 0.01"));
  const double beta2 = std::pow(0.999, 4);
  EXPECT_THAT(given_at(256), ElementsAre(fmt::format("256 0.0625 {} 5e-09 0.02", beta2)));
  for (const TrialRecord& trial : stored().trials) {
    const bool is_base = trial.spec.batch_size == 64;
    EXPECT_EQ(trial.spec.moved.any(), !is_base);
    EXPECT_EQ(trial.spec.moved.beta1, is_base ? std::nullopt : std::optional(0.0625));
  }
  EXPECT_THAT(result.err, AllOf(HasSubstr("beta1 0.5"), HasSubstr("adamw's default"),
                                HasSubstr("rule sde-power moves")));
  const auto said = summary()["conclusion"].get<std::string>();
  EXPECT_THAT(said,
              HasSubstr("with beta1, beta2, eps, weight_decay moved from B=64 on as sde-power"));
  EXPECT_THAT(result.out, HasSubstr("with beta1 0.0625"));
  EXPECT_EQ(summary()["recommendations"][1]["moved"]["weight_decay"], 0.02);
  for (const auto& rule : summary()["rules"]) {
    const bool is_base = rule["batch_size"] == 64;
    EXPECT_EQ(rule["explanation"].get<std::string>().find("sde-power") == std::string::npos,
              is_base);
  }
  // The same when it goes on, and nothing else.
  const Words more = {"--batch-sizes", "64,256",   "--metric", "val_loss", "--beta1",
                      "0.5",           "--trials", "14",       "--resume"};
  EXPECT_EQ(run(more, command(settings)).exit_code, 0);
  EXPECT_THAT(given_at(256), SizeIs(1));
  EXPECT_THAT(run(more + Words{"--rule", "fixed"}, command(settings)).err,
              HasSubstr("other settings"));
  // And it is reported so again.
  const auto before = summary()["conclusion"];
  EXPECT_EQ(run_program(ETALON_BINARY, {"report", out()}).exit_code, 0);
  EXPECT_EQ(summary()["conclusion"], before);
}

TEST_F(MovingProgram, LeavesOutRulesThatMoveMoreThanTheCommandTakes) {
  const auto result = run({"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "4"},
                          command({"{beta2}"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("rule sde-power is left out"), HasSubstr("beta1, eps, weight_decay"),
                    HasSubstr("rule half-life moves beta2")));
  EXPECT_THAT(given_at(256), ElementsAre(fmt::format("256 {}", std::pow(0.999, 4))));
}

TEST_F(MovingProgram, IsWarmedUpForTheSameExamplesUnlessTheRuleSaysOtherwise) {
  const Words flags = {"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "4"};
  ASSERT_EQ(run(flags + Words{"--warmup-examples", "6400"}, command({"{warmup_steps}"})).exit_code,
            0);
  EXPECT_THAT(given_at(64), ElementsAre("64 100"));
  EXPECT_THAT(given_at(256), ElementsAre("256 25"));
  fs::remove_all(out());
  const Words legw = {"--warmup-steps",    "100", "--rule",         "legw",
                      "--base-batch-size", "128", "--weight-decay", "0"};
  ASSERT_EQ(run(flags + legw, command({"{warmup_steps}"})).exit_code, 0);
  EXPECT_THAT(given_at(64), ElementsAre("64 100"));
  EXPECT_THAT(given_at(256), ElementsAre("256 100"));
}

TEST_F(MovingProgram, KeepsAMomentumAsItIs) {
  const auto result = run({"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "8",
                           "--optimizer", "momentum"},
                          command({"{momentum}"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(given_at(64), ElementsAre("64 0.9"));
  EXPECT_THAT(given_at(256), ElementsAre("256 0.9"));
  EXPECT_THAT(result.err, HasSubstr("leaves them as they are"));
}

TEST_F(ProgramStudy, StartsNothingMoreWhenItsTimeIsOver) {
  const auto result = run({"--batch-sizes", "64,256", "--metric", "loss", "--hours", "0.0003"},
                          script("sleep 0.3; echo loss=$2"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_LE(stored().trials.size(), 5U);
  EXPECT_GE(stored().trials.size(), 1U);
}

TEST_F(ProgramStudy, NoticesAProgramThatTrainsTheSameStepsAtEveryBatchSize) {
  const Words flags = {"--batch-sizes", "64,128", "--metric", "loss", "--trials", "8"};
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
  const Words command = script(
      "awk -v b=$1 -v l=$2 'BEGIN {{ x = log(l / 0.01) / log(2); print \"val_acc = \" 88.95 - x * "
      "x "
      "}}'");
  const auto result =
      run({"--batch-sizes", "64,256", "--metric", "val_acc", "--trials", "12"}, command);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const std::string& text :
       {result.out, result.err, read_text(fs::path(out()) / "trials.csv")}) {
    EXPECT_THAT(text, AllOf(HasSubstr("88."), Not(HasSubstr("-8")), Not(HasSubstr("1 - val_acc"))));
  }
  EXPECT_THAT(result.out, AllOf(HasSubstr("of the best val_acc"), HasSubstr("interval val_acc")));
  EXPECT_THAT(read_text(fs::path(out()) / "trials.csv"), HasSubstr("state,val_acc,"));
  EXPECT_EQ(summary()["study"]["objective"], "val_acc");
  EXPECT_EQ(summary()["study"]["direction"], "maximize");
  EXPECT_NEAR(summary()["optima"][0]["fitted_metric"].get<double>(), 88.95, 0.1);
  const auto again = run_program(ETALON_BINARY, {"report", out()});
  EXPECT_THAT(again.out, HasSubstr("of the best val_acc"));
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
  const Words command = script("echo step 1: loss 2; echo step 9: loss 30");
  const Words flags = {"--batch-sizes", "64", "--metric", "loss", "--trials", "2"};
  EXPECT_THAT(run(flags, command).err,
              HasSubstr("diverged (above 10 times its first value 2 at step 9)"));
  fs::remove_all(out());
  EXPECT_THAT(run(flags + Words{"--diverged-above", "off"}, command).err,
              Not(HasSubstr("diverged")));
  EXPECT_THAT(run(flags + Words{"--diverged-above", "ten"}, command).err,
              HasSubstr("--diverged-above is 'ten'"));
}

// Names and texts of programs are shown, and never obeyed.
TEST_F(ProgramStudy, IsSafeFromWhatProgramsCallThings) {
  const Words command =
      script("printf '<b>x</b>=1 \\033[31mred\\033[0m=2 loss\\033]0;owned\\007=3\\n'; exit 3");
  const auto failed = run(
      {"--batch-sizes", "64", "--metric", "<script>x", "--trials", "1", "--retries", "0"}, command);
  const auto report = run_program(ETALON_BINARY, {"report", out()});
  for (const std::string& text : {failed.err, report.out}) {
    EXPECT_THAT(text, AllOf(Not(HasSubstr("\033")), Not(HasSubstr("\007"))));
  }
  EXPECT_THAT(read_text(fs::path(out()) / "report.html"), Not(HasSubstr("<script>x")));
}

class ProgramCheckCommand : public ProgramStudy {
 protected:
  ProgramResult check(const Words& flags, const Words& command) const {
    return run_program(ETALON_BINARY,
                       Words{"check", "--out", out()} + flags + Words{"--"} + command);
  }
};

TEST_F(ProgramCheckCommand, FindsTheMetricAndWhatMovesItAndEndsWithTheStudy) {
  const auto result = check({"--batch-sizes", "64,512", "--jobs", "2"}, known_answer());
  EXPECT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("'val loss' is the result"), HasSubstr("Two equal runs"),
                    HasSubstr("the learning rate changes the result"),
                    HasSubstr("the batch size changes the result"),
                    HasSubstr("etalon study --batch-sizes 64,512 --metric 'val loss'")));
}

TEST_F(ProgramCheckCommand, NoticesWhatIsNotPassedOn) {
  const auto result = check({}, script("echo loss=$1"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("Changing the learning rate changes nothing"));
  EXPECT_THAT(result.out, Not(HasSubstr("The study:")));
}

TEST_F(ProgramCheckCommand, SaysThatTheProgramDiverged) {
  const auto result = check({}, script("echo loss=2; echo loss=nan"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("give a lower --lr"), Not(HasSubstr("changes nothing"))));
}

TEST_F(ProgramCheckCommand, TakesTheFileOfTheStudy) {
  const std::string file = (directory_.path() / "study.toml").string();
  std::ofstream(file) << "command = [\"" << kPrograms
                      << "known_answer.sh\", \"{batch_size}\", \"{lr}\", \"{seed}\"]\n"
                         "batch_sizes = [64, 128]\nmetric = \"val_loss\"\ntrials = 3\nhours = 2\n"
                         "out = \""
                      << out() << "\"\n";
  const auto result = run_program(ETALON_BINARY, {"check", file});
  ASSERT_EQ(result.exit_code, 0) << result.out << result.err;
  EXPECT_THAT(result.out, HasSubstr("\netalon study " + file + "\n"));
  EXPECT_TRUE(fs::exists(fs::path(out()) / "check"));
  const auto study = run_program(ETALON_BINARY, {"study", file, "--quiet"});
  EXPECT_EQ(study.exit_code, 0) << study.err;
}

TEST_F(ProgramCheckCommand, SaysInWhichFileAMetricStands) {
  const auto result =
      check({}, {"sh", "-c", "echo other=1; echo step,loss > $2/log.csv; echo 1,$0$1 >> $2/log.csv",
                 "{batch_size}", "{lr}", "{out}"});
  EXPECT_THAT(result.out, AllOf(HasSubstr("It prints other (1 time"), HasSubstr("to log.csv.")));
}

TEST_F(ProgramCheckCommand, IsNotTakenInByNoiseThatAgreesOnce) {
  const std::string count = (directory_.path() / "count").string();
  // The first two runs agree, and then no two.
  const auto result =
      check({}, script("n=$(cat " + count + " 2>/dev/null || echo 0); echo $((n + 1)) > " + count +
                       "; [ $n -lt 2 ] && n=0; echo loss=$n.5"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("Equal runs differ"), Not(HasSubstr("give the same"))));
  EXPECT_THAT(result.out, HasSubstr("no more than chance does"));
}

TEST_F(ProgramCheckCommand, SaysWhatHelpsAgainstTooLittleMemory) {
  const auto result = check({}, script("echo 'CUDA out of memory' >&2; exit 1"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("--micro-batch"));
}

TEST_F(ProgramCheckCommand, GivesTheSettingsThatMove) {
  const auto result =
      check({"--batch-sizes", "64,256", "--beta1", "0.5", "--weight-decay", "0"},
            {"sh", "-c", "echo loss=$1$0", "{batch_size}", "{lr}", "{beta1}{beta2}{eps}"});
  EXPECT_THAT(result.err, HasSubstr("rule sde-power moves beta1, beta2, eps"));
  EXPECT_THAT(result.out, HasSubstr("--beta1 0.5 --weight-decay 0"));
}

TEST_F(ProgramCheckCommand, ShowsWhyTheProgramFails) {
  const auto result = check({}, script("echo 'unknown flag --batch' >&2; exit 2"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("exit code 2"), HasSubstr("unknown flag --batch")));
}

TEST_F(ProgramCheckCommand, LooksAtAProgramThatTakesLongForAWhileOnly) {
  const auto result = check({"--look", "0.5"}, script("echo loss=$2$1; sleep 100"));
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, HasSubstr("takes longer than these runs"));
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
