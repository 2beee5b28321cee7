// The samples are laid out as Python's csv.DictWriter writes them for the loggers named.
#include "imports/csv_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "imports/sample_logs.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNan;
using ::testing::Pair;
using testing::read_log;
using testing::read_one;
using testing::reader_of;
using testing::SampleLogs;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kLightning =
    "epoch,lr-SGD,step,train_loss,val_acc,val_loss\r\n0,0.1,49,1.25,,\r\n0,,99,,0.5,1.5\r\n"
    "1,0.05,149,0.75,,\r\n1,,199,,0.625,1.125\r\n";

std::vector<std::string> names_of(const std::map<std::string, LoggedCurve>& curves) {
  std::vector<std::string> names;
  for (const auto& [name, curve] : curves) names.push_back(name);
  return names;
}

TEST(CsvLog, OfLightningIsRaggedAndStandsAtItsSteps) {
  const SampleLogs files;
  const auto file = files.write("version_0/metrics.csv", kLightning);
  EXPECT_EQ(reader_of(file), "csv-log");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("version_0"));
  EXPECT_THAT(run.settings, IsEmpty());
  EXPECT_EQ(run.state, "");
  EXPECT_THAT(names_of(run.curves),
              ElementsAre("epoch", "lr-SGD", "train_loss", "val_acc", "val_loss"));
  EXPECT_THAT(run.curves.at("train_loss"),
              ElementsAre(CoursePoint{49, 1.25}, CoursePoint{149, 0.75}));
  EXPECT_THAT(run.curves.at("val_loss"),
              ElementsAre(CoursePoint{99, 1.5}, CoursePoint{199, 1.125}));
  EXPECT_THAT(run.curves.at("epoch"), ElementsAre(CoursePoint{49, 0}, CoursePoint{99, 0},
                                                  CoursePoint{149, 1}, CoursePoint{199, 1}));
}

TEST(CsvLog, OfKerasStandsAtItsEpochs) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("training.log",
                           "epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.5,2.0,0.25,2.5\r\n"
                           "1,0.75,nan,NA,inf\r\n"));
  EXPECT_THAT(run.curves.at("val_loss"),
              ElementsAre(CoursePoint{0, 2.5}, CoursePoint{1, HUGE_VAL}));
  EXPECT_THAT(run.curves.at("val_accuracy"), ElementsAre(CoursePoint{0, 0.25}));
  EXPECT_THAT(run.curves.at("epoch"), ElementsAre(CoursePoint{0, 0}, CoursePoint{1, 1}));
  EXPECT_THAT(run.curves.at("loss")[1].value, IsNan());
}

TEST(CsvLog, OfYoloHasPaddedColumns) {
  const SampleLogs files;
  const LoggedRun run = read_one(files.write(
      "results.csv",
      "               epoch,      train/box_loss,   metrics/mAP_0.5,               x/lr0\n"
      "                   0,                1.25,              0.01,                 0.1\n"
      "                   1,                0.75,              0.02,                0.05\n"));
  EXPECT_THAT(names_of(run.curves),
              ElementsAre("epoch", "metrics/mAP_0.5", "train/box_loss", "x/lr0"));
  EXPECT_THAT(run.curves.at("train/box_loss"),
              ElementsAre(CoursePoint{0, 1.25}, CoursePoint{1, 0.75}));
}

TEST(CsvLog, OfStableBaselinesStandsAtTheStepsThatAllRowsHave) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("progress.csv",
                           "eval/mean_reward,time/iterations,time/total_timesteps,train/loss\n"
                           ",1,2048,\n12.5,,4000,\n,2,4096,0.5\n"));
  EXPECT_THAT(run.curves.at("eval/mean_reward"), ElementsAre(CoursePoint{4000, 12.5}));
  EXPECT_THAT(run.curves.at("train/loss"), ElementsAre(CoursePoint{4096, 0.5}));
}

TEST(CsvLog, TakesTheSettingsOfRaysColumns) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("progress.csv",
                           "mean_loss,training_iteration,config/optimizer/lr,config/batch_size\n"
                           "0.5,1,0.001,32\n0.25,2,0.001,32\n"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("batch_size", "32"), Pair("optimizer.lr", "0.001")));
  EXPECT_THAT(names_of(run.curves), ElementsAre("mean_loss"));
  EXPECT_THAT(run.curves.at("mean_loss"), ElementsAre(CoursePoint{1, 0.5}, CoursePoint{2, 0.25}));
}

