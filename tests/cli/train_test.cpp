// etalon train from outside: recipes, interruption, resumption and what it writes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/program.hpp"
#include "support/run_command.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::read_text;
using testing::run_command;

class TrainCommand : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }

  testing::CommandResult etalon(const std::string& arguments) const {
    return run_command("cd " + directory_.path().string() + " && " ETALON_BINARY " " + arguments);
  }

  // A training that takes far longer than any test waits for it.
  std::string long_run(const std::string& checkpoint) const {
    return "train --quiet --model mlp:16 --optimizer adamw --lr 1e-3 --schedule cosine --steps "
           "3000 "
           "--evaluations 30 --format json --checkpoint " +
           checkpoint;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(TrainCommand, TrainsFromARecipeThatScalePrints) {
  ASSERT_EQ(etalon("scale --batch-size 64 --lr 0.05 --optimizer sgd --momentum 0.9 --to 32x4 "
                   "--rule linear --steps 120 --warmup-steps 20 --schedule cosine --format toml "
                   "> recipe.toml")
                .exit_code,
            0);
  const auto result = etalon("train recipe.toml --quiet --model mlp:16 --format json");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto document = nlohmann::json::parse(result.output);
  EXPECT_EQ(document["state"], "finished");
  EXPECT_EQ(document["steps"], 60);
  const auto& settings = document["settings"];
  EXPECT_EQ(settings["optimizer"], "momentum");
  EXPECT_EQ(settings["batch_size"], "128");
  EXPECT_EQ(settings["micro_batch"], "32");
  EXPECT_EQ(settings["lr"], "0.1");
  EXPECT_EQ(settings["warmup"], "10 steps");
  EXPECT_LT(document["final"]["validation_loss"], 1.5);
}

TEST_F(TrainCommand, WritesCsvEventFileAndCheckpointOnRequest) {
  const auto result = etalon(
      "train --quiet --model mlp:16 --steps 40 --evaluations 4 --csv curve.csv --tensorboard tb "
      "--checkpoint end.ckpt --format csv");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(read_text(path("curve.csv")), result.output);
  EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 5);
  EXPECT_FALSE(std::filesystem::is_empty(path("tb")));
  EXPECT_TRUE(std::filesystem::exists(path("end.ckpt")));
}

class KilledTraining : public TrainCommand, public ::testing::WithParamInterface<int> {};

TEST_P(KilledTraining, GoesOnToTheSameBits) {
  const std::string checkpoint = path("stopped.ckpt").string();
  testing::Program program(
      ETALON_BINARY, {"train", "--quiet", "--model", "mlp:16", "--optimizer", "adamw", "--lr",
                      "1e-3", "--schedule", "cosine", "--steps", "3000", "--evaluations", "30",
                      "--format", "json", "--checkpoint", checkpoint});
  for (int i = 0; i < 20000 && !std::filesystem::exists(checkpoint); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.signal(GetParam());
  const testing::ProgramResult stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, GetParam() == SIGINT ? 130 : 128 + SIGKILL) << stopped.err;
  EXPECT_EQ(stopped.out, "");

  EXPECT_EQ(etalon(long_run("stopped.ckpt") + " --resume").exit_code, 0);
  EXPECT_EQ(etalon(long_run("whole.ckpt")).exit_code, 0);
  EXPECT_EQ(read_text(path("stopped.ckpt")), read_text(path("whole.ckpt")));
}

INSTANTIATE_TEST_SUITE_P(Signals, KilledTraining, ::testing::Values(SIGINT, SIGKILL));

TEST_F(TrainCommand, RefusesBadInputWithCodeTwoAndWhatToDo) {
  std::ofstream(path("damaged.ckpt")) << "ETALONCK but no more";
  const struct {
    const char* arguments;
    const char* message;
  } kCases[] = {
      {"--lr 0", "--lr is 0, it must be finite and > 0"},
      {"--batch-size 64 --micro-batch 16 --accumulation 3", "--batch-size is 64, but"},
      {"--clip-norm -1", "--clip-norm is -1"},
      {"--ema 1", "--ema is 1"},
      {"--schedule cosin", "there is no schedule 'cosin'"},
      {"--schedule step", "give --milestone-epochs"},
      {"--resume", "there is no checkpoint to go on from"},
      {"--checkpoint damaged.ckpt", "the checkpoint exists already"},
      {"--checkpoint damaged.ckpt --resume", "damaged.ckpt, give a checkpoint that etalon train"},
  };
  for (const auto& [arguments, message] : kCases) {
    const auto result = etalon("train --quiet --steps 10 " + std::string(arguments) + " 2>&1");
    EXPECT_EQ(result.exit_code, 2) << arguments;
    EXPECT_THAT(result.output, HasSubstr(message)) << arguments;
  }
}

}  // namespace
}  // namespace etalon
