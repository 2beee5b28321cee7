// etalon study --slurm on a real Slurm: what a user types, and what becomes of a study whose
// process dies. Skipped where Slurm is not installed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "support/slurm_cluster.hpp"

namespace etalon {
namespace {

using testing::comes_true;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::Program;
using testing::ProgramResult;
using ::testing::SizeIs;
using testing::SlurmCluster;

class SlurmStudy : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!SlurmCluster::is_installed()) GTEST_SKIP() << "needs Debian's package slurm-wlm";
    cluster_.emplace();
    // A parabola in log η whose lowest point is where it should be; says so when it begins.
    std::ofstream(path("quick.sh")) << "echo $1 $2 >> " << path("begun")
                                    << "; sleep $3; "
                                       "awk -v b=$1 -v lr=$2 'BEGIN { x = log(lr / 0.01 / sqrt(b / "
                                       "64)); print \"loss = \" 1 + x * x }'\n";
  }

  std::string path(const std::string& name) const {
    return (cluster_->directory() / name).string();
  }

  std::vector<std::string> study(std::vector<std::string> more, const std::string& seconds) const {
    std::vector<std::string> words = {"study",    "--out",    path("study"), "--batch-sizes",
                                      "64,256",   "--lr",     "0.005",       "--metric",
                                      "loss",     "--trials", "12",          "--quiet",
                                      "--format", "csv",      "--grace",     "0.5"};
    words.insert(words.end(), more.begin(), more.end());
    for (const std::string word : {"--", "sh"}) words.push_back(word);
    for (const std::string& word :
         {path("quick.sh"), std::string("{batch_size}"), std::string("{lr}"), seconds}) {
      words.push_back(word);
    }
    return words;
  }

  // The lines that programs wrote when they began.
  std::vector<std::string> begun() const {
    std::vector<std::string> lines;
    std::ifstream file(path("begun"));
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  // How many attempts were made at each trial.
  std::map<std::string, std::size_t> attempts() const {
    std::map<std::string, std::size_t> count;
    for (const auto& trial : std::filesystem::directory_iterator(path("study/trials"))) {
      const std::string name = trial.path().filename().string();
      if (name == "jobs") continue;
      for ([[maybe_unused]] const auto& attempt : std::filesystem::directory_iterator(trial)) {
        ++count[name];
      }
    }
    return count;
  }

  static std::size_t finished_in(const std::string& csv) {
    std::size_t count = 0;
    for (std::size_t at = csv.find(",finished,"); at != std::string::npos;
         at = csv.find(",finished,", at + 1)) {
      ++count;
    }
    return count;
  }

  static std::string queue() {
    return SlurmCluster::run("squeue --me --noheader --states=PENDING,RUNNING,COMPLETING");
  }

  std::optional<SlurmCluster> cluster_;
};

