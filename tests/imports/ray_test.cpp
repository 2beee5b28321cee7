// The lines are as json.dumps writes what Ray Tune's JsonLogger is given.
#include "imports/ray.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imports/sample_logs.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::Pair;
using testing::read_log;
using testing::read_one;
using testing::reader_of;
using testing::SampleLogs;

std::string result(int iteration, const std::string& loss, const std::string& done) {
  return "{\"mean_loss\": " + loss +
         ", \"info\": {\"learner\": {\"kl\": 0.25}}, \"done\": " + done +
         ", \"training_iteration\": " + std::to_string(iteration) +
         ", \"trial_id\": \"a1_00000\", \"date\": \"2023-01-01_00-00-00\", \"time_total_s\": 1.5, "
         "\"hostname\": \"h\", \"config\": {\"lr\": 0.01, \"optimizer\": {\"name\": \"adam\"}, "
         "\"hidden\": [64, 64]}}\n";
}

TEST(Ray, GivesNestedMetricsAndTheConfig) {
  const SampleLogs files;
  const auto file =
      files.write("exp/trial/result.json", result(1, "2.5", "false") + result(2, "NaN", "true"));
  EXPECT_EQ(reader_of(file), "ray");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("exp/trial"));
  EXPECT_EQ(run.state, "finished");
  EXPECT_THAT(run.settings, ElementsAre(Pair("lr", "0.01"), Pair("optimizer.name", "adam")));
  EXPECT_EQ(run.curves.size(), 3u);
  EXPECT_THAT(run.curves.at("info/learner/kl"),
              ElementsAre(CoursePoint{1, 0.25}, CoursePoint{2, 0.25}));
  EXPECT_THAT(run.curves.at("time_total_s"), ElementsAre(CoursePoint{1, 1.5}, CoursePoint{2, 1.5}));
  EXPECT_EQ(run.curves.at("mean_loss")[0], (CoursePoint{1, 2.5}));
  EXPECT_THAT(run.curves.at("mean_loss")[1].value, IsNan());
}

TEST(Ray, KnowsATrialThatFailed) {
  const SampleLogs files;
  const auto file = files.write("result.json", result(1, "2.5", "false"));
  EXPECT_EQ(read_one(file).state, "") << "it may run on";
  files.write("error.txt", "Failure # 1 (occurred at 2023-01-01_00-00-00)\n");
  EXPECT_EQ(read_one(file).state, "failed");
  files.write("result.json", result(1, "2.5", "false") + result(2, "1.5", "true"));
  EXPECT_EQ(read_one(file).state, "finished") << "it was tried again";
}

TEST(Ray, KnowsATrialThatFailedAtOnce) {
  const SampleLogs files;
  files.write("a/params.json", "{\"lr\": 0.1}");
  const auto error = files.write("a/error.txt", "Failure # 1\n");
  EXPECT_EQ(reader_of(error), "ray");
  EXPECT_EQ(read_one(error).state, "failed");
  EXPECT_EQ(read_one(error).directory, files.path("a"));
  const auto empty = files.write("a/result.json", "");
  EXPECT_EQ(reader_of(error), "") << "the results stand for it";
  EXPECT_EQ(read_one(empty).state, "failed");
}

TEST(Ray, KeepsWhatIsBeforeALineThatIsNotWhole) {
  const SampleLogs files;
  const auto log = read_log(files.write(
      "result.json", result(1, "2.5", "false") + "{\"mean_\n" + result(3, "1.5", "false")));
  EXPECT_THAT(log.error, HasSubstr("line 2 "));
  ASSERT_EQ(log.runs.size(), 1u);
  EXPECT_THAT(log.runs[0].curves.at("mean_loss"),
              ElementsAre(CoursePoint{1, 2.5}, CoursePoint{3, 1.5}));
  const LoggedRun cut = read_one(files.write("result.json", result(1, "2.5", "true") + "{\"mean_"));
  EXPECT_THAT(cut.curves.at("mean_loss"), ElementsAre(CoursePoint{1, 2.5}));
}

TEST(Ray, DoesNotTakeResultsOfOthers) {
  const SampleLogs files;
  EXPECT_EQ(reader_of(files.write("result.json", "{\"accuracy\": 0.5}")), "");
  EXPECT_EQ(reader_of(files.write("error.txt", "oh\n")), "");
}

}  // namespace
}  // namespace etalon
