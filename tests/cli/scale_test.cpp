#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/run_command.hpp"

namespace etalon {
namespace {

using testing::CommandResult;
using ::testing::HasSubstr;
using testing::run_command;
using ::testing::StartsWith;

CommandResult run_scale(const std::string& arguments) {
  return run_command(fmt::format("'{}' scale {} 2>&1", ETALON_BINARY, arguments));
}

nlohmann::json scale_to_json(const std::string& arguments) {
  const CommandResult result = run_scale(arguments + " --format json");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  return nlohmann::json::parse(result.output);
}

TEST(ScaleCommand, PrintsTheDocumentedJson) {
  const auto json = scale_to_json("--batch-size 256 --lr 0.1 --to 1024,2048 --rule linear");
  EXPECT_EQ(json["base"]["batch_size"], 256);
  EXPECT_EQ(json["base"]["lr"], 0.1);
  ASSERT_EQ(json["targets"].size(), 2u);
  EXPECT_EQ(json["targets"][0]["batch_size"], 1024);
  const auto& rule = json["targets"][0]["rules"][0];
  EXPECT_EQ(rule["rule"], "linear");
  EXPECT_DOUBLE_EQ(rule["lr"], 0.4);
  EXPECT_THAT(rule["source"].get<std::string>(), HasSubstr("arXiv:1706.02677"));
  EXPECT_TRUE(rule["warnings"].is_array());
  EXPECT_DOUBLE_EQ(json["targets"][1]["rules"][0]["lr"], 0.8);
}

TEST(ScaleCommand, SaysForEveryFieldWhetherItMovedAndWhy) {
  const auto json = scale_to_json(
      "--batch-size 256 --lr 1e-3 --to 1024 --optimizer adamw --ema 0.99 --warmup-steps 400 "
      "--epochs 10 --dataset-size 60000 --rule sde");
  const auto& rule = json["targets"][0]["rules"][0];
  for (const auto& field : rule["fields"]) {
    EXPECT_FALSE(field["why"].get<std::string>().empty());
    EXPECT_EQ(field["moved"].get<bool>(), field["old"] != field["new"]) << field;
  }
  EXPECT_EQ(rule["warmup_steps"], 100);
  EXPECT_EQ(rule["epochs"], 10.0);
  EXPECT_EQ(rule["steps"], 586);  // 600,000 examples / 1024 = 585.9
}

TEST(ScaleCommand, GivesTheRecommendedRuleFirstWithItsReason) {
  const auto json = scale_to_json("--batch-size 256 --lr 1e-3 --to 1024 --optimizer adamw");
  EXPECT_EQ(json["targets"][0]["recommended"], "sde");
  EXPECT_EQ(json["targets"][0]["rules"][0]["rule"], "sde");
  EXPECT_THAT(json["targets"][0]["reason"].get<std::string>(), HasSubstr("adamw"));
}

TEST(ScaleCommand, GivesWhoMovesToEightDevicesALineToPaste) {
  const CommandResult result =
      run_scale("--batch-size 256 --lr 1e-3 --to 256x1x8 --optimizer adamw");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              HasSubstr("2048 (256 micro-batch × 1 accumulation × 8 replicas), κ = 8"));
  EXPECT_THAT(result.output,
              HasSubstr("optimizer = torch.optim.AdamW(params, lr=0.00282843, betas=(0.2, 0.992), "
                        "eps=3.53553e-09, weight_decay=0.0282843)"));
  EXPECT_THAT(result.output, HasSubstr("Assumed, since not given"));
}

TEST(ScaleCommand, PrintsPyTorchAloneOnRequest) {
  const CommandResult result = run_scale(
      "--batch-size 256 --lr 0.1 --to 64x4x4 --optimizer nesterov --momentum 0.9 "
      "--warmup-steps 400 --format pytorch");
  EXPECT_EQ(result.output,
            "# each of 4 replicas: DataLoader(batch_size=64); loss / 4, then step() every 4 "
            "micro-batches\n"
            "optimizer = torch.optim.SGD(params, lr=0.4, momentum=0.9, nesterov=True)\n"
            "scheduler = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.25, "
            "total_iters=100)  # per step\n");
}

TEST(ScaleCommand, PrintsATomlRecipeThatReadsBackExactly) {
  const CommandResult result = run_scale(
      "--batch-size 256 --lr 0.3 --to 32x4x8 --optimizer adamw --epochs 30 --warmup-steps 1000 "
      "--milestone-epochs 10,20 --schedule multi-step --format toml");
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const toml::table recipe = toml::parse(result.output);
  EXPECT_EQ(recipe["batch_size"].value<std::int64_t>(), 1024);
  EXPECT_EQ(recipe["replicas"].value<std::int64_t>(), 8);
  EXPECT_EQ(recipe["optimizer"].value<std::string>(), "adamw");
  EXPECT_EQ(recipe["lr"].value<double>(), 0.6);
  EXPECT_EQ(recipe["beta1"].value<double>(), 0.6);
  EXPECT_EQ(recipe["eps"].value<double>(), 5e-9);
  EXPECT_EQ(recipe["warmup_steps"].value<std::int64_t>(), 250);
  EXPECT_EQ(recipe["epochs"].value<double>(), 30.0);
  EXPECT_EQ(recipe["milestone_epochs"][1].value<double>(), 20.0);
  EXPECT_EQ(recipe["schedule"].value<std::string>(), "step");
}

TEST(ScaleCommand, ShowsEveryRuleThatCanBeEvaluatedAndNamesTheRest) {
  const auto json = scale_to_json("--batch-size 256 --lr 0.1 --to 512 --rule all");
  const auto& target = json["targets"][0];
  EXPECT_EQ(target["rules"].size() + target["omitted"].size(), 12u);
  EXPECT_EQ(target["rules"][0]["rule"], "linear");
}

struct BadInput {
  const char* arguments;
  const char* message;
};

const BadInput kNonsense[] = {
    {"--lr 0.1 --to 8", "--batch-size is required"},
    {"--batch-size 256 --lr 0.1", "--to is required"},
    {"--batch-size 256 --lr 0 --to 8", "lr = 0 is out of range"},
    {"--batch-size 256 --lr -0.1 --to 8", "lr = -0.1 is out of range"},
    {"--batch-size 256 --lr nan --to 8", "lr = nan is out of range"},
    {"--batch-size 256 --lr inf --to 8", "lr = inf is out of range"},
    {"--batch-size 256 --lr 1e308 --to 65536", "no usable number"},
    {"--batch-size 0 --lr 0.1 --to 8", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to -8", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to 1e3", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to 8,,16", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to 8,8", "name each batch size once"},
    {"--batch-size 256 --lr 0.1 --to 8x8x8x8", "more than three factors"},
    {"--batch-size 256 --lr 0.1 --to 4000000000x4000000000x4", "at most"},
    {"--batch-size 256 --lr 0.1 --to 99999999999999999999", "too large"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer sgdm", "did you mean sgd?"},
    {"--batch-size 256 --lr 0.1 --to 8 --momentum 1", "0 <= value < 1"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer adam --beta2 1", "beta2 = 1"},
    {"--batch-size 256 --lr 0.1 --to 8 --beta1 0.9", "sgd has no beta1"},
    {"--batch-size 256 --lr 0.1 --to 8 --ema nan", "ema = nan"},
    {"--batch-size 256 --lr 0.1 --to 8 --epochs -1", "budget = -1"},
    {"--batch-size 256 --lr 0.1 --to 8 --epochs 1 --steps 5", "excludes"},
    {"--batch-size 256 --lr 0.1 --to 8 --milestone-epochs 60,30", "ascending"},
    {"--batch-size 256 --lr 0.1 --to 8 --milestone-epochs 60,x", "is no number"},
    {"--batch-size 256 --lr 0.1 --to 8 --noise-scale 0", "noise_scale = 0"},
    {"--batch-size 256 --lr 0.1 --to 8 --noise-exponent 2", "0 < value <= 1"},
    {"--batch-size 256 --lr 0.1 --to 8 --dataset-size 0", "dataset_size = 0"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule saturating", "--noise-scale"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule ema", "--ema"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule root", "use one of fixed, linear"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule sqrt,sqrt", "name each once"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule zigzag", "use one of constant"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule step", "has no milestones"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --milestone-steps 5", "no milestones"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --gamma 0.5", "cosine has no gamma"},
    {"--batch-size 256 --lr 0.1 --to 8 --floor 0.5", "floor is given without a schedule"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --floor 2", "floor = 2 is out of range"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cyclical --cycles 1.5", "a whole number"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule exponential", "give --floor"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule constant --decay-end-steps 9", "no decay end"},
    {"--batch-size 256 --lr 0.1 --to 8 --warmup-start 0.5", "without a warm-up"},
    {"--batch-size 256 --lr 0.1 --to 8 --warmup-kind constant", "without a warm-up"},
    {"--batch-size 256 --lr 0.1 --to 8 --warmup-steps 5 --warmup-kind slow", "linear constant"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --decay-form linear", "no decay_form"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --step-every-steps 5", "no step_every"},
    {"--batch-size 256 --lr 0.1 --to 8 --step-every-steps 5 --milestone-steps 9", "both given"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule warm-restarts --cycle-growth 0", "[1, 1000]"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer adam --eps 0 --format toml", "give --eps"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer lars --sharpness 5",
     "no stability limit is known for lars"},
    {"--batch-size 256 --lr 0.1 --to 8 --format yaml", "not in {table"},
    {"--batch-size 256 --lr 0.1 --to 8,16 --format toml", "prints one recipe"},
    {"--batch-size 256 --lr 0.1 --to 8 16", "not expected"}};

TEST(ScaleCommand, RefusesNonsenseWithCodeTwoAndWhatToDo) {
  for (const auto& [arguments, message] : kNonsense) {
    const CommandResult result = run_scale(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments << "\n" << result.output;
    EXPECT_THAT(result.output, StartsWith("etalon: error: ")) << arguments;
    EXPECT_THAT(result.output, HasSubstr(message)) << arguments;
  }
}

TEST(ScaleCommand, ExplainsItselfWithCodeZero) {
  const CommandResult result = run_scale("--help");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, HasSubstr("--noise-scale"));
}

TEST(ScaleCommand, FailsWithCodeOneWhenTheAnswerCannotBeWritten) {
  const CommandResult result = run_command(
      fmt::format("'{}' scale --batch-size 256 --lr 0.1 --to 512 2>&1 >/dev/full", ETALON_BINARY));
  EXPECT_EQ(result.exit_code, 1) << result.output;
  EXPECT_THAT(result.output, HasSubstr("could not be written"));
}

}  // namespace
}  // namespace etalon