TEST_F(SlurmStudy, IsTheStudyThatItWouldBeOnOneMachine) {
  const ProgramResult result =
      testing::run_program(ETALON_PROGRAM, study({"--slurm", "--jobs", "6"}, "0"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(finished_in(result.out), 12U) << result.out;
  EXPECT_THAT(result.err, IsEmpty());
  EXPECT_THAT(attempts(), SizeIs(12));
  EXPECT_THAT(attempts(), Each(Pair(::testing::_, 1U)));
  EXPECT_THAT(queue(), IsEmpty());
}

TEST_F(SlurmStudy, GoesOnAfterItsProcessDiedAndRunsNothingTwice) {
  {
    Program first(ETALON_PROGRAM, study({"--slurm", "--jobs", "4"}, "2"));
    ASSERT_TRUE(comes_true([&] { return begun().size() >= 6; }));
    first.signal(SIGKILL);
    first.wait();
  }
  {
    // While jobs of the first still run.
    Program second(ETALON_PROGRAM, study({"--slurm", "--jobs", "4", "--resume"}, "2"));
    ASSERT_TRUE(comes_true([&] { return begun().size() >= 9; }));
    second.signal(SIGKILL);
    second.wait();
  }
  ASSERT_TRUE(comes_true([] { return queue().empty(); }));  // they end without it
  const ProgramResult last =
      testing::run_program(ETALON_PROGRAM, study({"--slurm", "--jobs", "4", "--resume"}, "2"));
  EXPECT_EQ(last.exit_code, 0) << last.err;
  EXPECT_EQ(finished_in(last.out), 12U) << last.out;
  EXPECT_EQ(begun().size(), 12U);
  EXPECT_THAT(attempts(), Each(Pair(::testing::_, 1U)));
}

TEST_F(SlurmStudy, TakesItsJobsAlongWhenItIsStopped) {
  Program study(ETALON_PROGRAM, this->study({"--slurm", "--jobs", "4"}, "30"));
  ASSERT_TRUE(comes_true([&] { return begun().size() >= 3; }));
  study.signal(SIGINT);
  const ProgramResult result = study.wait();
  EXPECT_EQ(result.exit_code, 130) << result.err;
  EXPECT_THAT(result.err, HasSubstr("0 trials are stored"));
  EXPECT_TRUE(comes_true([] { return queue().empty(); }, 20));
}

TEST_F(SlurmStudy, EndsWithWhatTheProgramPrintedWhereEveryTrialFails) {
  std::ofstream(path("quick.sh")) << "echo no such data >&2; exit 3\n";
  const ProgramResult result =
      testing::run_program(ETALON_PROGRAM, study({"--slurm", "--jobs", "4"}, "0"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no such data"));
  EXPECT_THAT(queue(), IsEmpty());
}

TEST_F(SlurmStudy, RunsAsStepsOfTheJobThatItIsIn) {
  std::ofstream(path("quick.sh")) << "echo $SLURM_STEP_ID >> " << path("begun")
                                  << "; echo loss=1\n";
  std::vector<std::string> words = {"/usr/bin/salloc", "--quiet", "--ntasks", "4", ETALON_PROGRAM};
  for (const std::string& word : study({"--srun", "--trials", "6"}, "0")) {
    if (word != "12") words.push_back(word);
  }
  words.erase(std::find(words.begin(), words.end(), "--trials"));
  const ProgramResult result = SlurmCluster::with_input(words)->wait();
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(finished_in(result.out), 6U) << result.out << result.err;
  const auto steps = begun();
  EXPECT_EQ(std::set<std::string>(steps.begin(), steps.end()).size(), 6U);
}

TEST_F(SlurmStudy, StopsItsStepsGently) {
  std::ofstream(path("quick.sh")) << "trap 'echo gentle >> " << path("ended")
                                  << "; exit 1' TERM; "
                                     "echo $1 >> "
                                  << path("begun")
                                  << "; echo loss=nan; echo loss=nan; sleep 30 & wait\n";
  std::vector<std::string> words = {"/usr/bin/salloc", "--quiet", "--ntasks", "2", ETALON_PROGRAM};
  for (const std::string& word : study({"--srun"}, "0")) words.push_back(word == "12" ? "2" : word);
  const ProgramResult result = SlurmCluster::with_input(words)->wait();
  EXPECT_THAT(testing::read_text(path("ended")), HasSubstr("gentle\ngentle")) << result.err;
  EXPECT_THAT(result.out, HasSubstr(",diverged,"));
}

TEST_F(SlurmStudy, HidesSlurmFromAProgramThatMisbehavesInside) {
  std::ofstream(path("quick.sh")) << "env | grep -c ^SLURM_ >> " << path("begun")
                                  << "; echo loss=1\n";
  const ProgramResult result =
      testing::run_program(ETALON_PROGRAM, study({"--slurm", "--unset", "SLURM_*"}, "0"));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(begun(), Each("0"));
}

TEST_F(SlurmStudy, RefusesFlagsThatContradictEachOther) {
  const auto error_of = [&](std::vector<std::string> flags) {
    const ProgramResult result = testing::run_program(ETALON_PROGRAM, study(std::move(flags), "0"));
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_THAT(error_of({"--slurm", "--srun"}), HasSubstr("--slurm and --srun"));
  EXPECT_THAT(error_of({"--slurm", "--gpus", "0,1"}), HasSubstr("--slurm-option=--gpus=1"));
  EXPECT_THAT(error_of({"--slurm-option", "time=1"}), HasSubstr("without --slurm"));
  EXPECT_THAT(error_of({"--slurm", "--slurm-option", "array=2"}), HasSubstr("--slurm-option"));
  EXPECT_THAT(error_of({"--srun"}), HasSubstr("SLURM_JOB_ID"));
}

}  // namespace
}  // namespace etalon
