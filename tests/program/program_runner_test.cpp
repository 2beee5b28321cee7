// Real programs as trials: what is read of them while they run, how they end, and that nothing of
// them is left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "etalon/error.hpp"
#include "etalon/program.hpp"
#include "program/process_tree.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::TemporaryDirectory;

struct Heard {
  std::vector<CurvePoint> points;
  std::map<std::int64_t, TrialResult> results;
  std::optional<InputError> refusal;
};

class ProgramRunnerTest : public ::testing::Test {
 protected:
  // `script` is what a shell runs; $1 is the batch size, $2 the learning rate, $3 the seed.
  ProgramOptions options_for(const std::string& script) const {
    ProgramOptions options;
    options.command = {"sh", "-c", escaped(script), "script", "{batch_size}", "{lr}", "{seed}"};
    options.metric = "loss";
    options.directory = directory_.path() / "trials";
    options.supervisor = {ETALON_PROGRAM, "supervise"};
    options.grace = 200ms;
    return options;
  }

  static std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text)
      result += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
    return result;
  }

  Heard run(const ProgramOptions& options, std::int64_t trials = 1) const {
    ProgramRunner runner(options);
    for (std::int64_t i = 1; i <= trials; ++i) runner.start(i, {32 * i, 0.1, 7, {}});
    return listen(runner, trials);
  }

  static Heard listen(ProgramRunner& runner, std::int64_t trials) {
    Heard run;
    const auto until = std::chrono::steady_clock::now() + 60s;
    for (std::int64_t ended = 0; ended < trials && std::chrono::steady_clock::now() < until;) {
      const auto event = runner.wait(1s);
      if (!event) continue;
      if (const auto* point = std::get_if<CurvePoint>(&event->what)) {
        run.points.push_back(*point);
        continue;
      }
      ++ended;
      if (const auto* result = std::get_if<TrialResult>(&event->what)) {
        run.results.emplace(event->trial, *result);
      } else {
        run.refusal = std::get<InputError>(event->what);
      }
    }
    return run;
  }

  TrialResult result_of(const std::string& script) const {
    return run(options_for(script)).results.at(1);
  }

  std::string file(const std::string& name) const {
    std::ifstream in(directory_.path() / "trials/1/1" / name);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  TemporaryDirectory directory_;
};

TEST_F(ProgramRunnerTest, ReadsTheMetricWhileTheProgramRuns) {
  const Heard run =
      this->run(options_for("echo lr $2 >&2; echo step 1: loss $1; echo step 2: loss $2"));
  const TrialResult& result = run.results.at(1);
  EXPECT_EQ(result.state, TrialState::finished);
  EXPECT_EQ(result.objective, 0.1);
  EXPECT_EQ(result.steps, 2);
  ASSERT_EQ(run.points.size(), 2U);
  EXPECT_EQ(run.points[0].validation_loss, 32.0);
  EXPECT_EQ(run.points[0].examples, 32);
  EXPECT_EQ(result.curve, run.points);
  EXPECT_EQ(file("stdout"), "step 1: loss 32\nstep 2: loss 0.1\n");
  EXPECT_EQ(file("stderr"), "lr 0.1\n");
}

TEST_F(ProgramRunnerTest, ReadsWhatALoggerPrintsOnStandardError) {
  const TrialResult result = result_of("echo 'INFO:root:loss = 0.5' >&2");
  EXPECT_EQ(result.objective, 0.5);
}

TEST_F(ProgramRunnerTest, RunsAsManySideBySideAsThereAreSlots) {
  ProgramOptions options = options_for("echo loss=$CUDA_VISIBLE_DEVICES; sleep 0.3");
  options.slots = {{{"CUDA_VISIBLE_DEVICES", "3"}}, {{"CUDA_VISIBLE_DEVICES", "4"}}};
  const auto start = std::chrono::steady_clock::now();
  const Heard run = this->run(options, 4);
  EXPECT_GE(std::chrono::steady_clock::now() - start, 600ms);
  std::multiset<double> slots;
  for (const auto& [trial, result] : run.results) slots.insert(result.objective.value_or(0));
  EXPECT_THAT(slots, ElementsAre(3, 3, 4, 4));
}

