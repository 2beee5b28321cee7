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

// As on a processor that has no instructions for it, whatever this one is.
TEST_F(TrainCommand, RefusesAPrecisionThatTheProcessorLacks) {
  const std::string bf16 =
      ETALON_BINARY " train --model mlp:16 --lr 0.1 --steps 3 --precision bf16 2>&1";
  const auto refused = run_command("ONEDNN_MAX_CPU_ISA=AVX2 " + bf16);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("--precision is bf16"));
  EXPECT_THAT(refused.output, HasSubstr("AVX512-BF16"));
  const auto unknown = etalon("train --model mlp:16 --lr 0.1 --steps 3 --precision half 2>&1");
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("there is no precision 'half'"));
}

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

// Stored and printed as the tables write them, so that a study is the same however it is spelled.
TEST_F(TrainCommand, ReadsNamesInAnyCase) {
  const auto settings_of = [&](const std::string& names) {
    const auto result = etalon("train --quiet --examples 2000 --lr 1e-3 " + names);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return nlohmann::json::parse(result.output)["settings"];
  };
  const auto settings = settings_of(
      "--dataset Fashion-MNIST --model MLP:8 --optimizer AdamW --schedule WarmUp-Stable-Decay "
      "--decay-form Cosine --warmup-steps 5 --warmup-kind LINEAR --format JSON");
  EXPECT_EQ(settings["model"], "mlp:8");
  EXPECT_EQ(settings,
            settings_of("--dataset fashion-mnist --model mlp:8 --optimizer adamw "
                        "--schedule wsd --decay-form cosine --warmup-steps 5 --format json"));
  const auto ramp = settings_of(
      "--model mlp:8 --optimizer SGD --batch-schedule Linear --batch-start 8 --batch-rule SQRT "
      "--batch-ramp-examples 1000 --format json");
  EXPECT_EQ(ramp["batch_schedule"], "linear");
  EXPECT_EQ(ramp["batch_rule"], "sqrt");
}

TEST_F(TrainCommand, RefusesMuonWhereItHasNoMatrix) {
  const auto result = etalon("train --quiet --model mlp:8 --optimizer muon --steps 4 2>&1");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.output, HasSubstr("muon has nothing to do on this model"));
  EXPECT_EQ(etalon("train --quiet --model mlp:8,8 --optimizer muon --steps 4").exit_code, 0);
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

TEST_F(TrainCommand, ReportsTheBatchSizeOfARampFromARecipe) {
  std::ofstream(path("ramp.toml")) << "optimizer = \"momentum\"\nlr = 0.02\nbatch_size = 32\n"
                                      "examples = 8000\nschedule = \"cosine\"\n"
                                      "batch_schedule = \"step\"\nbatch_factor = 2\n"
                                      "batch_milestone_examples = [2000, 4000]\n";
  const auto result = etalon(
      "train ramp.toml --quiet --model mlp:8 --evaluations 4 --format json --csv curve.csv "
      "--tensorboard tb");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto document = nlohmann::json::parse(result.output);
  EXPECT_EQ(document["settings"]["batch_schedule"], "step");
  EXPECT_EQ(document["settings"]["batch_rule"], "fixed");
  EXPECT_GT(document["examples"], 8000 - 128);
  EXPECT_TRUE(document["total_steps"].is_null());
  std::vector<int> sizes;
  for (const auto& point : document["curve"]) sizes.push_back(point["batch_size"]);
  EXPECT_EQ(sizes, (std::vector<int>{32, 64, 128, 128}));
  EXPECT_THAT(read_text(path("curve.csv")), HasSubstr("step,examples,batch_size,lr,"));
  for (const auto& file : std::filesystem::directory_iterator(path("tb"))) {
    EXPECT_THAT(read_text(file.path()), HasSubstr("batch_size"));
  }
}

TEST_F(TrainCommand, FollowsTheNoiseScaleThatItMeasuresAndShowsIt) {
  const std::string run =
      "train --quiet --model mlp:8 --examples 8000 --evaluations 4 --batch-schedule noise "
      "--batch-size 32 --batch-end 512 --batch-multiple 1 --format ";
  const auto table = etalon(run + "table --checkpoint a.ckpt");
  EXPECT_THAT(table.output, HasSubstr("   noise\n"));
  const auto document = nlohmann::json::parse(etalon(run + "json --checkpoint b.ckpt").output);
  EXPECT_GT(document["final"]["noise_scale"], 0.0);
  EXPECT_GT(document["final"]["batch_size"], 32);
}

