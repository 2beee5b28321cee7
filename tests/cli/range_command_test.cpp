// `etalon range` as a user runs it, and docs/range.md, which shows what it prints.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/docs_samples.hpp"
#include "support/program.hpp"
#include "support/run_command.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;
using Json = nlohmann::json;

class RangeCommand : public ::testing::Test {
 protected:
  static testing::ProgramResult range(Arguments arguments) {
    arguments.insert(arguments.begin(), "range");
    return testing::run_program(ETALON_BINARY, arguments);
  }
  static Json range_json(Arguments arguments) {
    arguments.insert(arguments.begin(), {"range", "--format", "json", "--quiet"});
    const auto result = testing::run_program(ETALON_BINARY, arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out, nullptr, false);
  }
  static void expect_error(const Arguments& arguments, const char* said, int code = 2) {
    const auto result = range(arguments);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(said));
  }
  // After `flags`, a program whose loss falls by 1 about η = 0.01 and rises beyond 0.3.
  Arguments program(Arguments flags, const std::string& script) const {
    flags.insert(flags.begin(), {"--out", (directory_.path() / "runs").string()});
    flags.insert(flags.end(), {"--metric", "loss", "--", "sh", "-c", script, "script", "{lr}"});
    return flags;
  }

  const Arguments small_ = {"--model", "mlp:16", "--restarts", "3"};
  testing::TemporaryDirectory directory_;
};

TEST_F(RangeCommand, GivesARangeWithAnIntervalAndTheRulesThatPeopleKnow) {
  const Json answer = range_json(small_);
  EXPECT_EQ(answer.at("restarts"), 3);
  EXPECT_EQ(answer.at("batch_size"), 32);
  double before = 0.0;
  for (const char* name : {"falls_from", "falls_fastest", "least", "stable_to"}) {
    const double lr = answer.at(name);
    EXPECT_GT(lr, before) << name;
    EXPECT_LT(answer.at(std::string(name) + "_low").get<double>(), lr);
    EXPECT_GT(answer.at(std::string(name) + "_high").get<double>(), lr);
    before = lr;
  }
  EXPECT_GT(answer.at("falls_from").get<double>(), 1e-5);
  EXPECT_LT(answer.at("stable_to").get<double>(), 2.0);
  EXPECT_GT(answer.at("stable_lr_at_start").get<double>(), 0.001);
  ASSERT_EQ(answer.at("suggestions").size(), 4u);
  ASSERT_EQ(answer.at("curves").size(), 3u);
  EXPECT_EQ(answer.at("curves").at(0).at("seed"), 1);
}

// The update is that of the whole window, and so is its loss.
TEST_F(RangeCommand, IsTheSameWithMicroBatches) {
  const Arguments ramp = {"--model",      "mlp:16", "--restarts", "1",
                          "--batch-size", "48",     "--to",       "0.03"};
  Arguments micro = ramp;
  micro.insert(micro.end(), {"--micro-batch", "20"});  // the last of a window has 8
  const Json whole = range_json(ramp).at("curves").at(0).at("losses");
  const Json parts = range_json(micro).at("curves").at(0).at("losses");
  ASSERT_EQ(whole.size(), 100u);
  ASSERT_EQ(parts.size(), 100u);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_NEAR(parts.at(i).get<double>(), whole.at(i).get<double>(), 1e-3) << i;
  }
}

TEST_F(RangeCommand, IsTheSameEachTimeAndStopsWhereTheLossBlowsUp) {
  Arguments arguments = small_;
  arguments.insert(arguments.end(), {"--ramp", "linear", "--from", "0.01", "--to", "50"});
  const Json answer = range_json(arguments);
  EXPECT_EQ(answer, range_json(arguments));
  for (const Json& curve : answer.at("curves")) {
    EXPECT_TRUE(curve.at("blew_up"));
    EXPECT_LT(curve.at("lrs").size(), 100u);
  }
}

