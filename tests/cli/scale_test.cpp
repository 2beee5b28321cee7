#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "core/text.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::CommandResult;
using ::testing::HasSubstr;
using ::testing::Not;
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
  EXPECT_EQ(rule["steps"], 585);  // whole batches: 600,000 examples / 1024 = 585.9
}

// sde is warned of what the rule that comes first is warned of.
TEST(ScaleCommand, SaysEachWarningOnceForATarget) {
  const std::string text =
      run_scale("--batch-size 256 --lr 1e-3 --to 2048,1792 --optimizer adamw").output;
  const std::string second = text.substr(text.find("batch size 256 -> 1792"));
  for (const std::string& target : {text.substr(0, text.find(second)), second}) {
    const std::string words = "is past half of 1/(1 − beta1)";
    const std::size_t first = target.find(words);
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(target.find(words, first + 1), std::string::npos);
    EXPECT_THAT(target, HasSubstr("warning: that of sde-power\n"));
  }
}

TEST(ScaleCommand, GivesTheRecommendedRuleFirstWithItsReason) {
  const auto json = scale_to_json("--batch-size 256 --lr 1e-3 --to 1024 --optimizer adamw");
  EXPECT_EQ(json["targets"][0]["recommended"], "sde-power");
  EXPECT_EQ(json["targets"][0]["rules"][0]["rule"], "sde-power");
  EXPECT_THAT(json["targets"][0]["reason"].get<std::string>(), HasSubstr("adamw"));
}

TEST(ScaleCommand, SaysWhatHappenedElsewhereBesideTheRules) {
  const std::string text =
      run_scale("--batch-size 256 --lr 1e-3 --to 2048 --optimizer adamw").output;
  EXPECT_THAT(text,
              HasSubstr("Use rule sqrt: lr 0.00282843.\nElsewhere, where κ was about 8, sqrt"));
  EXPECT_THAT(text, HasSubstr("Who tried sde-power as\na whole lost so"));
  EXPECT_THAT(text, HasSubstr("Step Law,\narXiv:2503.04715"));
  EXPECT_THAT(text, HasSubstr("\nrule       lost over 0.02 median worst settings\nfixed "));
}

TEST(ScaleCommand, SaysWhereARecommendationIsADerivationAlone) {
  const auto json = scale_to_json("--batch-size 256 --lr 0.1 --to 1024 --optimizer momentum");
  EXPECT_EQ(json["targets"][0]["recommended"], "linear");
  EXPECT_THAT(json["targets"][0]["reason"].get<std::string>(), HasSubstr("too few to judge by"));
}

TEST(ScaleCommand, GivesTheEvidenceAsJson) {
  const auto json = scale_to_json("--batch-size 256 --lr 1e-3 --to 256,2048 --optimizer adamw");
  const auto& elsewhere = json["targets"][1]["elsewhere"];
  EXPECT_EQ(json["targets"][1]["recommended"], "sqrt");
  EXPECT_DOUBLE_EQ(elsewhere["kappa_low"].get<double>(), 8 / 1.5);
  EXPECT_GE(elsewhere["sources"].size(), 2u);
  EXPECT_EQ(elsewhere["rules"][0]["rule"], "fixed");
  EXPECT_GT(elsewhere["rules"][0]["share_lost"].get<double>(), 0.0);
  EXPECT_FALSE(elsewhere["rules"][0]["median"]["diverged"].get<bool>());
  EXPECT_LT(elsewhere["exponent"]["low"].get<double>(),
            elsewhere["exponent"]["high"].get<double>());
  // Nothing moves at the same batch size, so nothing happened.
  EXPECT_TRUE(json["targets"][0]["elsewhere"]["sources"].empty());
}

TEST(ScaleCommand, GivesWhoMovesToEightDevicesALineToPaste) {
  const CommandResult result =
      run_scale("--batch-size 256 --lr 1e-3 --to 256x1x8 --optimizer adamw");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output,
              HasSubstr("2048 = 256 (micro-batch) × 1 (accumulation) × 8 (replicas)"));
  EXPECT_THAT(result.output, HasSubstr("optimizer = torch.optim.AdamW(\n"
                                       "    params, lr=0.00282843, betas=(0.9, 0.999), eps=1e-08,\n"
                                       "    weight_decay=0.0282843)"));
  EXPECT_THAT(result.output, HasSubstr("Assumed, since not given"));
}

