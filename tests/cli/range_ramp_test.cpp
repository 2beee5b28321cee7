// `etalon range` on programs whose learning rate rises while they run, in real processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/docs_samples.hpp"
#include "support/program.hpp"
#include "support/temporary_directory.hpp"
#include "support/torch.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using Arguments = std::vector<std::string>;
using Json = nlohmann::json;

// 2 − 1/(1 + (0.01/η)²), beyond 0.3 more: a tenth of the fall is at 0.01/3, half of it at 0.01.
constexpr const char* kKnownLoss =
    "l = 2 - 1 / (1 + (0.01 / lr)^2); if (lr > 0.3) l += 3 * (lr - 0.3); ";

// Its rate from $1 to $2 by equal factors in $3 steps; of each, `body` prints what it does.
std::string ramp_script(const std::string& body) {
  return std::string(
             "awk -v a=$1 -v b=$2 -v n=$3 -v out=$4 'BEGIN {{ for (i = 0; i < n; i++) {{ "
             "lr = a * (b / a)^(i / (n - 1)); ") +
         kKnownLoss + body + " }} }}'";
}

const std::string kPrintsBoth = ramp_script("print \"step \" i \" lr \" lr \" loss \" l");

class RangeOfARamp : public ::testing::Test {
 protected:
  std::string runs() const { return (directory_.path() / "runs").string(); }
  Arguments arguments(const Arguments& flags, const Arguments& command) const {
    Arguments all = {"range", "--quiet", "--out", runs(), "--metric", metric_};
    all.insert(all.end(), flags.begin(), flags.end());
    all.emplace_back("--");
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }
  static Arguments script(const std::string& text) {
    return {"sh", "-c", text, "script", "{lr_min}", "{lr_max}", "{steps}", "{out}"};
  }
  testing::ProgramResult run(const Arguments& flags, const Arguments& command) const {
    return testing::run_program(ETALON_BINARY, arguments(flags, command));
  }
  Json answer(Arguments flags, const Arguments& command) const {
    flags.insert(flags.end(), {"--format", "json", "--from", "1e-4", "--to", "1"});
    const auto result = run(flags, command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return Json::parse(result.out, nullptr, false);
  }
  void expect_refusal(const Arguments& flags, const Arguments& command, const char* said) const {
    const auto result = run(flags, command);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(said));
  }
  std::size_t processes() const {
    std::size_t count = 0;
    for (const auto& call : std::filesystem::directory_iterator(runs())) {
      for (const auto& each : std::filesystem::directory_iterator(call)) {
        count += each.is_directory();
      }
    }
    return count;
  }
  static void expect_known_answer(const Json& answer, double within) {
    EXPECT_FALSE(answer.at("one_run_each"));
    EXPECT_NEAR(std::log(answer.at("falls_from").get<double>() / 0.00333), 0.0, within);
    EXPECT_NEAR(std::log(answer.at("falls_fastest").get<double>() / 0.01), 0.0, within);
    EXPECT_NEAR(std::log(answer.at("stable_to").get<double>() / 0.33), 0.0, within);
  }

  std::string metric_ = "loss";
  const Arguments one_ = {"--restarts", "1"};
  testing::TemporaryDirectory directory_;
};

TEST_F(RangeOfARamp, IsReadFromWhatOneRunPrints) {
  const Json said = answer(one_, script(kPrintsBoth));
  expect_known_answer(said, 0.25);
  EXPECT_EQ(processes(), 1U);
  ASSERT_EQ(said.at("curves").size(), 1U);
  EXPECT_EQ(said.at("curves").at(0).at("lrs").size(), 100U);
  EXPECT_EQ(said.at("suggestions").size(), 4U);
}

TEST_F(RangeOfARamp, TakesARunForEachRestart) {
  Arguments command = script(kPrintsBoth + " # {seed}");
  const Json said = answer({"--restarts", "3", "--steps", "60"}, command);
  EXPECT_EQ(processes(), 3U);
  EXPECT_EQ(said.at("restarts"), 3);
  EXPECT_EQ(said.at("curves").at(2).at("lrs").size(), 60U);
  EXPECT_LT(said.at("stable_to_low").get<double>(), 0.33);
  EXPECT_GT(said.at("stable_to_high").get<double>(), 0.33);
}

// Every fifth of 500 steps, rate and loss in rows of their own, which one step joins.
TEST_F(RangeOfARamp, IsReadFromATableInOut) {
  const std::string table = ramp_script(
      "if (i == 0) print \"step,loss,lr\" > (out \"/log.csv\"); if (i % 5 == 0) {{ "
      "print i \",,\" lr > (out \"/log.csv\"); print i \",\" l \",\" > (out \"/log.csv\") }}");
  const Json said = answer({"--restarts", "1", "--steps", "500"}, script(table));
  expect_known_answer(said, 0.25);
  EXPECT_EQ(said.at("curves").at(0).at("lrs").size(), 100U);
}

TEST_F(RangeOfARamp, IsReadFromAnEventFile) {
  metric_ = "train/loss";
  const Arguments command = {"/usr/bin/python3",
                             testing::kSource / "tests/cli/programs/ramp_events.py",
                             "{out}",
                             "{lr_min}",
                             "{lr_max}",
                             "{steps}"};
  expect_known_answer(answer(one_, command), 0.25);
}