TEST_F(ProgramRunnerTest, RunsNoShellOnWhatItPutsIn) {
  ProgramOptions options = options_for("");
  options.command = {"printf", "%s loss=1 {lr} {batch_size}\n", "$(touch owned); `id` {seed}"};
  EXPECT_EQ(run(options).results.at(1).state, TrialState::finished);
  EXPECT_THAT(file("stdout"), HasSubstr("$(touch owned); `id` 7 loss=1 0.1 32"));
}

TEST_F(ProgramRunnerTest, TellsADivergenceFromAFailure) {
  EXPECT_EQ(result_of("echo loss=1; echo loss=nan").state, TrialState::diverged);
  EXPECT_EQ(result_of("echo loss=1; echo loss=inf; exit 1").state, TrialState::diverged);
  EXPECT_EQ(result_of("echo loss=1; echo loss=11").state, TrialState::diverged);
  EXPECT_EQ(result_of("echo loss=1; echo loss=nan; echo loss=0.5").state, TrialState::finished);
  EXPECT_EQ(result_of("echo train_loss=nan; exit 1").state, TrialState::diverged);
}

TEST_F(ProgramRunnerTest, StopsAProgramThatHasDiverged) {
  const TrialResult result = result_of("echo loss=nan; echo loss=nan; sleep 30");
  EXPECT_EQ(result.state, TrialState::diverged);
  EXPECT_LT(result.wall_seconds, 10);
}

TEST_F(ProgramRunnerTest, QuotesTheEndOfWhatAFailedProgramPrinted) {
  const TrialResult result = result_of("echo loss=1; echo 'Traceback: no such file' >&2; exit 3");
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_THAT(result.message, HasSubstr("exit code 3"));
  EXPECT_THAT(result.message, HasSubstr("Traceback: no such file"));
  EXPECT_EQ(failure_kind(result), FailureKind::error);
}

TEST_F(ProgramRunnerTest, KnowsWhatRanOutOfMemory) {
  const auto kind = [&](const std::string& script) { return failure_kind(result_of(script)); };
  EXPECT_EQ(kind("echo loss=1; echo 'torch.cuda.OutOfMemoryError: CUDA' >&2; exit 1"),
            FailureKind::out_of_memory);
  EXPECT_EQ(kind("kill -9 $$"), FailureKind::out_of_memory);
  EXPECT_EQ(kind("kill -11 $$"), FailureKind::error);
}

TEST_F(ProgramRunnerTest, KnowsWhatRanOutOfMemoryBehindAShellOrALauncher) {
  const auto kind = [&](const std::string& script) { return failure_kind(result_of(script)); };
  EXPECT_EQ(kind("sh -c 'kill -9 $$'; exit $?"), FailureKind::out_of_memory);
  for (const char* said :
       {"Killed", "run.sh: line 3:  1234 Killed                  python train.py",
        "traceback : Signal 9 (SIGKILL) received by PID 7", "failed (exitcode: -9) local_rank: 0",
        "  exitcode  : -9 (pid: 7)", "died with <Signals.SIGKILL: 9>."}) {
    EXPECT_EQ(kind(std::string("echo '") + said + "' >&2; exit 1"), FailureKind::out_of_memory)
        << said;
  }
  EXPECT_EQ(kind("echo 'Killed two workers: line 3' >&2; exit 1"), FailureKind::error);
  EXPECT_EQ(kind("sh -c 'kill -11 $$'; exit $?"), FailureKind::error);
}

TEST_F(ProgramRunnerTest, StopsWhatRunsTooLong) {
  ProgramOptions options = options_for("echo loss=1; trap '' TERM; sleep 30");
  options.limit = 300ms;
  const TrialResult result = run(options).results.at(1);
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(failure_kind(result), FailureKind::timed_out);
  EXPECT_LT(result.wall_seconds, 10);
}

