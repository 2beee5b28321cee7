// What stands on the disk of jobs, and what is read of squeue: without Slurm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "slurm/job_batch.hpp"
#include "slurm/job_listing.hpp"
#include "slurm/job_runs.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::Not;
using ::testing::StartsWith;

TEST(JobRuns, OnlyOneOfManyTakesANumber) {
  const testing::TemporaryDirectory directory;
  const AttemptFiles attempt = make_attempt(directory.path(), 1);
  constexpr int kTakers = 16;
  std::vector<int> taken(kTakers);
  {
    std::vector<std::jthread> takers;
    for (int& mine : taken) takers.emplace_back([&] { mine = claim_run(attempt); });
  }
  EXPECT_EQ(std::set<int>(taken.begin(), taken.end()).size(), kTakers);
  EXPECT_EQ(last_run(attempt), kTakers);
}

TEST(JobRuns, TheLastOneCountsUntilTheAttemptIsClosed) {
  const testing::TemporaryDirectory directory;
  const AttemptFiles attempt = make_attempt(directory.path(), 1);
  EXPECT_EQ(last_run(attempt), 0);
  const int first = claim_run(attempt);
  EXPECT_FALSE(is_replaced(attempt, first));
  const int second = claim_run(attempt);
  EXPECT_TRUE(is_replaced(attempt, first));
  EXPECT_FALSE(is_replaced(attempt, second));
  close_attempt(attempt);
  EXPECT_TRUE(is_closed(attempt));
  EXPECT_TRUE(is_replaced(attempt, second));
}

TEST(JobRuns, ShareTheCommandAndTheOutDirectoryAndNothingElse) {
  const AttemptFiles attempt("trials/12/1");
  const AttemptFiles run = files_of_run(attempt, 2);
  EXPECT_EQ(run.command, attempt.command);
  EXPECT_EQ(run.own, attempt.own);
  EXPECT_EQ(run.output, "trials/12/1/runs/2/stdout");
  EXPECT_EQ(run.status, "trials/12/1/runs/2/status.json");
}

TEST(JobBatch, IsReadBackWithAllOfItsAttempts) {
  const testing::TemporaryDirectory directory;
  const std::vector<AttemptFiles> attempts = {make_attempt(directory.path(), 3),
                                              make_attempt(directory.path(), 5)};
  const JobBatch first = make_batch(directory.path(), attempts);
  const JobBatch second = make_batch(directory.path(), {attempts[1]});
  EXPECT_EQ(first.number, 1);
  EXPECT_EQ(second.number, 2);
  const auto read = attempts_of_batch(batch_directory(directory.path(), 1));
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].directory, attempts[0].directory);
  EXPECT_EQ(read[1].directory, attempts[1].directory);
  EXPECT_TRUE(attempts_of_batch(directory.path() / "nowhere").empty());
}

TEST(JobBatch, HandsValuesOverAsArgumentsOfAScriptThatIsAlwaysTheSame) {
  const testing::TemporaryDirectory directory;
  const auto trials = directory.path() / "a $(touch owned) 100%j";
  const JobBatch batch = make_batch(trials, {make_attempt(trials, 1), make_attempt(trials, 2)});
  std::ostringstream script;
  script << std::ifstream(batch.directory / "job.sh").rdbuf();
  EXPECT_EQ(script.str(), "#!/bin/sh\nexec \"$@\"\n");
  const auto command = submission_of(batch, "ab12", {"partition=gpu", "-pgpu"}, {"etalon", "x"});
  EXPECT_THAT(command, Contains("--partition=gpu"));
  EXPECT_THAT(command, Contains("-pgpu"));
  EXPECT_THAT(command, Contains("--array=0-1"));
  EXPECT_THAT(command, Contains("--comment=etalon:ab12:1"));
  EXPECT_EQ(command.back(), batch.directory.string());
  EXPECT_THAT(command, Contains(AllOf(StartsWith("--output="), EndsWith(" 100%%j/jobs/1/%a.log"))));
}

TEST(JobBatch, OfOneIsNoArray) {
  const testing::TemporaryDirectory directory;
  const JobBatch batch = make_batch(directory.path(), {make_attempt(directory.path(), 1)});
  EXPECT_THAT(submission_of(batch, "s", {}, {"etalon"}), Not(Contains(StartsWith("--array"))));
}

TEST(JobBatch, KnowsItsOwnOptionsHoweverTheyAreWritten) {
  for (const char* own :
       {"--array=1-3", "-a1-3", "-a", "array=2", "comment=x", "--output", "-ox"}) {
    EXPECT_TRUE(is_own_option(own)) << own;
  }
  for (const char* other : {"--partition=a", "-Aaccount", "time=10", "--constraint=array"}) {
    EXPECT_FALSE(is_own_option(other)) << other;
  }
}

TEST(JobListing, FindsTheJobsOfTheStudyByTheirComment) {
  const auto jobs = jobs_in(
      "17_3|3|RUNNING|etalon:ab12:7\n"
      "18|N/A|PENDING|etalon:ab12:8\n"
      "19|N/A|RUNNING|etalon:other:7\n"
      "20|N/A|RUNNING|mine | theirs\n"
      "21|N/A|TIMEOUT|etalon:ab12:9x\n"
      "22|N/A|TIMEOUT|etalon:ab12:9\n"
      "not a line of squeue\n\n",
      "ab12");
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_EQ(jobs[0].id, "17_3");
  EXPECT_EQ(jobs[0].place, (JobPlace{7, 3}));
  EXPECT_TRUE(jobs[0].lives());
  EXPECT_EQ(jobs[1].place, (JobPlace{8, 0}));
  EXPECT_TRUE(jobs[1].lives());
  EXPECT_EQ(jobs[2].id, "22");
  EXPECT_FALSE(jobs[2].lives());
}

TEST(JobListing, TakesAStateThatItDoesNotKnowForALivingOne) {
  for (const char* state : {"COMPLETING", "REQUEUED", "SUSPENDED", "NEW_IN_SLURM_99"}) {
    EXPECT_TRUE((ListedJob{"1", {}, state}).lives()) << state;
  }
  for (const char* state : {"COMPLETED", "CANCELLED", "FAILED", "NODE_FAIL", "PREEMPTED"}) {
    EXPECT_FALSE((ListedJob{"1", {}, state}).lives()) << state;
  }
}

}  // namespace
}  // namespace etalon
