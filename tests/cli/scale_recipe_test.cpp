// The recipe that etalon scale prints is the recipe that etalon train follows.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <nlohmann/json.hpp>
#include <string>

#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using testing::run_command;

struct Case {
  const char* name;
  const char* arguments;  // of etalon scale, beside the batch sizes
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

// 256 to 1024 examples a step: twenty steps.
const Case kCases[] = {
    {"sgd_constant", "--optimizer sgd --lr 0.05 --steps 80"},
    {"sgd_with_momentum_and_cosine",
     "--optimizer sgd --momentum 0.9 --lr 0.01 --steps 80 --schedule cosine --floor 0.05"},
    {"nesterov_step_in_steps",
     "--optimizer nesterov --lr 0.01 --weight-decay 1e-4 --steps 80 --warmup-steps 8 "
     "--milestone-steps 40,60 --schedule step --gamma 0.2"},
    {"momentum_linear_in_examples",
     "--optimizer momentum --lr 0.01 --examples 20480 --warmup-examples 4096 --schedule linear "
     "--decay-end-examples 16384"},
    {"adam_polynomial",
     "--optimizer adam --lr 0.001 --steps 80 --schedule polynomial "
     "--decay-power 3 --floor 0.01"},
    {"adamw_stable_decay",
     "--optimizer adamw --lr 0.0003 --steps 80 --warmup-steps 8 --warmup-start 0.1 "
     "--schedule wsd --decay-share 0.3 --ema 0.99"},
    {"adamw_past_the_limit_of_its_betas",
     "--optimizer adamw --beta1 0.7 --lr 0.0003 --steps 80 "
     "--rule sde-power"},
    {"rmsprop_restarts",
     "--optimizer rmsprop --lr 0.001 --steps 80 --schedule warm-restarts --cycles 2"},
    {"lars_exponential", "--optimizer lars --lr 1 --epochs 0.4 --schedule exponential --floor 0.1"},
    {"sgd_halving_cycles_beneath_a_constant_warmup",
     "--optimizer sgd --lr 0.05 --steps 80 --schedule cyclical --cycle-mode halving "
     "--warmup-steps 8 --warmup-kind constant --warmup-start 0.5"},
    {"momentum_step_every_epoch",
     "--optimizer momentum --lr 0.05 --epochs 0.4 --step-every-epochs 0.1 --gamma 0.5"},
    {"rmsprop_restarts_that_grow",
     "--optimizer rmsprop --lr 0.001 --steps 80 --schedule warm-restarts --cycles 2 "
     "--cycle-growth 2"},
    {"adamw_stable_decay_along_a_root",
     "--optimizer adamw --lr 0.001 --steps 80 --schedule wsd --decay-form one-minus-sqrt"},
    {"lamb_one_cycle", "--optimizer lamb --lr 0.002 --steps 80 --schedule one-cycle"},
    {"sgd_cyclical", "--optimizer sgd --lr 0.05 --steps 80 --schedule cyclical --floor 0.2"},
    {"lion_inverse_sqrt",
     "--optimizer lion --lr 1e-4 --weight-decay 0.5 --steps 80 --warmup-steps 8 --schedule "
     "inverse-sqrt"},
    {"adafactor_inverse_sqrt_at_a_scale_of_its_own",
     "--optimizer adafactor --lr 0.001 --steps 80 --schedule inverse-sqrt --decay-scale-steps 16"},
    {"momentum_plateau",
     "--optimizer momentum --lr 0.01 --steps 80 --schedule plateau --plateau-factor 0.3 "
     "--plateau-patience 0 --plateau-threshold 0.01 --plateau-cooldown 1"}};

class Recipe : public ::testing::TestWithParam<Case> {};

// What etalon train says of a key of the recipe: a number, or a length with its unit.
std::string reported(const nlohmann::json& settings, const std::string& name) {
  return settings.contains(name) ? settings[name].get<std::string>() : "nothing";
}

void expect_number(const nlohmann::json& settings, const std::string& name, double value) {
  const std::string text = reported(settings, name);
  ASSERT_NE(text, "nothing") << name;
  EXPECT_DOUBLE_EQ(std::stod(text), value) << name;
}

// "warmup_steps = 8" is reported as warmup: "8 steps".
void expect_length(const nlohmann::json& settings, const std::string& key,
                   const toml::node& value) {
  const std::size_t cut = key.rfind('_');
  const std::string unit = key.substr(cut + 1);
  std::string name = key.substr(0, cut);
  std::string expected;
  if (const auto* list = value.as_array()) {
    name = "milestones";
    for (const auto& element : *list) {
      expected += fmt::format("{}{} {}", expected.empty() ? "" : ", ",
                              element.value<double>().value(), unit);
    }
  } else {
    expected = fmt::format("{} {}", value.value<double>().value(), unit);
  }
  EXPECT_EQ(reported(settings, name), expected) << key;
}

void expect_reported(const toml::table& recipe, const nlohmann::json& document) {
  const auto& settings = document["settings"];
  for (const auto& [key, value] : recipe) {
    const std::string name(key.str());
    if (name == "accumulation" || name == "replicas") continue;  // in batch_size / micro_batch
    if (name == "steps") {
      EXPECT_EQ(document["steps"], value.value<std::int64_t>().value());
    } else if (name == "epochs") {
      EXPECT_EQ(settings["budget"],
                fmt::format("{} examples", std::llround(55000 * value.value<double>().value())));
    } else if (name == "examples") {
      EXPECT_EQ(settings["budget"],
                fmt::format("{} examples", value.value<std::int64_t>().value()));
    } else if (name == "optimizer" || name == "schedule" || name == "warmup_kind" ||
               name == "decay_form" || name == "cycle_mode") {
      const std::string text = value.value<std::string>().value();
      const bool renamed = text == "sgd" && recipe.contains("momentum");
      EXPECT_EQ(reported(settings, name), renamed ? "momentum" : text);
    } else if (name.ends_with("_steps") || name.ends_with("_epochs") ||
               name.ends_with("_examples")) {
      expect_length(settings, name, value);
    } else {
      expect_number(settings, name, value.value<double>().value());
    }
  }
}

TEST_P(Recipe, IsReadByEtalonTrainWithEveryParameterAsScalePrintedIt) {
  const testing::TemporaryDirectory directory;
  const std::string path = (directory.path() / "recipe.toml").string();
  const auto scaled = run_command(
      fmt::format("'{}' scale --batch-size 256 --to 32x4x8 {} --format toml > {} && cat {}",
                  ETALON_BINARY, GetParam().arguments, path, path));
  ASSERT_EQ(scaled.exit_code, 0) << scaled.output;
  const toml::table recipe = toml::parse(scaled.output);
  EXPECT_EQ(recipe["micro_batch"].value<int>().value() *
                recipe["accumulation"].value<int>().value() *
                recipe["replicas"].value<int>().value(),
            1024);
  const auto trained = run_command(
      fmt::format("'{}' train {} --quiet --model mlp:8 --evaluations 3 --format json --checkpoint "
                  "{}/run.ckpt 2>&1",
                  ETALON_BINARY, path, directory.path().string()));
  ASSERT_EQ(trained.exit_code, 0) << trained.output << scaled.output;
  const auto document = nlohmann::json::parse(trained.output);
  EXPECT_EQ(document["state"], "finished");
  expect_reported(recipe, document);
}

INSTANTIATE_TEST_SUITE_P(Scaled, Recipe, ::testing::ValuesIn(kCases),
                         [](const auto& c) { return std::string(c.param.name); });

TEST(ScaledNumbers, ShowNoRoundingInTheLastBits) {
  const std::string command = fmt::format(
      "'{}' scale --batch-size 256 --to 768,1024 --lr 0.3 --optimizer adamw --epochs 30 "
      "--warmup-epochs 0.7 --format ",
      ETALON_BINARY);
  const std::string json = run_command(command + "json").output;
  EXPECT_THAT(json, HasSubstr("\"beta1\": 0.6,"));
  EXPECT_THAT(json, HasSubstr("\"beta2\": 0.997,"));
  EXPECT_THAT(json, Not(HasSubstr("00000000")));
  EXPECT_THAT(json, Not(HasSubstr("99999999")));
}

}  // namespace
}  // namespace etalon