// Nobody else would end it: a supervisor that is halted looks at no clock.
TEST_F(ProgramRunnerTest, EndsWhatRunsTooLongUnderASupervisorThatIsHalted) {
  for (const char* halt :
       {"kill -STOP $PPID; sleep 1000", "while :; do kill -STOP $PPID; sleep 0.01; done"}) {
    ProgramOptions options = options_for(std::string("echo loss=1; (sleep 1001) & ") + halt);
    options.limit = 300ms;
    const TrialResult result = run(options).results.at(1);
    EXPECT_EQ(result.state, TrialState::failed);
    EXPECT_EQ(failure_kind(result), FailureKind::timed_out) << result.message;
    EXPECT_THAT(descendants_of(getpid()), IsEmpty());
  }
}

TEST_F(ProgramRunnerTest, SaysWhyATrialDiverged) {
  const std::string climb = "echo step 1: loss 2.3; echo step 40: loss 24; exit 1";
  EXPECT_EQ(result_of(climb).message, "above 10 times its first value 2.3 at step 40");
  EXPECT_EQ(result_of("echo step 3: loss nan").message, "not finite at step 3");
  EXPECT_EQ(result_of("echo train_loss=inf; exit 1").message, "train_loss is not finite");
}

TEST_F(ProgramRunnerTest, LetsTheUserSayWhatHasDiverged) {
  ProgramOptions options = options_for("echo loss=2; echo loss=50");
  options.diverged_above = 30.0;
  EXPECT_EQ(run(options).results.at(1).state, TrialState::finished);
  options.diverged_above = 20.0;
  EXPECT_EQ(run(options).results.at(1).state, TrialState::diverged);
  options.diverged_above.reset();
  options.command[2] = "echo loss=2; echo loss=1e30";
  EXPECT_EQ(run(options).results.at(1).state, TrialState::finished);
  options.diverged_above = 1.0;
  EXPECT_THROW(options.validate(), InputError);
}

TEST_F(ProgramRunnerTest, TurnsAMetricThatIsMaximizedRound) {
  ProgramOptions options = options_for("echo accuracy=1.5; echo accuracy=88.95");
  options.metric = "accuracy";
  EXPECT_EQ(run(options).results.at(1).objective, -88.95);
  const WorkloadInfo info = program_workload(options);
  EXPECT_EQ(info.objective_name, "accuracy");
  EXPECT_TRUE(info.maximizes);
  EXPECT_EQ(info.shown(-88.95), 88.95);
  // It may fall as far as it likes.
  options = options_for("echo reward=-1; echo reward=-500");
  options.metric = "reward";
  EXPECT_EQ(run(options).results.at(1).state, TrialState::finished);
}

TEST_F(ProgramRunnerTest, RefusesABatchThatIsMoreThanItsExamples) {
  ProgramOptions options = options_for("");
  options.examples = 100;
  options.check_batch_size(64);
  EXPECT_THROW(options.check_batch_size(128), InputError);
}

TEST_F(ProgramRunnerTest, SaysWhereToReadWhatAFailedProgramPrinted) {
  EXPECT_THAT(result_of("echo no >&2; exit 3").message, HasSubstr("see trials/1/1/stderr\nno"));
  EXPECT_THAT(result_of("echo no; exit 3").message, HasSubstr("see trials/1/2/stdout\nno"));
}

TEST_F(ProgramRunnerTest, SaysWhatCannotBeStarted) {
  ProgramOptions options = options_for("");
  options.command = {"no-such-program", "{lr}", "{batch_size}"};
  const Heard heard = run(options);
  ASSERT_TRUE(heard.refusal);
  EXPECT_THAT(heard.refusal->what(),
              HasSubstr("cannot start no-such-program: No such file or directory"));
}

TEST_F(ProgramRunnerTest, EndsWithTheNamesThatItSawWhereNoneIsTheMetric) {
  const Heard run = this->run(options_for("echo val_loss=1 acc=0.5"));
  ASSERT_TRUE(run.refusal);
  EXPECT_THAT(run.refusal->what(), HasSubstr("acc, val_loss"));
}

TEST_F(ProgramRunnerTest, LeavesNoProcessBehind) {
  // Children that went to sessions of their own, were orphaned, or heed no request to stop.
  const TrialResult result = result_of(
      "setsid sleep 1000 & (sleep 1001 &) ; (trap '' TERM; setsid sleep 1002) & echo loss=1");
  EXPECT_EQ(result.state, TrialState::finished);
  EXPECT_THAT(descendants_of(getpid()), IsEmpty());
}

