#include "imports/json_lines_log.hpp"

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

TEST(JsonLinesLog, GivesNestedNumbersAtTheirSteps) {
  const SampleLogs files;
  const auto file = files.write(
      "run/metrics.jsonl",
      "{\"config\": {\"optim\": {\"lr\": 0.1}}}\n"
      "{\"step\": 10, \"loss\": 2.5, \"eval\": {\"loss\": 3.0, \"by_class\": [1, 2]}}\n\n"
      "{\"step\": 20, \"loss\": NaN, \"note\": \"spike\"}\r\n");
  EXPECT_EQ(reader_of(file), "json-lines-log");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("run"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("optim.lr", "0.1")));
  EXPECT_EQ(run.curves.size(), 2u);
  EXPECT_THAT(run.curves.at("eval/loss"), ElementsAre(CoursePoint{10, 3.0}));
  EXPECT_EQ(run.curves.at("loss")[0], (CoursePoint{10, 2.5}));
  EXPECT_EQ(run.curves.at("loss")[1].step, 20);
  EXPECT_THAT(run.curves.at("loss")[1].value, IsNan());
}

TEST(JsonLinesLog, OfDetectronStandsAtItsIterations) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("metrics.json",
                           "{\"iteration\": 19, \"lr\": 0.02, \"total_loss\": 1.5}\n"
                           "{\"iteration\": 39, \"lr\": 0.02, \"total_loss\": 1.25}\n"));
  EXPECT_THAT(run.curves.at("total_loss"),
              ElementsAre(CoursePoint{19, 1.5}, CoursePoint{39, 1.25}));
}

TEST(JsonLinesLog, OfMmcvCountsOnAcrossValidation) {
  const SampleLogs files;
  const LoggedRun run = read_one(files.write(
      "20210601_120000.log.json",
      "{\"env_info\": \"sys.platform: linux\", \"seed\": 3, \"exp_name\": \"faster_rcnn.py\"}\n"
      "{\"mode\": \"train\", \"epoch\": 1, \"iter\": 50, \"lr\": 0.01, \"loss\": 2.0}\n"
      "{\"mode\": \"train\", \"epoch\": 1, \"iter\": 100, \"lr\": 0.01, \"loss\": 1.5}\n"
      "{\"mode\": \"val\", \"epoch\": 1, \"iter\": 100, \"lr\": 0.01, \"bbox_mAP\": 0.25}\n"
      "{\"mode\": \"train\", \"epoch\": 2, \"iter\": 50, \"lr\": 0.001, \"loss\": 1.0}\n"));
  EXPECT_THAT(run.curves.at("loss"),
              ElementsAre(CoursePoint{50, 2.0}, CoursePoint{100, 1.5}, CoursePoint{150, 1.0}));
  EXPECT_THAT(run.curves.at("bbox_mAP"), ElementsAre(CoursePoint{100, 0.25}));
}

TEST(JsonLinesLog, TakesPythonDictsAndWhatIsNumberedByItsRowsAlone) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("log.txt",
                           "start\n{'train_loss': 1.5, 'epoch': 0}\n{'train_loss': '1.25', "
                           "'epoch': 1, 'best': None}\nend\n"));
  EXPECT_THAT(run.curves.at("train_loss"), ElementsAre(CoursePoint{0, 1.5}, CoursePoint{1, 1.25}));
  std::vector<LoggedRun> runs;
  read_json_lines_log(files.write("log.json", "{\"loss\": 3}\n{\"loss\": 2}\n"),
                      [&](LoggedRun each) { runs.push_back(std::move(each)); });
  EXPECT_THAT(runs.at(0).curves.at("loss"), ElementsAre(CoursePoint{1, 3}, CoursePoint{2, 2}));
}

TEST(JsonLinesLog, PassesOverALastLineThatIsNotWhole) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("log.jsonl", "{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"lo"));
  EXPECT_THAT(run.curves.at("loss"), ElementsAre(CoursePoint{1, 2}));
}

TEST(JsonLinesLog, NamesALineInItsMidstThatIsNotWholeAndKeepsTheRest) {
  const SampleLogs files;
  const auto log = read_log(files.write(
      "log.jsonl", "{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"lo\n{\"step\": 3, \"loss\": 1}\n"));
  EXPECT_THAT(log.error, HasSubstr("line 2 "));
  EXPECT_THAT(log.error, HasSubstr("log.jsonl"));
  ASSERT_EQ(log.runs.size(), 1u);
  EXPECT_THAT(log.runs[0].curves.at("loss"), ElementsAre(CoursePoint{1, 2}, CoursePoint{3, 1}));
}

TEST(JsonLinesLog, IsNoTableOfRunsNoDataAndNoPlainLog) {
  const SampleLogs files;
  EXPECT_EQ(reader_of(files.write("metrics.jsonl",
                                  "{\"batch_size\": 32, \"step\": 100, \"loss\": 1}\n"
                                  "{\"batch_size\": 64, \"step\": 200, \"loss\": 1}\n")),
            "");
  EXPECT_EQ(reader_of(files.write("train.jsonl", "{\"text\": \"a\", \"label\": 1}\n")), "");
  EXPECT_EQ(reader_of(files.write("metrics.json", "{\n  \"step\": 1\n}\n")), "");
  EXPECT_EQ(reader_of(files.write("log.txt", "step 1: loss 2.5\n")), "");
  EXPECT_EQ(reader_of(files.write("log.json", "")), "");
}

}  // namespace
}  // namespace etalon
