// Trials as jobs of a real Slurm, with all that happens to jobs. Skipped where it is not installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etalon/error.hpp"
#include "etalon/slurm.hpp"
#include "support/slurm_cluster.hpp"

namespace etalon {
namespace {

using namespace std::chrono_literals;
using testing::comes_true;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::SlurmCluster;

class SlurmRunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!SlurmCluster::is_installed()) GTEST_SKIP() << "needs Debian's package slurm-wlm";
    cluster_.emplace();
  }

  std::filesystem::path trials() const { return cluster_->directory() / "trials"; }

  // `script` is what a shell runs; $1 is the batch size, $2 the learning rate.
  SlurmOptions options_for(const std::string& script) {
    SlurmOptions options;
    options.program.command = {"sh", "-c", script, "script", "{batch_size}", "{lr}"};
    options.program.metric = "loss";
    options.program.directory = trials();
    options.program.supervisor = {ETALON_PROGRAM, "supervise"};
    options.program.grace = 500ms;
    options.program.study = "test";
    options.file_delay = 2s;
    options.say = [this](std::string_view message) { said_.emplace_back(message); };
    return options;
  }

  static void start(SlurmRunner& runner, std::int64_t trials = 1) {
    for (std::int64_t i = 1; i <= trials; ++i) runner.start(i, {32 * i, 0.1, 7, {}});
  }

  // Until so many trials have ended; what each came to.
  std::map<std::int64_t, TrialResult> listen(SlurmRunner& runner, std::size_t trials = 1) {
    std::map<std::int64_t, TrialResult> results;
    const auto until = std::chrono::steady_clock::now() + 200s;
    while (results.size() < trials && std::chrono::steady_clock::now() < until) {
      const auto event = runner.wait(500ms);
      if (!event) continue;
      if (const auto* point = std::get_if<CurvePoint>(&event->what)) points_.push_back(*point);
      const auto* result = std::get_if<TrialResult>(&event->what);
      if (result != nullptr) results.emplace(event->trial, *result);
    }
    EXPECT_EQ(results.size(), trials);
    return results;
  }

  // Lets the runner work until `holds`.
  static bool work_until(SlurmRunner& runner, const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < until) {
      if (holds()) return true;
      runner.wait(100ms);
    }
    return false;
  }

  // Starts a trial in a process that dies while it runs.
  void leave_to_others(const SlurmOptions& options) {
    const pid_t process = fork();
    if (process == 0) {
      SlurmRunner runner(options);
      start(runner);
      work_until(runner, [&] { return exists("1/1/runs/1/stdout"); });
      _exit(0);
    }
    waitpid(process, nullptr, 0);
    ASSERT_TRUE(exists("1/1/runs/1/stdout"));
  }

  bool exists(const std::string& path) const { return std::filesystem::exists(trials() / path); }
  std::string text_of(const std::string& path) const { return testing::read_text(trials() / path); }
  static std::string only_job() {
    const std::string job = SlurmCluster::run("squeue --me --noheader --array --format=%i");
    return job.substr(0, job.find('\n'));
  }
  static std::string queue() { return SlurmCluster::run("squeue --me --noheader"); }

  std::optional<SlurmCluster> cluster_;
  std::vector<CurvePoint> points_;
  std::vector<std::string> said_;
};

TEST_F(SlurmRunnerTest, RunsTrialsAsJobsAndReadsThemWhileTheyRun) {
  SlurmRunner runner(
      options_for("echo step 1: loss 200; echo lr $2 >&2; sleep 1; echo step 2: loss $1"));
  start(runner, 5);
  auto results = listen(runner, 5);
  for (std::int64_t i = 1; i <= 5; ++i) {
    EXPECT_EQ(results[i].state, TrialState::finished);
    EXPECT_EQ(results[i].objective, 32.0 * static_cast<double>(i));
    EXPECT_EQ(results[i].steps, 2);
  }
  EXPECT_EQ(points_.size(), 10U);
  EXPECT_EQ(text_of("3/1/runs/1/stdout"), "step 1: loss 200\nstep 2: loss 96\n");
  EXPECT_EQ(text_of("3/1/runs/1/stderr"), "lr 0.1\n");
  EXPECT_EQ(text_of("jobs/1/attempts.json"), "[\"1/1\",\"2/1\",\"3/1\",\"4/1\",\"5/1\"]\n");
}

TEST_F(SlurmRunnerTest, HasNoMoreJobsInTheQueueThanItMay) {
  SlurmOptions options = options_for("echo loss=1; sleep 0.5");
  options.jobs = 3;
  SlurmRunner runner(options);
  start(runner, 8);
  std::size_t most = 0, ended = 0;
  const auto until = std::chrono::steady_clock::now() + 200s;
  while (ended < 8 && std::chrono::steady_clock::now() < until) {
    const auto event = runner.wait(50ms);
    if (event && std::holds_alternative<TrialResult>(event->what)) ++ended;
    const std::string jobs =
        SlurmCluster::run("squeue --me --noheader --array --states=PENDING,RUNNING --format=%i");
    most = std::max(most, static_cast<std::size_t>(std::count(jobs.begin(), jobs.end(), '\n')));
  }
  EXPECT_EQ(ended, 8U);
  EXPECT_EQ(most, 3U);
}

