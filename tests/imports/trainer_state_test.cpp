// The layout is that of transformers 4.50's TrainerState, dumped by json.dumps(indent=2,
// sort_keys=True) with its bare NaN.
#include "imports/trainer_state.hpp"

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

std::string state_at(int global_step, bool stops = false) {
  return R"({
  "best_global_step": null,
  "best_metric": 0.75,
  "best_model_checkpoint": "out/checkpoint-20",
  "epoch": 2.0,
  "eval_steps": 20,
  "global_step": )" +
         std::to_string(global_step) + R"(,
  "is_hyper_param_search": false,
  "is_local_process_zero": true,
  "is_world_process_zero": true,
  "log_history": [
    {
      "epoch": 0.5,
      "grad_norm": Infinity,
      "learning_rate": 0.001,
      "loss": 2.5,
      "step": 10
    },
    {
      "epoch": 1.0,
      "eval_loss": 1.75,
      "eval_runtime": 12.5,
      "step": 20
    },
    {
      "epoch": 1.0,
      "grad_norm": "0.5",
      "learning_rate": 0.0,
      "loss": NaN,
      "step": 20
    }
  ],
  "logging_steps": 10,
  "max_steps": 20,
  "num_input_tokens_seen": 0,
  "num_train_epochs": 2,
  "save_steps": 10,
  "stateful_callbacks": {
    "TrainerControl": {
      "args": {"should_training_stop": )" +
         (stops ? "true" : "false") + R"(},
      "attributes": {}
    }
  },
  "total_flos": 1.5e+16,
  "train_batch_size": 8,
  "trial_name": null,
  "trial_params": null
})";
}

TEST(TrainerState, GivesCurvesSettingsAndState) {
  const SampleLogs files;
  const auto file = files.write("out/trainer_state.json", state_at(20));
  EXPECT_EQ(reader_of(file), "trainer-state");
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("out"));
  EXPECT_EQ(run.state, "finished");
  EXPECT_THAT(run.settings, ElementsAre(Pair("max_steps", "20"), Pair("num_train_epochs", "2"),
                                        Pair("per_process_train_batch_size", "8")));
  EXPECT_THAT(run.curves.at("learning_rate"),
              ElementsAre(CoursePoint{10, 0.001}, CoursePoint{20, 0.0}));
  EXPECT_THAT(run.curves.at("eval_loss"), ElementsAre(CoursePoint{20, 1.75}));
  EXPECT_THAT(run.curves.at("grad_norm"),
              ElementsAre(CoursePoint{10, HUGE_VAL}, CoursePoint{20, 0.5}));
  EXPECT_THAT(run.curves.at("epoch"),
              ElementsAre(CoursePoint{10, 0.5}, CoursePoint{20, 1.0}, CoursePoint{20, 1.0}));
  ASSERT_EQ(run.curves.at("loss").size(), 2u);
  EXPECT_THAT(run.curves.at("loss")[1].value, IsNan());
  EXPECT_FALSE(run.curves.contains("step"));
}

TEST(TrainerState, OfACheckpointIsAPartOfTheRunAboveIt) {
  const SampleLogs files;
  const auto file = files.write("out/checkpoint-10/trainer_state.json", state_at(10));
  const LoggedRun run = read_one(file);
  EXPECT_EQ(run.directory, files.path("out"));
  EXPECT_EQ(run.state, "unfinished");
  EXPECT_THAT(run.holds, ElementsAre(files.path("out/runs"), files.path("out/logs")));
}

TEST(TrainerState, OfACheckpointSaysNothingOfTheEndWhereTheRunWentOn) {
  const SampleLogs files;
  const auto early = files.write("out/checkpoint-9/trainer_state.json", state_at(9));
  const auto late = files.write("out/checkpoint-10/trainer_state.json", state_at(10));
  EXPECT_EQ(read_one(early).state, "");
  EXPECT_EQ(read_one(late).state, "unfinished");
  files.write("out/trainer_state.json", state_at(20));
  EXPECT_EQ(read_one(late).state, "");
}

TEST(TrainerState, KnowsThatItWasStoppedEarly) {
  const SampleLogs files;
  EXPECT_EQ(read_one(files.write("trainer_state.json", state_at(15, true))).state, "early_stopped");
  EXPECT_EQ(read_one(files.write("trainer_state.json", state_at(20, true))).state, "finished");
}

TEST(TrainerState, TakesTheParametersOfASearch) {
  const SampleLogs files;
  const LoggedRun run =
      read_one(files.write("run-3/checkpoint-5/trainer_state.json",
                           R"({"global_step": 5, "log_history": [], "trial_name": null,
          "trial_params": {"learning_rate": 3e-05, "per_device_train_batch_size": 16}})"));
  EXPECT_THAT(run.settings, ElementsAre(Pair("learning_rate", "3e-05"),
                                        Pair("per_device_train_batch_size", "16")));
  EXPECT_EQ(run.state, "");
}

TEST(TrainerState, IsRefusedByNameWhereItIsDamaged) {
  const SampleLogs files;
  for (const std::string text : {"", "[]", "{\"log_history\": 3}", "{\"log_history\": ["}) {
    const auto log = read_log(files.write("trainer_state.json", text));
    EXPECT_THAT(log.error, HasSubstr("trainer_state.json")) << text;
    EXPECT_TRUE(log.runs.empty()) << text;
  }
}

}  // namespace
}  // namespace etalon