TEST(CsvLog, CountsOnWhereStepsBeginAnewWithEachEpoch) {
  const SampleLogs files;
  const LoggedRun zero = read_one(files.write(
      "log.csv", "epoch,step,loss\n0,0,5\n0,100,4\n0,200,3\n1,0,2\n1,100,1\n1,200,0\n2,0,9\n"));
  EXPECT_THAT(
      zero.curves.at("loss"),
      ElementsAre(CoursePoint{0, 5}, CoursePoint{100, 4}, CoursePoint{200, 3}, CoursePoint{300, 2},
                  CoursePoint{400, 1}, CoursePoint{500, 0}, CoursePoint{600, 9}));
  const LoggedRun one =
      read_one(files.write("logs.csv", "epoch,iter,loss\n1,50,5\n1,100,4\n2,50,3\n2,100,2\n"));
  EXPECT_THAT(one.curves.at("loss"), ElementsAre(CoursePoint{50, 5}, CoursePoint{100, 4},
                                                 CoursePoint{150, 3}, CoursePoint{200, 2}));
}

TEST(CsvLog, GoesBackWithARunThatWasTakenUpAgain) {
  const SampleLogs files;
  const LoggedRun run = read_one(
      files.write("log.csv", "epoch,step,loss\n0,10,5\n1,20,4\n1,30,3\n1,20,2.5\n1,30,2\n"));
  EXPECT_THAT(run.curves.at("loss"),
              ElementsAre(CoursePoint{10, 5}, CoursePoint{20, 4}, CoursePoint{30, 3},
                          CoursePoint{20, 2.5}, CoursePoint{30, 2}));
}

TEST(CsvLog, PutsARowWithoutAStepWhereTheOneBeforeItStood) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("log.csv", "step,epoch,loss,val_loss\n10,,5,\n20,,4,\n,1,,3\n30,,2,\n"));
  EXPECT_THAT(run.curves.at("val_loss"), ElementsAre(CoursePoint{20, 3}));
}

TEST(CsvLog, IsNoTableOfRuns) {
  const SampleLogs files;
  const auto read_by = [&](const std::string& text) {
    return reader_of(files.write("results.csv", text));
  };
  EXPECT_EQ(read_by("batch_size,lr,step,loss\n32,0.1,100,1\n64,0.1,200,2\n"), "");
  EXPECT_EQ(read_by("seed,step,loss\n1,100,1\n2,200,2\n"), "");
  EXPECT_EQ(read_by("lr,epoch,loss\n0.1,10,1\n0.2,10,2\n"), "") << "all of one length";
  EXPECT_EQ(read_by("batch,step,loss\n32,200,1\n64,100,2\n"), "") << "steps go down";
  EXPECT_EQ(read_by("lr,loss\n0.1,1\n0.2,2\n"), "") << "nothing counts";
  EXPECT_EQ(read_by("epoch,batch,loss\n0,100,1\n0,200,2\n1,100,3\n"), "csv-log");
  EXPECT_EQ(read_by("step,batch_size,lr,loss\n1,32,0.1,1\n2,32,0.05,2\n"), "csv-log");
  std::string long_runs = "batch_size,epoch,loss\n";
  for (const char* batch_size : {"32", "64"}) {
    for (int epoch = 0; epoch < 20'000; ++epoch) {
      long_runs += batch_size + (',' + std::to_string(epoch) + ",1\n");
    }
  }
  EXPECT_EQ(read_by(long_runs), "") << "its end is of another run";
  EXPECT_EQ(reader_of(files.write("runs.csv", kLightning)), "") << "no name of a log";
}

TEST(CsvLog, LeavesRaysSecondFileToItsFirst) {
  const SampleLogs files;
  const auto file = files.write("trial/progress.csv", "training_iteration,loss\n1,2\n2,1\n");
  EXPECT_EQ(reader_of(file), "csv-log");
  files.write("trial/result.json", "{\"training_iteration\": 1, \"loss\": 2}\n");
  EXPECT_EQ(reader_of(file), "");
}

TEST(CsvLog, IsNothingThatCannotBeRead) {
  const SampleLogs files;
  std::filesystem::create_directories(files.path("metrics.csv"));
  EXPECT_EQ(reader_of(files.path("metrics.csv")), "");
  EXPECT_EQ(reader_of(files.path("log.csv")), "") << "there is none";
  ASSERT_EQ(mkfifo(files.path("history.csv").c_str(), 0600), 0);
  EXPECT_EQ(reader_of(files.path("history.csv")), "") << "a pipe without a writer would block";
  std::filesystem::create_symlink("logs.csv", files.path("logs.csv"));
  EXPECT_EQ(reader_of(files.path("logs.csv")), "") << "a circle";
  EXPECT_THROW(read_csv_log(files.path("history.csv"), [](LoggedRun) {}), InputError);
}

TEST(CsvLog, WithoutNumbersIsRefusedByName) {
  const SampleLogs files;
  const auto file = files.write("metrics.csv", "step,loss\na,b\n");
  try {
    read_csv_log(file, [](LoggedRun) { FAIL(); });
    FAIL();
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("metrics.csv"));
  }
}

}  // namespace
}  // namespace etalon