TEST(ScaleCommand, PrintsPyTorchAloneOnRequest) {
  const CommandResult result = run_scale(
      "--batch-size 256 --lr 0.1 --to 64x4x4 --optimizer nesterov --momentum 0.9 "
      "--warmup-steps 400 --format pytorch");
  EXPECT_THAT(result.output,
              StartsWith("# etalon scale: rule linear, κ = 4, batch size 1024 = 64"));
  EXPECT_THAT(
      result.output,
      HasSubstr("optimizer = torch.optim.SGD(params, lr=0.4, momentum=0.9, nesterov=True)\n"));
  EXPECT_THAT(result.output, HasSubstr("return min(0.25 + 0.75 * step / 100, 1)\n"));
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
  EXPECT_EQ(recipe["beta1"].value<double>(), 0.6561);  // 0.9^4
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
    {"--batch-size 256 --lr 0 --to 8", "--lr is 0, it must be in [1e-30, 1e+30]"},
    {"--batch-size 256 --lr -0.1 --to 8", "--lr is -0.1, it must be in"},
    {"--batch-size 256 --lr nan --to 8", "--lr is nan, it must be in"},
    {"--batch-size 256 --lr inf --to 8", "--lr is inf, it must be in"},
    {"--batch-size 256 --lr 1e308 --to 65536", "--lr is 1e+308"},
    {"--batch-size 256 --lr 1e29 --to 65536", "no usable number"},
    {"--batch-size 0 --lr 0.1 --to 8", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to -8", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to 1e3", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to 8,,16", "write a whole number >= 1"},
    {"--batch-size 256 --lr 0.1 --to 8,8", "name each batch size once"},
    {"--batch-size 256 --lr 0.1 --to 8x8x8x8", "more than three factors"},
    {"--batch-size 256 --lr 0.1 --to 4000000000x4000000000x4", "at most"},
    {"--batch-size 256 --lr 0.1 --to 99999999999999999999", "too large"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer sgdm", "did you mean sgd?"},
    {"--batch-size 256 --lr 0.1 --to 8 --momentum 1", "--momentum is 1, it must be in [0, 1)"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer adam --beta2 1", "--beta2 is 1"},
    {"--batch-size 256 --lr 0.1 --to 8 --beta1 0.9", "sgd has no --beta1"},
    {"--batch-size 256 --lr 0.1 --to 8 --ema nan", "--ema is nan"},
    {"--batch-size 256 --lr 0.1 --to 8 --epochs -1", "the budget is -1"},
    {"--batch-size 256 --lr 0.1 --to 8 --epochs 1 --steps 5", "excludes"},
    {"--batch-size 256 --lr 0.1 --to 8 --milestone-epochs 60,30", "ascending order"},
    {"--batch-size 256 --lr 0.1 --to 8 --milestone-epochs 60,x", "is not a number"},
    {"--batch-size 256 --lr 0.1 --to 8 --noise-scale 0", "--noise-scale is 0"},
    {"--batch-size 256 --lr 0.1 --to 8 --noise-exponent 2", "in (0, 1]"},
    {"--batch-size 256 --lr 0.1 --to 8 --dataset-size 0", "--dataset-size is 0"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule saturating", "--noise-scale"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule ema", "--ema"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule root", "use one of fixed, linear"},
    {"--batch-size 256 --lr 0.1 --to 8 --rule sqrt,sqrt", "name each once"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule zigzag", "use one of constant, step"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule step", "has no milestones"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --milestone-steps 5", "no milestones"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --gamma 0.5", "cosine has no --gamma"},
    {"--batch-size 256 --lr 0.1 --to 8 --floor 0.5", "--floor is given without a schedule"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --floor 2",
     "--floor is 2, it must be in [0, 1]"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cyclical --cycles 1.5", "whole number"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule exponential", "give --floor"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule constant --decay-end-steps 9", "no decay end"},
    {"--batch-size 256 --lr 0.1 --to 8 --warmup-start 0.5", "without a warm-up"},
    {"--batch-size 256 --lr 0.1 --to 8 --warmup-kind constant", "without a warm-up"},
    {"--batch-size 256 --lr 0.1 --to 8 --warmup-steps 5 --warmup-kind slow", "linear, constant"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --decay-form linear", "no --decay-form"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule cosine --step-every-steps 5",
     "no distance between decays"},
    {"--batch-size 256 --lr 0.1 --to 8 --step-every-steps 5 --milestone-steps 9", "both given"},
    {"--batch-size 256 --lr 0.1 --to 8 --schedule warm-restarts --cycle-growth 0", "[1, 1000]"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer adam --eps 0 --format toml", "--eps is 0"},
    {"--batch-size 256 --lr 0.1 --to 8 --optimizer lars --sharpness 5",
     "no stability limit is known for lars"},
    {"--batch-size 256 --lr 0.1 --to 8 --format yaml", "none of table, json"},
    {"--batch-size 256 --lr 0.1 --to 8,16 --format toml", "prints one recipe"},
    {"--batch-size 256 --lr 0.1 --to 8 16", "separated by commas"}};

TEST(ScaleCommand, RefusesNonsenseWithCodeTwoAndWhatToDo) {
  for (const auto& [arguments, message] : kNonsense) {
    const CommandResult result = run_scale(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments << "\n" << result.output;
    EXPECT_THAT(result.output, StartsWith("etalon: error: ")) << arguments;
    EXPECT_THAT(result.output, HasSubstr(message)) << arguments;
  }
}

// Read again, moved back: what went out comes home.
TEST(ScaleCommand, ReadsTheRecipesThatItWrites) {
  const testing::TemporaryDirectory directory;
  const std::string there = (directory.path() / "there.toml").string();
  for (const char* recipe :
       {"--lr 0.1 --optimizer nesterov --weight-decay 1e-4 --steps 8000 --warmup-steps 400 "
        "--milestone-steps 4000,6000 --gamma 0.2",
        "--lr 1e-3 --optimizer adamw --epochs 30 --schedule wsd --decay-form cosine --ema 0.99",
        "--lr 1e-3,1e-4 --optimizer adam --epochs 30 --schedule cosine --floor 0.1",
        "--lr 0.4 --optimizer momentum --examples 51200 --schedule warm-restarts --cycles 3"}) {
    const CommandResult out = run_scale(fmt::format(
        "--batch-size 64x2x2 {} --rule sqrt --to 32x4x8 --format toml > {}", recipe, there));
    ASSERT_EQ(out.exit_code, 0) << out.output;
    const CommandResult back =
        run_scale(fmt::format("{} --rule sqrt --to 64x2x2 --format toml", there));
    ASSERT_EQ(back.exit_code, 0) << back.output;
    const auto base = toml::parse(
        run_scale(
            fmt::format("--batch-size 64x2x2 {} --rule sqrt --to 64x2x2 --format toml", recipe))
            .output);
    const auto home = toml::parse(back.output);
    ASSERT_EQ(base.size(), home.size()) << back.output;
    for (const auto& [key, value] : base) {
      const auto* number = value.as_floating_point();
      if (number != nullptr) {
        EXPECT_NEAR(home[key.str()].value<double>().value(), number->get(),
                    1e-9 * std::abs(number->get()))
            << key.str();
      } else if (!value.is_array()) {
        EXPECT_EQ(home[key.str()].value<std::string>(), toml::node_view(value).value<std::string>())
            << key.str();
      }
    }
  }
}

TEST(ScaleCommand, LetsFlagsWinOverARecipesFile) {
  const testing::TemporaryDirectory directory;
  const std::string file = (directory.path() / "recipe.toml").string();
  run_scale(fmt::format("--batch-size 256 --lr 0.1 --to 512 --format toml > {}", file));
  EXPECT_EQ(scale_to_json(fmt::format("{} --lr 0.4 --to 1024 --rule linear",
                                      file))["targets"][0]["rules"][0]["lr"],
            0.8);
}

TEST(ScaleCommand, TakesOptimizersInAnyCase) {
  EXPECT_EQ(
      scale_to_json("--batch-size 256 --lr 1e-3 --to 512 --optimizer AdamW")["base"]["optimizer"],
      "adamw");
}

TEST(ScaleCommand, MovesSeveralGroupsOfParametersAtOnce) {
  const std::string recipe = "--batch-size 256 --lr 1e-4,1e-5 --to 1024 --optimizer adamw ";
  const auto json = scale_to_json(recipe + "--rule sqrt");
  EXPECT_DOUBLE_EQ(json["targets"][0]["rules"][0]["lr"], 2e-4);
  EXPECT_DOUBLE_EQ(json["targets"][0]["rules"][0]["lr_2"], 2e-5);
  EXPECT_THAT(run_scale(recipe + "--format pytorch").output,
              HasSubstr(R"({"params": params_2, "lr": 2e-05})"));
}

TEST(ScaleCommand, ReadsNamesInAnyCase) {
  const std::string recipe = "--batch-size 256 --lr 1e-3 --to 512 --steps 900 --warmup-steps 30 ";
  EXPECT_EQ(run_scale(recipe + "--optimizer AdamW --rule SDE-Power,Linear --schedule Inverse-SQRT "
                               "--format TOML")
                .output,
            run_scale(recipe + "--optimizer adamw --rule sde-power,linear --schedule inverse-sqrt "
                               "--format toml")
                .output);
  EXPECT_EQ(run_scale(recipe + "--rule ALL").output, run_scale(recipe + "--rule all").output);
  const CommandResult twice = run_scale(recipe + "--rule linear,LINEAR");
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.output, HasSubstr("--rule names linear twice"));
}

// The decay's scale is the warm-up, which is as many examples at any batch size.
TEST(ScaleCommand, MovesTheScaleOfAnInverseSquareRootWithTheBatchSize) {
  const auto rule = scale_to_json(
      "--batch-size 256 --lr 1e-3 --to 1024 --optimizer adamw --rule sqrt --steps 4000 "
      "--warmup-steps 400 --decay-scale-steps 200 --schedule inverse-sqrt")["targets"][0]["rules"]
                                                                           [0];
  EXPECT_EQ(rule["warmup_steps"], 100);
  EXPECT_EQ(rule["decay_scale_steps"], 50);
}

TEST(ScaleCommand, SaysThatNoRuleIsPublishedForLion) {
  const CommandResult result =
      run_scale("--batch-size 256 --lr 1e-4 --to 1024 --optimizer lion --weight-decay 1");
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("No rule is published for lion"));
  EXPECT_THAT(result.output, Not(HasSubstr("What happened elsewhere")));
}

TEST(ScaleCommand, SaysHowItReadABatchSizeOfTwoFactors) {
  const std::string note =
      "--to 8x256 was read as micro-batch 8 x accumulation 256; 8 devices of 256 each are 256x1x8";
  const std::string recipe = "--batch-size 256 --lr 0.1 --to 8x256";
  EXPECT_EQ(scale_to_json(recipe)["base"]["notes"][0], note);
  EXPECT_THAT(run_scale(recipe).output, HasSubstr("Note: --to 8x256 was read as micro-batch 8"));
  EXPECT_THAT(run_scale(recipe + " --format pytorch").output, HasSubstr("# note: --to 8x256"));
  EXPECT_TRUE(scale_to_json("--batch-size 256 --lr 0.1 --to 256x1x8")["base"]["notes"].empty());
}

TEST(ScaleCommand, CautionsWellBelowTheLimitAndSaysHowToCheck) {
  const CommandResult result =
      run_scale("--batch-size 256 --lr 1e-3 --to 2048 --optimizer adamw --rule sde-power");
  EXPECT_THAT(result.output, HasSubstr("warning   κ = 8 is past half of 1/(1 − beta1) = 10"));
  EXPECT_THAT(result.output,
              HasSubstr("etalon suggest runs --batch-size 2048 --optimizer adamw --lr 0.00283"));
}

TEST(ScaleCommand, EndsItsLinesWithinEightyColumns) {
  for (const char* optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "lars",
                                "lamb", "lion", "adafactor", "muon"}) {
    for (const char* format : {"table", "toml", "pytorch"}) {
      const CommandResult result = run_scale(fmt::format(
          "--batch-size 32x1x8 --lr 1e-3 --to 64x4x16 --optimizer {} --epochs 30 --warmup-epochs 5 "
          "--dataset-size 50000 --noise-scale 3000 --ema 0.999 --weight-decay 0.1 --schedule step "
          "--milestone-epochs 10,20,25 --format {}",
          optimizer, format));
      ASSERT_EQ(result.exit_code, 0) << result.output;
      std::istringstream lines(result.output);
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(columns_of(line), 80u) << optimizer << ' ' << format << ": " << line;
      }
    }
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