TEST_F(ProgramRunnerTest, EndsWhatASupervisorThatWasKilledLeftBehind) {
  const TrialResult result =
      result_of("setsid sleep 1000 & (trap '' TERM; sleep 1001) & kill -9 $PPID; sleep 1002");
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_THAT(result.message, HasSubstr("its supervisor was killed"));
  EXPECT_THAT(processes_of_attempt(directory_.path() / "trials/1/1"), IsEmpty());
}

TEST_F(ProgramRunnerTest, StopsATrialWithAllItsChildrenWhenAsked) {
  ProgramRunner runner(options_for("(trap '' TERM; setsid sleep 1000) & echo loss=1; sleep 1000"));
  runner.start(1, {32, 0.1, 7, {}});
  while (!runner.wait(10s)) {
  }
  runner.abort(1);
  EXPECT_EQ(listen(runner, 1).results.at(1).state, TrialState::interrupted);
  EXPECT_THAT(descendants_of(getpid()), IsEmpty());
}

TEST_F(ProgramRunnerTest, ReadsEverythingOfAProgramThatPrintsALot) {
  const Heard run = this->run(
      options_for("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo \"step $i: loss 1.$i\"; done; "
                  "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo loss=2e-5"));
  EXPECT_EQ(run.points.size(), 20001U);
  EXPECT_EQ(run.results.at(1).objective, 2e-5);
  EXPECT_LE(run.results.at(1).curve.size(), 1001U);
}

TEST_F(ProgramRunnerTest, SurvivesGarbage) {
  const TrialResult result =
      result_of("head -c 1000000 /dev/urandom; echo; echo loss=1; exec >&- 2>&-; exit 0");
  EXPECT_EQ(result.state, TrialState::finished);
  EXPECT_EQ(result.objective, 1.0);
}

TEST_F(ProgramRunnerTest, WritesTheConfigurationOfEachTrial) {
  const auto path = directory_.path() / "template.yaml";
  std::ofstream(path) << "lr: {lr}\nbatch_size: {batch_size}\nmap: {{a: 1}}\n";
  ProgramOptions options = options_for("");
  options.config = path;
  options.command = {"sh", "-c", "cat $0; echo loss=1", "{config}"};
  EXPECT_EQ(run(options).results.at(1).state, TrialState::finished);
  EXPECT_THAT(file("stdout"), HasSubstr("lr: 0.1\nbatch_size: 32\nmap: {a: 1}\n"));
}

TEST_F(ProgramRunnerTest, UsesNoDirectoryTwice) {
  run(options_for("echo loss=1"));
  run(options_for("echo loss=1"));
  EXPECT_TRUE(std::filesystem::exists(directory_.path() / "trials/1/2/stdout"));
}

TEST_F(ProgramRunnerTest, TakesUpWhatEndedWellInTheSameStudyAndNothingElse) {
  ProgramOptions options = options_for("echo run >> $0.log; echo loss=1");
  options.command[3] = (directory_.path() / "runs").string();
  const auto runs = [&] {
    std::ifstream log(directory_.path() / "runs.log");
    return std::count(std::istreambuf_iterator<char>(log), {}, '\n');
  };
  options.study = "one";
  run(options);
  EXPECT_EQ(run(options).results.at(1).objective, 1.0);
  EXPECT_EQ(runs(), 1);
  options.study = "another";
  run(options);
  EXPECT_EQ(runs(), 2);
  options.command[2] = "echo run >> $0.log; exit 1";
  run(options);
  run(options);  // what failed is run anew
  EXPECT_EQ(runs(), 4);
}

TEST_F(ProgramRunnerTest, DividesABatchIntoPasses) {
  ProgramOptions options = options_for("");
  options.command = {"echo", "loss={grad_accum}", "{micro_batch_size}", "{lr}"};
  options.micro_batch_size = 4;
  options.replicas = 2;
  EXPECT_EQ(run(options).results.at(1).objective, 4.0);
  EXPECT_THROW(options.check_batch_size(36), InputError);
}

}  // namespace
}  // namespace etalon
