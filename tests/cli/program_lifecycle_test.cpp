// `etalon study -- COMMAND` with programs that are killed, stopped or pruned: nothing is lost, run
// twice or left behind, however they end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "cli/program_command.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Arguments;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPrograms;
using ::testing::Not;
using testing::Program;
using testing::ProgramCommand;
using testing::read_text;
using testing::run_program;
using ::testing::SizeIs;
using testing::operator+;

using ProgramLifecycle = ProgramCommand;

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

// Those that are left after a while. A process that is just becoming another program has no command
// line for a moment: none is left where none was seen several times.
std::set<pid_t> left_of(const std::string& mark) {
  constexpr int kTimes = 5;
  std::set<pid_t> left;
  for (int i = 0, none = 0; i < 500 && none < kTimes; ++i) {
    left = processes_with(mark);
    none = left.empty() ? none + 1 : 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return left;
}

std::ptrdiff_t lines_in(const std::string& file) {
  const std::string text = read_text(file);
  return std::count(text.begin(), text.end(), '\n');
}

TEST_F(ProgramLifecycle, SurvivesBeingKilledAtAnyMoment) {
  const std::string mark = "mark-" + std::to_string(getpid());
  const Arguments flags = {"--batch-sizes", "64,256", "--metric", "val_loss", "--jobs",  "3",
                           "--trials",      "30",     "--grace",  "1",        "--seeds", "9"};
  const Arguments command = {"sh",
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
    Program program(ETALON_BINARY,
                    study(kill == 0 ? flags : flags + Arguments{"--resume"}, command));
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
  const auto result = run(begun ? flags + Arguments{"--resume"} : flags, command);
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

// Where nobody is left to notice, going on does what the supervisors would have done, before it
// runs anything.
TEST_F(ProgramLifecycle, StopsWhatIsLeftOfAStudyThatWasKilledWithItsSupervisors) {
  const std::string file = (directory_.path() / "watched").string();
  const Arguments flags = {"--batch-sizes", "64", "--metric", "val_loss", "--trials", "3",
                           "--jobs",        "2",  "--grace",  "1"};
  const Arguments command = {
      "sh",
      "-c",
      "if [ -e $0.on ]; then for p in $(cat $0.pids); do tr -d '\\0' < /proc/$p/cmdline; done "
      ">> $0.seen 2> /dev/null; exec \"$@\"; fi; "
      "touch $0; setsid tail -f $0 & echo $! >> $0.pids; sleep 1000",
      file,
      kPrograms + "known_answer.sh",
      "{batch_size}",
      "{lr}",
      "{seed}"};
  {
    Program program(ETALON_BINARY, study(flags, command));
    const auto begun = [&] { return lines_in(file + ".pids") == 2; };
    while (!begun() && !program.ended_within(0.01)) {
    }
    program.signal(SIGSTOP);
    for (const pid_t supervisor : processes_with(out() + "/trials/")) kill(supervisor, SIGKILL);
    program.signal(SIGKILL);
    program.wait();
  }
  EXPECT_THAT(processes_with(file), Not(IsEmpty()));
  std::ofstream(file + ".on").flush();
  const auto result = run(flags + Arguments{"--resume"}, command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(processes_with(file), IsEmpty());
  EXPECT_THAT(read_text(file + ".seen"), IsEmpty()) << "when others began";
}

TEST_F(ProgramLifecycle, StopsInAnOrderlyWayAndGoesOn) {
  const Arguments flags = {"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "12"};
  const Arguments command = script("sleep 0.1; exec " + kPrograms + "known_answer.sh $1 $2 $3");
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
  const auto result = run(flags + Arguments{"--resume"}, command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(stored().trials, SizeIs(12));
  // Another command is another study.
  EXPECT_THAT(
      run(flags + Arguments{"--resume"}, known_answer()).err,
      AllOf(HasSubstr("other settings"), HasSubstr("argument 0 of the command was \"sh\"")));
}

// A program that is quick at three learning rates and takes its time elsewhere, with a child for
// every line.
Arguments slow_answer(const std::string& mark) {
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

TEST_F(ProgramLifecycle, PrunesWhatDoesWorseAndKeepsItPruned) {
  const std::string mark = "mark-" + std::to_string(getpid());
  const Arguments flags = {"--batch-sizes", "64",   "--metric", "val_loss", "--jobs",  "6",
                           "--lr",          "0.01", "--prune",  "median",   "--grace", "1"};
  const auto result = run(flags + Arguments{"--trials", "8"}, slow_answer(mark));
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

  const auto more = run(flags + Arguments{"--trials", "9", "--resume"}, slow_answer(mark));
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

TEST_F(ProgramLifecycle, PrunesNothingUnlessAskedTo) {
  const auto result = run({"--batch-sizes", "64", "--metric", "val_loss", "--jobs", "4", "--lr",
                           "0.0001", "--trials", "10"},
                          known_answer());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(pruned_in(stored()), IsEmpty());
  EXPECT_THAT(stored().trials, SizeIs(10));
}

TEST_F(ProgramLifecycle, RefusesAGraceThatIsNoShare) {
  for (const char* grace : {"0", "100%", "-5%", "2", "a quarter", "", "%"}) {
    const auto result = run(
        {"--batch-sizes", "64", "--metric", "loss", "--prune", "halving", "--prune-grace", grace},
        known_answer());
    EXPECT_EQ(result.exit_code, 2) << grace;
    EXPECT_THAT(result.err, HasSubstr("--prune-grace")) << grace;
  }
}

}  // namespace
}  // namespace etalon