TEST_F(SlurmRunnerTest, TellsOfAFailureWithTheEndOfWhatWasPrinted) {
  SlurmRunner runner(options_for("echo Traceback: no such file >&2; exit 3"));
  start(runner);
  const TrialResult result = listen(runner)[1];
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_THAT(result.message,
              HasSubstr("exit code 3, see trials/1/1/runs/1/stderr\nTraceback: no such file"));
  start(runner);  // again
  EXPECT_EQ(listen(runner)[1].state, TrialState::failed);
  EXPECT_TRUE(exists("1/2/runs/1/status.json"));
}

TEST_F(SlurmRunnerTest, ARequeuedJobHasNotFailedAndCountsAsItsLastRunEnded) {
  SlurmRunner runner(
      options_for("echo step 1: loss 5; echo x >> ../$1.runs; "
                  "[ \"$SLURM_RESTART_COUNT\" = 1 ] || exec sleep 60; "
                  "echo step 2: loss 3"));
  start(runner);
  ASSERT_TRUE(work_until(runner, [&] { return !points_.empty() || exists("1/1/runs/1/stdout"); }));
  const std::string job = only_job();
  SlurmCluster::run("scontrol requeue " + job);
  // Slurm holds a requeued job back for two minutes.
  ASSERT_TRUE(work_until(runner, [&] {
    SlurmCluster::run("scontrol update JobId=" + job + " StartTime=now");
    return exists("1/1/runs/2");
  }));
  const TrialResult result = listen(runner)[1];
  EXPECT_EQ(result.state, TrialState::finished);
  EXPECT_EQ(result.objective, 3);
  EXPECT_THAT(text_of("1/1/runs/1/status.json"), HasSubstr("\"stopped\": \"asked\""));
  EXPECT_FALSE(exists("1/2"));
}

TEST_F(SlurmRunnerTest, APreemptedJobHasNotFailed) {
  // The first time it goes on for long.
  const std::string been = (cluster_->directory() / "been").string();
  SlurmRunner runner(options_for("echo step 1: loss 5; if [ ! -e " + been + "$1 ]; then touch " +
                                 been + "$1; sleep 60; fi; echo step 2: loss 3"));
  start(runner, 2);
  ASSERT_TRUE(work_until(runner, [&] { return exists("2/1/runs/1/stdout"); }));
  SlurmCluster::run(
      "sbatch --partition=urgent --nodes=2 --exclusive --output=/dev/null --wrap='sleep 1'");
  // Slurm starts a job again, or, where that had ended before it was taken back, it is a new one.
  ASSERT_TRUE(work_until(runner, [&] {
    for (const char* job : {"1_0", "1_1"}) {
      SlurmCluster::run(std::string("scontrol update StartTime=now JobId=") + job);
    }
    const auto again = [&](const std::string& trial) {
      return exists(trial + "/1/runs/2") || exists(trial + "/2");
    };
    return again("1") && again("2");
  }));
  for (const auto& [trial, result] : listen(runner, 2)) {
    EXPECT_EQ(result.objective, 3) << trial << ' ' << result.message;
  }
}

TEST_F(SlurmRunnerTest, TheForgottenTwinOfARequeuedJobStopsAndDoesNotCount) {
  // The first run goes on for ever, the second ends.
  SlurmRunner runner(
      options_for("echo loss=5; [ \"$SLURM_RESTART_COUNT\" = 1 ] || exec sleep 60; "
                  "sleep 4; echo loss=3"));
  start(runner);
  ASSERT_TRUE(work_until(runner, [&] { return exists("1/1/runs/1/stdout"); }));
  const std::string job = only_job();
  std::string node = SlurmCluster::run("squeue --me --noheader --format=%N");
  node.resize(node.find('\n'));
  cluster_->lose_node(node);
  ASSERT_TRUE(work_until(runner, [&] {
    SlurmCluster::run("scontrol update JobId=" + job + " StartTime=now");
    return exists("1/1/runs/2");
  }));
  EXPECT_FALSE(exists("1/1/runs/1/status.json"));  // it still runs, and nobody but the files knows
  const TrialResult result = listen(runner)[1];
  EXPECT_EQ(result.objective, 3);
  ASSERT_TRUE(comes_true([&] { return exists("1/1/runs/1/status.json"); }, 20));
  EXPECT_THAT(text_of("1/1/runs/1/status.json"), HasSubstr("\"stopped\": \"replaced\""));
}

TEST_F(SlurmRunnerTest, AJobThatSomebodyCancelsHasFailed) {
  SlurmRunner runner(options_for("echo loss=1; sleep 60"));
  start(runner);
  ASSERT_TRUE(work_until(runner, [&] { return exists("1/1/runs/1/stdout"); }));
  SlurmCluster::run("scancel " + only_job());
  const TrialResult result = listen(runner)[1];
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_THAT(result.message, HasSubstr("ended before its program did, as CANCELLED"));
}

