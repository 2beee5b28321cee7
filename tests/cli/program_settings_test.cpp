// `etalon study -- COMMAND` with settings that a rule moves beside the learning rate.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "cli/program_command.hpp"

namespace etalon {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Arguments;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::kPrograms;
using ::testing::Not;
using testing::ProgramCommand;
using testing::read_text;
using testing::run_program;
using ::testing::SizeIs;
using testing::operator+;

class MovingProgram : public ProgramCommand {
 protected:
  // Prints "set B S..." with the settings, and the known answer.
  static Arguments command(const Arguments& settings) {
    return Arguments{"sh",
                     "-c",
                     "b=$1 l=$2 s=$3; shift 3; echo set $b \"$@\"; exec \"$0\" $b $l $s",
                     kPrograms + "known_answer.sh",
                     "{batch_size}",
                     "{lr}",
                     "{seed}"} +
           settings;
  }
  // What trials were given at a batch size, from all that they printed.
  std::set<std::string> given_at(std::int64_t batch_size) const {
    std::set<std::string> given;
    for (const TrialRecord& trial : stored().trials) {
      if (trial.spec.batch_size != batch_size) continue;
      const auto place = fs::path(out()) / "trials" / std::to_string(trial.id) / "1" / "stdout";
      const std::string text = read_text(place);
      given.insert(text.substr(4, text.find('\n') - 4));
    }
    return given;
  }
};

TEST_F(MovingProgram, RefusesPlacesThatNothingGivesAValue) {
  const auto refusal = [&](const Arguments& flags, const char* place) {
    const auto result = run(Arguments{"--batch-sizes", "64,128", "--metric", "loss"} + flags,
                            {"true", "{lr}", "{batch_size}", place});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(fs::exists(out()));
    return result.err;
  };
  EXPECT_THAT(refusal({}, "{momentum}"), AllOf(HasSubstr("{momentum}"), HasSubstr("adamw has none"),
                                               HasSubstr("--optimizer")));
  EXPECT_THAT(refusal({"--optimizer", "sgd"}, "{momentum}"), HasSubstr("give --momentum"));
  EXPECT_THAT(refusal({}, "{warmup_steps}"), HasSubstr("--warmup-steps"));
  EXPECT_THAT(refusal({"--warmup-epochs", "2"}, "{warmup_steps}"), HasSubstr("--dataset-size"));
  EXPECT_THAT(refusal({"--warmup-steps", "9"}, "no place"), HasSubstr("no {warmup_steps}"));
  EXPECT_THAT(refusal({"--beta2", "0.9"}, "no place"), HasSubstr("--beta2 is given"));
  EXPECT_THAT(refusal({"--beta2", "0.9"}, "{beta1}"), HasSubstr("the command has no {beta2}"));
  EXPECT_THAT(refusal({"--weight-decay", "0"}, "no place"), HasSubstr("no {weight_decay}"));
  EXPECT_THAT(refusal({"--rule", "sqrt"}, "no place"), HasSubstr("--rule is given"));
  EXPECT_THAT(refusal({"--noise-scale", "9"}, "no place"), HasSubstr("--noise-scale is given"));
  EXPECT_THAT(refusal({"--rule", "sde-power"}, "{beta2}"),
              AllOf(HasSubstr("moves beta1, eps, weight_decay"), HasSubstr("{beta1}")));
}

TEST_F(MovingProgram, RefusesWhatWouldReachNoProgram) {
  const auto refusal = [&](const Arguments& flags, const char* place) {
    const auto result = run(Arguments{"--batch-sizes", "64,128", "--metric", "loss"} + flags,
                            {"true", "{lr}", "{batch_size}", place});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(fs::exists(out()));
    return result.err;
  };
  EXPECT_THAT(refusal({"--micro-batch", "8"}, "no place"),
              AllOf(HasSubstr("--micro-batch is given"),
                    HasSubstr("neither {micro_batch_size} nor {grad_accum}"),
                    HasSubstr("--accumulation-steps {grad_accum}")));
  EXPECT_THAT(
      refusal({"--replicas", "2"}, "no place"),
      AllOf(HasSubstr("--replicas is given, but --micro-batch is not"), HasSubstr("{grad_accum}")));
}

TEST_F(MovingProgram, TakesPassesWhereverTheirPlaceIs) {
  const auto result = run({"--batch-sizes", "64", "--metric", "loss", "--trials", "1",
                           "--micro-batch", "8", "--replicas", "2", "--env", "N={grad_accum}"},
                          {"sh", "-c", "echo loss=$N$0", "{lr}"});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(read_text(fs::path(out()) / "trials/1/1/stdout"), "loss=40.001\n");
}

TEST_F(MovingProgram, SaysThatTheProgramIsNotToldHowLongToTrain) {
  const Arguments flags = {"--batch-sizes", "64", "--metric", "val_loss", "--trials", "1"};
  for (const std::string flag : {"examples", "steps", "epochs"}) {
    fs::remove_all(out());
    const Arguments budget = {"--" + flag, "640"};
    const std::string note = "the command has no {" + flag + "}: --" + flag + " is recorded";
    EXPECT_THAT(run(flags + budget, known_answer()).err, HasSubstr(note));
    fs::remove_all(out());
    EXPECT_THAT(run(flags + budget, command({"{" + flag + "}"})).err, Not(HasSubstr("recorded")));
  }
}

TEST_F(MovingProgram, GetsItsSettingsAsTheRecommendedRuleMovesThem) {
  const Arguments flags = {"--batch-sizes", "64,256", "--metric", "val_loss",
                           "--beta1",       "0.5",    "--trials", "12"};
  const Arguments settings = {"{beta1}", "{beta2}", "{eps}", "{weight_decay}"};
  const auto result = run(flags, command(settings));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(given_at(64), ElementsAre("64 0.5 0.999 1e-08 0.01"));
  const double beta2 = std::pow(0.999, 4);
  EXPECT_THAT(given_at(256), ElementsAre(fmt::format("256 0.0625 {} 5e-09 0.02", beta2)));
  for (const TrialRecord& trial : stored().trials) {
    const bool is_base = trial.spec.batch_size == 64;
    EXPECT_EQ(trial.spec.moved.any(), !is_base);
    EXPECT_EQ(trial.spec.moved.beta1, is_base ? std::nullopt : std::optional(0.0625));
  }
  EXPECT_THAT(result.err, AllOf(HasSubstr("beta1 0.5"), HasSubstr("adamw's default"),
                                HasSubstr("rule sde-power moves")));
  const auto said = summary()["conclusion"].get<std::string>();
  EXPECT_THAT(said,
              HasSubstr("with beta1, beta2, eps, weight_decay moved from B=64 on as sde-power"));
  EXPECT_THAT(result.out, HasSubstr("with beta1 0.0625"));
  EXPECT_EQ(summary()["recommendations"][1]["moved"]["weight_decay"], 0.02);
  for (const auto& rule : summary()["rules"]) {
    const bool is_base = rule["batch_size"] == 64;
    EXPECT_EQ(rule["explanation"].get<std::string>().find("sde-power") == std::string::npos,
              is_base);
  }
  // The same when it goes on, and nothing else.
  const Arguments more = {"--batch-sizes", "64,256",   "--metric", "val_loss", "--beta1",
                          "0.5",           "--trials", "14",       "--resume"};
  EXPECT_EQ(run(more, command(settings)).exit_code, 0);
  EXPECT_THAT(given_at(256), SizeIs(1));
  EXPECT_THAT(run(more + Arguments{"--rule", "fixed"}, command(settings)).err,
              HasSubstr("other settings"));
  // And it is reported so again.
  const auto before = summary()["conclusion"];
  EXPECT_EQ(run_program(ETALON_BINARY, {"report", out()}).exit_code, 0);
  EXPECT_EQ(summary()["conclusion"], before);
}

TEST_F(MovingProgram, LeavesOutRulesThatMoveMoreThanTheCommandTakes) {
  const auto result = run({"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "4"},
                          command({"{beta2}"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("rule sde-power is left out"), HasSubstr("beta1, eps, weight_decay"),
                    HasSubstr("rule half-life moves beta2")));
  EXPECT_THAT(given_at(256), ElementsAre(fmt::format("256 {}", std::pow(0.999, 4))));
}

TEST_F(MovingProgram, IsWarmedUpForTheSameExamplesUnlessTheRuleSaysOtherwise) {
  const Arguments flags = {"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "4"};
  ASSERT_EQ(
      run(flags + Arguments{"--warmup-examples", "6400"}, command({"{warmup_steps}"})).exit_code,
      0);
  EXPECT_THAT(given_at(64), ElementsAre("64 100"));
  EXPECT_THAT(given_at(256), ElementsAre("256 25"));
  const std::string table = read_text(fs::path(out()) / "trials.csv");
  EXPECT_THAT(table.substr(0, table.find('\r')), EndsWith(",ema,warmup_steps"));
  const std::size_t large = table.find(",256,");
  EXPECT_THAT(table.substr(0, table.find('\r', large)), EndsWith(",25"));
  const auto fit = run_program(ETALON_BINARY, {"fit", out() + "/trials.csv"});
  EXPECT_EQ(fit.out, run_program(ETALON_BINARY, {"fit", out()}).out) << fit.err;
  fs::remove_all(out());
  const Arguments legw = {"--warmup-steps",    "100", "--rule",         "legw",
                          "--base-batch-size", "128", "--weight-decay", "0"};
  ASSERT_EQ(run(flags + legw, command({"{warmup_steps}"})).exit_code, 0);
  EXPECT_THAT(given_at(64), ElementsAre("64 100"));
  EXPECT_THAT(given_at(256), ElementsAre("256 100"));
}

TEST_F(MovingProgram, KeepsAMomentumAsItIs) {
  const auto result = run({"--batch-sizes", "64,256", "--metric", "val_loss", "--trials", "8",
                           "--optimizer", "momentum"},
                          command({"{momentum}"}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(given_at(64), ElementsAre("64 0.9"));
  EXPECT_THAT(given_at(256), ElementsAre("256 0.9"));
  EXPECT_THAT(result.err, HasSubstr("leaves them as they are"));
}

}  // namespace
}  // namespace etalon