TEST_F(RangeCommand, CannotTellWhereNothingFalls) {
  const auto result = range({"--model", "linear", "--to", "1e-6", "--restarts", "2", "--quiet"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr("Cannot tell"));
}

TEST_F(RangeCommand, SaysThatItsEndIsABound) {
  const auto result = range({"--model", "mlp:16", "--to", "0.03", "--restarts", "2", "--quiet"});
  EXPECT_THAT(result.out, HasSubstr("not yet at 0.03"));
}

TEST_F(RangeCommand, SaysNothingOfSharpnessForAdam) {
  const Json answer = range_json({"--model", "mlp:16", "--restarts", "2", "--optimizer", "adam"});
  EXPECT_TRUE(answer.at("stable_lr_at_start").is_null());
}

// Of a known program, a run at each rate: 1/(1 + 0.01/η), beyond 0.3 more.
TEST_F(RangeCommand, RunsAProgramAtEachRate) {
  const std::string known =
      "awk -v lr=$1 'BEGIN {{ l = 2 - 1 / (1 + (0.01 / lr)^2); if (lr > 0.3) l += 3 * (lr - 0.3); "
      "print \"loss\", l }}'";
  const Json answer = range_json(
      program({"--rates", "21", "--from", "1e-4", "--to", "1", "--restarts", "1"}, known));
  EXPECT_TRUE(answer.at("one_run_each"));
  EXPECT_TRUE(answer.at("batch_size").is_null());
  // A tenth of the fall is at 0.01/3, and the steepest place at 0.01.
  EXPECT_NEAR(std::log(answer.at("falls_from").get<double>() / 0.00333), 0.0, 0.5);
  EXPECT_NEAR(std::log(answer.at("falls_fastest").get<double>() / 0.01), 0.0, 0.5);
  EXPECT_NEAR(std::log(answer.at("stable_to").get<double>() / 0.33), 0.0, 0.3);
  EXPECT_TRUE(answer.at("falls_from_low").is_null());
}

TEST_F(RangeCommand, TakesADivergenceForTheEnd) {
  const std::string known =
      "awk -v lr=$1 'BEGIN {{ print \"loss\", (lr > 0.2 ? \"nan\" : 2 - 1 / (1 + 0.01 / lr)) }}'";
  const Json answer = range_json(
      program({"--rates", "9", "--from", "1e-4", "--to", "1", "--restarts", "1"}, known));
  EXPECT_TRUE(answer.at("curves").at(0).at("blew_up"));
  EXPECT_NEAR(answer.at("stable_to").get<double>(), 0.1, 1e-6);
  EXPECT_EQ(answer.at("stay_stable"), 0);
}

// All seeds pick the same rates, a factor of 3.16 apart: what lies between them stays open.
TEST_F(RangeCommand, LeavesOpenWhatLiesBetweenTheRatesOfAProgram) {
  const std::string known =
      "awk -v lr=$1 'BEGIN {{ l = 2 - 1 / (1 + (0.01 / lr)^2); if (lr > 0.3) l += 3 * (lr - 0.3); "
      "print \"loss\", l }}' # {seed}";
  const Json answer = range_json(program({"--restarts", "3"}, known));
  const auto ends_of = [&](const std::string& name) {
    return std::pair(answer.at(name + "_low").get<double>(),
                     answer.at(name + "_high").get<double>());
  };
  for (const auto& [name, truth] :
       {std::pair("falls_from", 0.00333), std::pair("falls_fastest", 0.01),
        std::pair("stable_to", 0.33)}) {
    const auto [low, high] = ends_of(name);
    EXPECT_LT(low, truth) << name;
    EXPECT_GT(high, truth) << name;
    EXPECT_GT(high / low, 3.0) << name;
  }
}

TEST_F(RangeCommand, AveragesNoBounds) {
  const Arguments low = {"--model",      "linear", "--from",     "1e-4", "--to",   "0.01",
                         "--batch-size", "128",    "--restarts", "2",    "--quiet"};
  const Json answer = range_json(low);
  EXPECT_EQ(answer.at("stay_stable"), 2);
  EXPECT_NEAR(answer.at("stable_to").get<double>(), 0.01, 1e-9);
  EXPECT_TRUE(answer.at("stable_to_high").is_null());
  const std::string said = range(low).out;
  EXPECT_THAT(said, HasSubstr("least 0.01 train."));
  EXPECT_THAT(said, HasSubstr("The largest stable η, at least 0.01, is at least 0.3"));
}

TEST_F(RangeCommand, SaysWhereItDiverges) {
  const auto ramp =
      range({"--model", "linear", "--from", "100", "--to", "1000", "--restarts", "2"});
  EXPECT_EQ(ramp.exit_code, 0);
  EXPECT_THAT(ramp.out, HasSubstr("diverges from η = 10"));
  EXPECT_THAT(ramp.out, HasSubstr("lower learning rates"));
  EXPECT_THAT(ramp.out, Not(HasSubstr("more steps")));
  const auto linear = range({"--model", "linear", "--ramp", "linear", "--restarts", "2"});
  EXPECT_THAT(linear.out, HasSubstr("diverges from η = "));
  EXPECT_THAT(linear.out, HasSubstr("--ramp exponential"));
  Arguments nothing_but_nan = program({"--restarts", "1", "--rates", "5"}, "echo loss nan");
  EXPECT_THAT(range(nothing_but_nan).out, HasSubstr("diverges from η = 1e-05 on"));
}

// Most of it is spent on the sharpness, after all ramps.
TEST_F(RangeCommand, StopsSoonWhereItIsAskedTo) {
  testing::Program program(ETALON_BINARY, {"range", "--model", "mlp:64", "--restarts", "300",
                                           "--ramp-steps", "10", "--to", "0.1", "--from", "1e-3"});
  std::this_thread::sleep_for(std::chrono::seconds(3));
  program.signal(SIGINT);
  EXPECT_TRUE(program.ended_within(5.0));
  const auto stopped = program.wait();
  EXPECT_EQ(stopped.exit_code, 130);
  EXPECT_EQ(stopped.out, "");
  EXPECT_THAT(stopped.err, HasSubstr("stopped after"));
}

TEST_F(RangeCommand, RefusesWhatItCannotDo) {
  expect_error({"--from", "1", "--to", "0.1"}, "--to is 0.1");
  expect_error({"--ramp-steps", "5"}, "--ramp-steps is 5");
  expect_error({"--restarts", "0"}, "--restarts is 0");
  expect_error({"--stop-factor", "1"}, "--stop-factor is 1");
  expect_error({"--micro-batch", "64"}, "--micro-batch is 64");
  expect_error({"--ramp", "steep"}, "steep");
  expect_error(program({"--rates", "3"}, "echo loss 1"), "--rates is 3");
  expect_error(program({"--batch-size", "8", "--restarts", "1"}, "echo loss 1"), "{batch_size}");
  expect_error(program({}, "echo loss 1"), "{seed}");
  expect_error(program({"--restarts", "1"}, "exit 3"), "failed", 1);
}

// Sums round differently on other processors. Where that moves a rate of one of five restarts to
// the next of the ramp, a factor of 1.2, it moves their mean by 4% and an interval's ends by more.
constexpr testing::SampleTolerance kARateOfTheRamp = {0.08, 1.0};

class DocsOnRanges : public ::testing::Test {
 protected:
  // Of the samples of the page, which are one of a network and one of the example in PyTorch.
  testing::SampleStep sample(std::size_t place) const {
    const auto samples = testing::blocks(page_, "console");
    EXPECT_EQ(samples.size(), 2u);
    return testing::steps_of_sample(samples.at(place)).at(0);
  }
  void expect_to_print(const testing::SampleStep& shown) const {
    const std::string programs = (testing::kSource / "examples/programs").string();
    const auto result = testing::run_command(
        fmt::format("cd '{}' && cp '{}/ramp.py' . && PATH=/usr/bin:$PATH && etalon() {{ '{}' "
                    "\"$@\"; }} && {} 2>/dev/null",
                    directory_.path().string(), programs, ETALON_BINARY, shown.command));
    testing::expect_sample(result.output, shown.printed, kARateOfTheRamp, shown.command);
  }

  const std::string page_ = testing::read(testing::kSource / "docs" / "range.md");
  testing::TemporaryDirectory directory_;
};

TEST_F(DocsOnRanges, ShowWhatIsPrinted) { expect_to_print(sample(0)); }

TEST_F(DocsOnRanges, ShowWhatIsPrintedOfAProgramThatRaisesItsRate) {
  if (!testing::has_torch()) GTEST_SKIP() << "needs Debian's package python3-torch";
  expect_to_print(sample(1));
}

TEST_F(DocsOnRanges, NameEveryKey) {
  const auto as_json =
      testing::run_command("'" ETALON_BINARY "' range --model linear --restarts 1 --format json");
  const Json answer = Json::parse(as_json.output);
  for (const auto& [key, value] : answer.items()) {
    if (key.ends_with("_low") || key.ends_with("_high")) continue;
    EXPECT_NE(page_.find("`" + key + "`"), std::string::npos) << key;
  }
}

}  // namespace
}  // namespace etalon