TEST_F(SlurmRunnerTest, AJobThatEndsWithoutAWordHasFailedOnceItsFilesWereWaitedFor) {
  SlurmOptions options = options_for("echo loss=1");
  options.program.supervisor = {"no-such-program"};
  SlurmRunner runner(options);
  start(runner);
  const TrialResult result = listen(runner)[1];
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_THAT(result.message, HasSubstr("no-such-program: not found"));
}

TEST_F(SlurmRunnerTest, AJobThatRunsOutOfItsTimeIsTimedOut) {
  SlurmOptions options = options_for("echo loss=1; sleep 600");
  options.options = {"--time=0:01"};  // Slurm rounds it up to a minute
  SlurmRunner runner(options);
  start(runner);
  const TrialResult result = listen(runner)[1];
  EXPECT_EQ(failure_kind(result), FailureKind::timed_out) << result.message;
}

TEST_F(SlurmRunnerTest, CancelsWhatIsAborted) {
  SlurmOptions options = options_for("echo loss=1; sleep 60");
  options.jobs = 2;
  SlurmRunner runner(options);
  start(runner, 3);  // the third waits
  ASSERT_TRUE(work_until(runner, [&] { return exists("2/1/runs/1/stdout"); }));
  for (std::int64_t i = 1; i <= 3; ++i) runner.abort(i);
  auto results = listen(runner, 3);
  for (std::int64_t i = 1; i <= 3; ++i) EXPECT_EQ(results[i].state, TrialState::interrupted) << i;
  EXPECT_TRUE(comes_true([] { return queue().empty(); }, 20));
}

// As a study leaves it that is killed after it has stored that the trial is pruned, and before it
// cancels the job.
TEST_F(SlurmRunnerTest, EndsWhatAnEarlierProcessLeftOfATrialThatIsOver) {
  SlurmOptions options = options_for("[ $1 != 32 ] || sleep 1000; echo loss=1");
  options.jobs = 1;  // so that a job which is only left alone takes the place of every other
  leave_to_others(options);
  {
    SlurmRunner runner(options);
    runner.end_earlier(1);
    runner.start(2, {64, 0.1, 7, {}});
    EXPECT_EQ(listen(runner).at(2).state, TrialState::finished);
  }
  EXPECT_TRUE(comes_true([] { return queue().empty(); }, 20));
}

TEST_F(SlurmRunnerTest, EndsWhatAnEarlierProcessLeftThoughNothingElseIsToBeRun) {
  const SlurmOptions options = options_for("sleep 1000");
  leave_to_others(options);
  {
    SlurmRunner runner(options);
    runner.end_earlier(1);
    runner.end_earlier(2);  // was never started
  }
  EXPECT_TRUE(comes_true([] { return queue().empty(); }, 20));
}

TEST_F(SlurmRunnerTest, StopsWhatHasDiverged) {
  SlurmRunner runner(options_for("echo loss=nan; echo loss=nan; sleep 60"));
  start(runner);
  EXPECT_EQ(listen(runner)[1].state, TrialState::diverged);
  EXPECT_TRUE(comes_true([] { return queue().empty(); }, 20));
}

TEST_F(SlurmRunnerTest, WaitsForAControllerThatIsAway) {
  SlurmRunner runner(options_for("echo loss=$1; sleep 3"));
  start(runner, 2);
  ASSERT_TRUE(work_until(runner, [&] { return exists("2/1/runs/1/stdout"); }));
  cluster_->stop_controller();
  runner.start(3, {96, 0.1, 7, {}});
  EXPECT_EQ(listen(runner, 2).size(), 2U);  // their files tell
  EXPECT_TRUE(work_until(runner, [&] { return !said_.empty(); }));
  cluster_->start_controller();
  EXPECT_EQ(listen(runner)[3].objective, 96);
  EXPECT_THAT(said_, ElementsAre(HasSubstr("asked again"), "Slurm answers again"));
  EXPECT_FALSE(exists("3/2"));
}

TEST_F(SlurmRunnerTest, SaysAtOnceWhatSbatchRefuses) {
  SlurmOptions options = options_for("echo loss=1");
  options.options = {"partition=nowhere"};
  SlurmRunner runner(options);
  start(runner);
  try {
    listen(runner);
    FAIL();
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("invalid partition"));
  }
}

TEST_F(SlurmRunnerTest, SaysAtOnceThatThereIsNoCluster) {
  const auto empty = cluster_->directory() / "empty.conf";
  std::ofstream{empty};
  setenv("SLURM_CONF", empty.c_str(), 1);
  SlurmRunner runner(options_for("echo loss=1"));
  start(runner);
  EXPECT_THROW(listen(runner), RunError);
  EXPECT_THAT(said_, IsEmpty());
  setenv("SLURM_CONF", (cluster_->directory() / "slurm.conf").c_str(), 1);
}

TEST_F(SlurmRunnerTest, RefusesOptionsThatItSetsItself) {
  SlurmOptions options = options_for("echo loss=1");
  options.options = {"--array=1-5"};
  EXPECT_THROW(SlurmRunner{options}, InputError);
}

}  // namespace
}  // namespace etalon
