// The layout is that of keras_tuner 1.4's Trial.get_state().
#include "imports/keras_tuner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imports/sample_logs.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using testing::read_log;
using testing::read_one;
using testing::reader_of;
using testing::SampleLogs;

constexpr std::string_view kTrial = R"({"trial_id": "07", "hyperparameters": {"space":
[{"class_name": "Choice", "config": {"name": "batch_size", "default": 32, "conditions": [],
"values": [32, 64], "ordered": true}}], "values": {"batch_size": 64, "learning_rate": 0.01,
"optimizer": "adam"}}, "metrics": {"metrics": {"loss": {"direction": "min", "observations":
[{"value": [0.5, 0.25], "step": 4}]}, "val_accuracy": {"direction": "max", "observations":
[{"value": [0.75], "step": 2}, {"value": [NaN], "step": 3}]}}}, "score": 0.75, "best_step": 4,
"status": "COMPLETED", "message": null})";

TEST(KerasTuner, GivesValuesMeansAndStatus) {
  const SampleLogs files;
  const auto file = files.write("dir/project/trial_07/trial.json", kTrial);
  EXPECT_EQ(reader_of(file), "keras-tuner");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("dir/project/trial_07"));
  EXPECT_EQ(run.state, "COMPLETED");
  EXPECT_THAT(run.settings, ElementsAre(Pair("batch_size", "64"), Pair("learning_rate", "0.01"),
                                        Pair("optimizer", "adam")));
  EXPECT_THAT(run.directions, ElementsAre(Pair("loss", "min"), Pair("val_accuracy", "max")));
  EXPECT_EQ(run.curves.size(), 2u);
  EXPECT_THAT(run.curves.at("loss"), ElementsAre(CoursePoint{4, 0.375}));
  EXPECT_EQ(run.curves.at("val_accuracy")[0], (CoursePoint{2, 0.75}));
  EXPECT_TRUE(std::isnan(run.curves.at("val_accuracy")[1].value));
}

TEST(KerasTuner, KeepsATrialWithoutMetrics) {
  const SampleLogs files;
  const LoggedRun run = read_one(
      files.write("trial_1/trial.json",
                  R"({"trial_id": "1", "hyperparameters": {"space": [], "values": {"lr": 0.1}},
                      "metrics": {"metrics": {}}, "score": null, "status": "FAILED",
                      "message": "Traceback"})"));
  EXPECT_EQ(run.state, "FAILED");
  EXPECT_THAT(run.settings, ElementsAre(Pair("lr", "0.1")));
  EXPECT_TRUE(run.curves.empty());
}

TEST(KerasTuner, IsRefusedByNameWhereItIsDamaged) {
  const SampleLogs files;
  for (const std::string text : {"", "[1]", "{\"trial_id\": \"1\"}"}) {
    EXPECT_THAT(read_log(files.write("trial_1/trial.json", text)).error, HasSubstr("trial.json"));
  }
  EXPECT_EQ(reader_of(files.write("other/trial.json", "{}")), "");
}

}  // namespace
}  // namespace etalon
