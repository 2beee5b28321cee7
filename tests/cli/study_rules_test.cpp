// The scaling rules of `etalon study`, from the command line to its files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "cli/study_command.hpp"

namespace etalon {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class StudyRules : public ::testing::Test {
 protected:
  ProgramResult study(const std::string& name, const Arguments& more) {
    return run_etalon(small_.study(name, small_.settings() + more));
  }
  nlohmann::json summary_of(const std::string& name, const Arguments& more) {
    const ProgramResult result = study(name, more + Arguments{"--format", "json", "--quiet"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out);
  }
  // The row of a rule at batch size 16, a quarter of the base.
  static nlohmann::json row_of(const nlohmann::json& summary, const std::string& rule) {
    for (const auto& row : summary["rules"]) {
      if (row["rule"] == rule && row["batch_size"] == 16) return row;
    }
    return nullptr;
  }
  void expect_refusal(const Arguments& more, const std::string& message) {
    const ProgramResult result = study("refused", more);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr(message));
    EXPECT_FALSE(std::filesystem::exists(small_.path("refused")));
  }

  SmallStudy small_;
};

// At κ = 1/4: β1' = 0.9^(1/4), β2' = 0.999^(1/4), ε' = 2ε, η' = η/2. The rule is the one that
// `etalon scale` recommends.
TEST_F(StudyRules, ComparesTheSquareRootAndTheSdeRuleOnAdam) {
  const auto summary = summary_of("adam", {"--optimizer", "adam", "--lr", "0.01"});
  const auto root = row_of(summary, "sqrt"), sde = row_of(summary, "sde-power");
  for (const auto& row : {root, sde}) {
    EXPECT_TRUE(row["verdict"] == "holds" || row["verdict"] == "fails" ||
                row["verdict"] == "cannot tell");
    EXPECT_GE(row["pairs"], 2);
    EXPECT_LE(row["pairs"], 4) << "twice --seeds";
    EXPECT_DOUBLE_EQ(row["lr"], summary["study"]["base_lr"].get<double>() / 2);
  }
  EXPECT_TRUE(root["moved"].empty());
  EXPECT_EQ(sde["moved"].size(), 3u);
  EXPECT_NEAR(sde["moved"]["beta1"], std::pow(0.9, 0.25), 1e-12);
  EXPECT_NEAR(sde["moved"]["beta2"], std::pow(0.999, 0.25), 1e-12);
  EXPECT_DOUBLE_EQ(sde["moved"]["eps"], 2e-8);
  EXPECT_NE(root["loss"], sde["loss"]);
}

TEST_F(StudyRules, ShowsWhatARuleMovesInEveryFile) {
  const ProgramResult result = study("adam", {"--optimizer", "adam", "--lr", "0.01", "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("sde-power also sets"), HasSubstr("the SDE rule with β^κ"),
                    HasSubstr("at B=16: beta1 0.974, beta2 0.99975, eps 2e-08")));
  const auto directory = small_.path("adam");
  EXPECT_THAT(read_text(directory / "trials.csv"), HasSubstr(",,0.9740037464252967,0.99974"));
  EXPECT_THAT(read_text(directory / "curves.csv"), HasSubstr(",,0.9740037464252967,0.99974"));
  EXPECT_THAT(read_text(directory / "report.html"), HasSubstr("\"moved\":{\"beta1\":0.974003746"));
  std::set<std::uint64_t> seeds;
  for (const TrialRecord& trial : read_study_file(directory / "study.db").trials) {
    if (trial.spec.moved.any()) {
      EXPECT_TRUE(seeds.insert(trial.spec.seed).second);
    }
  }
  const auto summary = nlohmann::json::parse(read_text(directory / "summary.json"));
  EXPECT_EQ(row_of(summary, "sde-power")["pairs"], seeds.size());
  EXPECT_GE(seeds.size(), 2u);
}

TEST_F(StudyRules, TakesANoiseScaleForTheRulesThatNeedIt) {
  const auto summary = summary_of("noise", {"--rules", "fixed,saturating", "--noise-scale", "100"});
  EXPECT_EQ(summary["study"]["noise_scale"], 100.0);
  const double base = summary["study"]["base_lr"];
  EXPECT_NEAR(row_of(summary, "saturating")["lr"], base * (1 + 100.0 / 64) / (1 + 100.0 / 16),
              1e-12);
  EXPECT_TRUE(row_of(summary, "saturating")["power"].is_null());
  EXPECT_EQ(row_of(summary, "fixed")["power"], 0.0);
}

TEST_F(StudyRules, MeasuresItsOwnNoiseScaleAndTestsTheRuleThatFollowsIt) {
  const auto summary = summary_of("measured", {"--measure-noise"});
  const double scale = summary["study"]["noise_scale"];
  EXPECT_GT(scale, 1.0);
  const double base = summary["study"]["base_lr"];
  EXPECT_NEAR(row_of(summary, "saturating")["lr"], base * (1 + scale / 64) / (1 + scale / 16),
              1e-9);
  EXPECT_EQ(row_of(summary, "linear")["power"], 1.0);
  expect_refusal({"--measure-noise", "--noise-scale", "9"},
                 "--measure-noise and --noise-scale are both given");
  expect_refusal({"--measure-noise", "--rules", "legw"}, "--rules has legw");
  expect_refusal({"--measure-noise", "--batch-sizes", "1000000"}, "1000000");
}

TEST_F(StudyRules, MeasuresWhatLimitsTheLearningRatesAndKeepsIt) {
  const auto summary = summary_of("limits", {"--measure-curvature"});
  const auto& limits = summary["limits"];
  std::set<std::int64_t> trained;
  for (const auto& point : limits["points"]) {
    trained.insert(point["batch_size"].get<std::int64_t>());
    EXPECT_GT(point["step"].get<std::int64_t>(), 0);
    EXPECT_NEAR(point["stable_lr"].get<double>() * point["sharpness"].get<double>(), 2.0, 1e-9);
  }
  EXPECT_EQ(trained, std::set<std::int64_t>({16, 64}));
  EXPECT_EQ(limits["points"].size(), 10u);
  EXPECT_EQ(limits["batch_sizes"].size(), 2u);
  EXPECT_EQ(limits["points"][0]["lr"], summary["optima"][0]["best_lr"]);
  const auto plain = summary_of("plain", {});
  EXPECT_EQ(plain["optima"], summary["optima"]);
  EXPECT_TRUE(plain["limits"].is_null());
  const auto again = run_etalon({"report", small_.path("limits").string(), "--format", "json"});
  EXPECT_EQ(nlohmann::json::parse(again.out)["limits"], limits);
  const auto resumed = run_etalon(small_.study(
      "limits", small_.settings() + Arguments{"--resume", "--format", "json", "--quiet"}));
  EXPECT_EQ(nlohmann::json::parse(resumed.out)["limits"], limits);
}

TEST_F(StudyRules, RefusesToMeasureLimitsOfWhatHasOthers) {
  expect_refusal({"--measure-curvature", "--optimizer", "adam"},
                 "--measure-curvature says nothing of adam");
  const auto result = run_etalon({"study", "--model", "quadratic:20", "--measure-curvature",
                                  "--steps", "50", "--out", small_.path("q").string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--measure-curvature is for networks"));
}

TEST_F(StudyRules, StartsWhereARangeTestPutsIt) {
  const auto summary = summary_of("ranged", {"--range-first"});
  const double center = summary["study"]["lr_center"];
  EXPECT_GT(center, 1e-3);
  EXPECT_LT(center, 10.0);
  EXPECT_NE(center, 0.1);
  expect_refusal({"--range-first", "--lr", "0.1"}, "--lr");
}

TEST_F(StudyRules, MovesAWeightDecayAndAnAverageWithTheBatchSize) {
  const auto summary =
      summary_of("decay", {"--optimizer", "adamw", "--lr", "0.01", "--weight-decay", "0.1", "--ema",
                           "0.9", "--clip-norm", "5", "--rules", "fixed,sqrt,time-scale"});
  EXPECT_TRUE(row_of(summary, "fixed")["moved"].empty());
  EXPECT_DOUBLE_EQ(row_of(summary, "sqrt")["moved"]["weight_decay"], 0.1 / 2);
  EXPECT_DOUBLE_EQ(row_of(summary, "time-scale")["moved"]["weight_decay"], 0.1 / 4);
  EXPECT_NEAR(row_of(summary, "time-scale")["moved"]["ema"], std::pow(0.9, 0.25), 1e-12);
  EXPECT_EQ(summary["study"]["settings"]["clip_norm"], "5");
  EXPECT_EQ(summary["study"]["settings"]["ema"], "0.9");
}

TEST_F(StudyRules, AreRefusedWhereTheyDoNotFitWithTheNamesOfThoseThatDo) {
  expect_refusal({"--rules", "fixed,sde"},
                 "--rules has sde, but it moves beta2, which this recipe has not, for sgd use "
                 "fixed, linear, sqrt; with --noise-scale also saturating, rise-and-fall");
  expect_refusal({"--rules", "legw"}, "--rules has legw");
  expect_refusal({"--rules", "adascale", "--noise-scale", "9"}, "a study holds the budget fixed");
  expect_refusal({"--noise-scale", "-1"}, "--noise-scale is -1");
  expect_refusal({"--optimizer", "adam", "--rules", "sde", "--schedule", "one-cycle"},
                 "--schedule one-cycle moves the momentum while it trains");
}

TEST_F(StudyRules, LeaveOutTheSdeRuleWhereTheScheduleMovesItsBeta) {
  const ProgramResult result =
      study("o", {"--optimizer", "adam", "--lr", "0.01", "--schedule", "one-cycle"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("etalon: rule sde-power is left out: it moves beta1"));
  EXPECT_THAT(result.out, Not(HasSubstr("sde")));
}

// The usual rules of another version may be others.
TEST_F(StudyRules, AreThoseOfTheStudyThatGoesOnUnlessOthersAreNamed) {
  const Arguments adam = {"--optimizer", "adam", "--lr", "0.01", "--quiet"};
  ASSERT_EQ(study("o", adam + Arguments{"--rules", "fixed,sde"}).exit_code, 0);
  const auto summary = summary_of("o", {"--optimizer", "adam", "--lr", "0.01", "--resume"});
  EXPECT_NEAR(row_of(summary, "sde")["moved"]["beta1"], 1 - 0.1 / 4, 1e-12);
  EXPECT_TRUE(row_of(summary, "sqrt").is_null());
  EXPECT_THAT(summary["conclusion"].get<std::string>(), HasSubstr("the SDE rule "));
  const ProgramResult other = study("o", adam + Arguments{"--rules", "fixed", "--resume"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--rules was \"fixed,sde\" and is now \"fixed\""));
}

// A milestone in steps lies at 2560 examples of B=16 and 10240 of B=64; the budget is 4000.
TEST_F(StudyRules, AreToldWithWhatOfTheScheduleComesAfterTheEnd) {
  const Arguments late = {"--schedule", "step", "--milestone-steps", "50,160", "--rules", "fixed"};
  const ProgramResult result = study("o", late);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("etalon: at batch size 64 the milestone at 160 steps comes "
                                    "after the end of the training, at 62\n"));
  EXPECT_THAT(result.err, Not(HasSubstr("milestone at 50")));
  const ProgramResult both = study("p", {"--schedule", "step", "--milestone-steps", "300"});
  EXPECT_THAT(both.err, HasSubstr("etalon: at batch size 16 the milestone at 300 steps comes "
                                  "after the end of the training, at 250; likewise at 64\n"));
}

TEST_F(StudyRules, GoOnOnlyWithTheSameNoiseScale) {
  const Arguments rules = {"--rules", "saturating", "--noise-scale"};
  ASSERT_EQ(study("o", rules + Arguments{"100", "--quiet"}).exit_code, 0);
  const ProgramResult other = study("o", rules + Arguments{"200", "--resume"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("--noise-scale was \"100\" and is now \"200\""));
  EXPECT_EQ(study("o", rules + Arguments{"100", "--resume"}).exit_code, 0);
}

}  // namespace
}  // namespace etalon