TEST_F(RangeOfARamp, EndsWhereTheLossIsNotFinite) {
  const std::string lost = ramp_script("print \"lr\", lr, \"loss\", (lr > 0.2 ? \"nan\" : l)");
  const Json said = answer(one_, script(lost));
  EXPECT_TRUE(said.at("curves").at(0).at("blew_up"));
  EXPECT_NEAR(std::log(said.at("stable_to").get<double>() / 0.2), 0.0, 0.1);
  EXPECT_EQ(said.at("stay_stable"), 0);
  const auto never = run(one_, script(ramp_script("print \"lr\", lr, \"loss nan\"")));
  EXPECT_EQ(never.exit_code, 0) << never.err;
  EXPECT_THAT(never.out, HasSubstr("diverges from η = 1e-05 on"));
}

TEST_F(RangeOfARamp, SaysHowFarARampRoseThatStoppedEarly) {
  const std::string early = ramp_script("print \"lr\", lr, \"loss\", l; if (lr > 0.1) exit");
  const auto result = run({"--restarts", "1", "--from", "1e-4"}, script(early));
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("not yet at 0.107 in 1 of 1 restarts"));
}

TEST_F(RangeOfARamp, RefusesALogThatIsNoRamp) {
  expect_refusal(one_, script(ramp_script("print \"step\", i, \"loss\", l")),
                 "gave 'loss' without a learning rate; the names that it gave: loss, step");
  expect_refusal(one_, script(ramp_script("print \"step\", i, \"loss\", l")),
                 "step 12 lr 0.0034 loss 1.234");
  expect_refusal({"--restarts", "1", "--lr-name", "speed"}, script(kPrintsBoth),
                 "gave 'loss' without 'speed'");
  expect_refusal({"--restarts", "1", "--steps", "9"}, script(kPrintsBoth), "--steps is 9");
  expect_refusal(one_, script(ramp_script("if (i % 20 == 0) print \"lr\", lr, \"loss\", l")),
                 "at 5 steps, and ten are the least");
  expect_refusal(one_, script(ramp_script("print \"lr\", 0.1, \"loss\", l")),
                 "gave one learning rate and a loss at 1 step");
  expect_refusal(one_, script(ramp_script("print \"lr\", b / (1 + i), \"loss\", l")),
                 "falls, from 1 to 0.5");
  expect_refusal(one_, script(ramp_script("print \"lr\", 10 * lr, \"loss\", l")),
                 "has learning rates from 0.0001 to 10, and was told 1e-05 to 1");
  expect_refusal(one_, script(ramp_script("if (i > 30) print \"lr\", lr, \"loss\", l")),
                 "has learning rates from 0.0003678 on, and was told to begin at 1e-05");
}

TEST_F(RangeOfARamp, RefusesACommandThatContradictsItself) {
  const Arguments both = {"sh", "-c", "exit 0", "script", "{lr}", "{lr_min}", "{lr_max}"};
  expect_refusal(one_, both, "has {lr} beside");
  expect_refusal(one_, {"sh", "-c", "exit 0", "script", "{lr_min}"}, "has no {lr_max}");
  expect_refusal({"--restarts", "1", "--rates", "20"}, script(kPrintsBoth), "--rates is given");
  expect_refusal({"--restarts", "1", "--lr-name", "x"}, {"sh", "-c", "exit 0", "script", "{lr}"},
                 "--lr-name is given");
  expect_refusal({"--restarts", "1", "--mode", "max"}, script(kPrintsBoth), "greater it is");
  expect_refusal({"--from", "1", "--to", "0.1"}, script(kPrintsBoth), "--to is 0.1");
  expect_refusal({}, script(kPrintsBoth), "{seed}");
  const auto study = testing::run_program(
      ETALON_BINARY, {"study", "--out", runs(), "--metric", "loss", "--batch-sizes", "8,16", "--",
                      "sh", "-c", "exit 0", "{lr_min}", "{batch_size}"});
  EXPECT_EQ(study.exit_code, 2);
  EXPECT_THAT(study.err, HasSubstr("there is no placeholder {lr_min}"));
}

// docs/range.md sends people there.
TEST_F(RangeOfARamp, IsReadFromTheExampleInPyTorch) {
  if (!testing::has_torch()) GTEST_SKIP() << "needs Debian's package python3-torch";
  const Arguments command = {"/usr/bin/python3", testing::kSource / "examples/programs/ramp.py",
                             "--lr-min",         "{lr_min}",
                             "--lr-max",         "{lr_max}",
                             "--steps",          "{steps}",
                             "--seed",           "{seed}"};
  const auto result = run({"--restarts", "2", "--from", "1e-3", "--to", "10"}, command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Learning rates from "));
  EXPECT_THAT(result.out, HasSubstr("hardly falls within 100 steps"));
}

TEST_F(RangeOfARamp, SaysHowARunFailed) {
  const auto result = run(one_, script("exit 3"));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("the run with seed 1 failed: exit code 3"));
}

}  // namespace
}  // namespace etalon