TEST_F(TrainCommand, ReportsTheClippedFractionAndAnEarlyStop) {
  const auto result = etalon(
      "train --quiet --model mlp:8 --steps 400 --evaluations 20 --lr 1e-9 --clip-norm 1e-3 "
      "--min-delta 0.01 --patience 2 --format json");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const auto document = nlohmann::json::parse(result.output);
  EXPECT_EQ(document["state"], "pruned");
  EXPECT_EQ(document["stopped_by"], "patience");
  EXPECT_EQ(document["steps"], 60);  // the best at 20, two without a better one
  EXPECT_EQ(document["final"]["clipped_fraction"], 1.0);
}

// From outside, what tests/train/accumulation_test.cpp checks parameter by parameter.
TEST_F(TrainCommand, GivesTheLossOfThePlainBatchForMicroBatchTimesAccumulationTimesReplicas) {
  const std::string run =
      "train --quiet --model mlp:16 --optimizer adamw --lr 1e-3 --steps 60 "
      "--format json ";
  const auto plain =
      nlohmann::json::parse(etalon(run + "--batch-size 96 --checkpoint a.ckpt").output);
  const auto parts = nlohmann::json::parse(
      etalon(run + "--micro-batch 8 --accumulation 4 --replicas 3 --checkpoint b.ckpt").output);
  EXPECT_EQ(parts["settings"]["batch_size"], "96");
  EXPECT_EQ(parts["settings"]["micro_batch"], "8");
  ASSERT_EQ(parts["curve"].size(), plain["curve"].size());
  for (std::size_t i = 0; i < plain["curve"].size(); ++i) {
    EXPECT_NEAR(parts["curve"][i]["validation_loss"], plain["curve"][i]["validation_loss"], 1e-4);
    EXPECT_EQ(parts["curve"][i]["examples"], plain["curve"][i]["examples"]);
  }
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

TEST_F(TrainCommand, ReplacesTheDefaultCheckpointOfAFinishedTrainingAlone) {
  const std::string brief = "train --quiet --model linear --evaluations 2 --steps ";
  ASSERT_EQ(etalon(brief + "4").exit_code, 0);
  const auto second = etalon(brief + "6 2>&1");
  EXPECT_EQ(second.exit_code, 0) << second.output;
  EXPECT_THAT(second.output, HasSubstr("of a finished training, will be replaced"));

  const std::string checkpoint = path("etalon-train.ckpt").string();
  std::filesystem::remove(checkpoint);
  testing::Program program(
      ETALON_BINARY, {"train", "--quiet", "--model", "mlp:16", "--steps", "3000", "--evaluations",
                      "30", "--checkpoint", checkpoint});
  for (int i = 0; i < 20000 && !std::filesystem::exists(checkpoint); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.signal(SIGKILL);
  program.wait();
  const auto third = etalon(brief + "4 2>&1");
  EXPECT_EQ(third.exit_code, 2);
  EXPECT_THAT(third.output, HasSubstr("the checkpoint of an unfinished training is here"));
}

TEST_F(TrainCommand, TakesTheLearningRateThatItsOptimizerUsuallyBeginsWith) {
  const auto first_lr = [&](const std::string& optimizer) {
    const auto run =
        etalon("train --quiet --model linear --steps 1 --format json --optimizer " + optimizer);
    return nlohmann::json::parse(run.output)["settings"]["lr"].get<std::string>();
  };
  EXPECT_EQ(first_lr("adam"), "0.001");
  EXPECT_EQ(first_lr("sgd"), "0.1");
}

// Finite to the end, and far above where it began.
TEST_F(TrainCommand, SaysThatALearningRateDivergedThoughItsLossIsFinite) {
  const std::string run = "train --quiet --model mlp:16 --optimizer adam --steps 50 --lr 3 ";
  const auto document = nlohmann::json::parse(etalon(run + "--format json").output);
  EXPECT_EQ(document["state"], "diverged");
  EXPECT_EQ(document["stopped_by"], "worse_than_untrained");
  EXPECT_GT(document["final"]["validation_loss"], document["untrained_validation_loss"]);
  EXPECT_THAT(etalon(run).output, HasSubstr("the loss is above the untrained network's "));
}

TEST_F(TrainCommand, RefusesFilesThatWouldOverwriteEachOtherOrCannotBeWrittenBeforeItTrains) {
  std::ofstream(path("recipe.toml")) << "lr = 0.1\n";
  std::filesystem::create_symlink("x.ckpt", path("link.csv"));
  const std::string run = "train --quiet --steps 100000 --model linear ";
  for (const char* arguments :
       {"--checkpoint x.ckpt --csv x.ckpt", "--checkpoint x.ckpt --csv ./link.csv",
        "--checkpoint x.ckpt --csv x.ckpt/../x.ckpt", "recipe.toml --csv recipe.toml",
        "--csv missing/x.csv", "--checkpoint missing/x.ckpt", "--checkpoint /dev/null", "--csv .",
        "--checkpoint x.ckpt --tensorboard x.ckpt", "--tensorboard recipe.toml"}) {
    const auto result = etalon(run + arguments + " 2>&1");
    EXPECT_EQ(result.exit_code, 2) << arguments << ": " << result.output;
    EXPECT_THAT(result.output, HasSubstr("--")) << arguments;  // which flag to change
  }
  EXPECT_EQ(read_text(path("recipe.toml")), "lr = 0.1\n");
}

TEST_F(TrainCommand, WarnsOfWhatComesAfterTheEnd) {
  const auto result = etalon(
      "train --quiet --model linear --steps 20 --schedule step --milestone-steps 10,30 2>&1 "
      ">/dev/null");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("the milestone at 30 steps comes after the end"));
}

TEST_F(TrainCommand, LeavesACheckpointToTheTrainingThatWorksOnIt) {
  const std::string checkpoint = path("busy.ckpt").string();
  testing::Program program(ETALON_BINARY,
                           {"train", "--quiet", "--model", "mlp:16", "--steps", "1000000",
                            "--evaluations", "1000", "--checkpoint", checkpoint});
  for (int i = 0; i < 20000 && !std::filesystem::exists(checkpoint); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  for (const char* how : {"", " --resume"}) {
    const auto second = etalon("train --quiet --model mlp:16 --steps 4 --checkpoint busy.ckpt" +
                               std::string(how) + " 2>&1");
    EXPECT_EQ(second.exit_code, 2);
    EXPECT_THAT(second.output, HasSubstr("is working on this checkpoint"));
  }
  program.signal(SIGINT);
  EXPECT_EQ(program.wait().exit_code, 130);
  EXPECT_FALSE(std::filesystem::exists(checkpoint + ".lock"));
}

TEST_F(TrainCommand, RefusesBadInputWithCodeTwoAndWhatToDo) {
  std::ofstream(path("damaged.ckpt")) << "ETALONCK but no more";
  const struct {
    const char* arguments;
    const char* message;
  } kCases[] = {
      {"--lr 0", "--lr is 0, it must be in [1e-30, 1e+30]"},
      {"--lr 1e-300", "--lr is 1e-300, it must be in"},
      {"--batch-size 70000", "the batch size is 70000, but the training set has 55000 examples"},
      {"--micro-batch 8 --accumulation 4611686018427387905", "is more than 1e15"},
      {"--accumulation 3037000500 --replicas 3037000500", "is more than 1e15"},
      {"--batch-size 32 --accumulation 1000000000", "does not divide"},
      {"--batch-size 32 --replicas 7", "does not divide"},
      {"--accumulation 0", "0 cannot be a part of the batch"},
      {"--batch-size 64 --micro-batch 16 --accumulation 3", "--batch-size is 64, but"},
      {"--clip-norm -1", "--clip-norm is -1"},
      {"--ema 1", "--ema is 1"},
      {"--schedule cosin", "there is no schedule 'cosin'"},
      {"--schedule step", "schedule step has no milestones, give --milestone-epochs or"},
      {"--plateau-factor 0.5", "--plateau-factor is given without a schedule, add --schedule"},
      {"--schedule plateau --plateau-factor 1", "--plateau-factor is 1"},
      {"--decay-end-steps 5", "decay end is given without a schedule, add --schedule"},
      {"--batch-schedule zigzag", "there is no batch schedule 'zigzag'"},
      {"--batch-schedule linear --batch-end 64", "give --epochs or --examples"},
      {"--batch-end 64", "add --batch-schedule step, linear or noise"},
      {"--batch-schedule linear --batch-end 64 --batch-factor 2", "--batch-factor is no setting"},
      {"--batch-schedule linear --batch-end 64 --batch-rule cubic",
       "use one of fixed, sqrt, linear"},
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
