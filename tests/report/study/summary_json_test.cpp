#include <gmock/gmock.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "etalon/report.hpp"
#include "study/generalization.hpp"
#include "study/limits_text.hpp"
#include "study/outcome.hpp"
#include "support/measured_limits.hpp"
#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

using nlohmann::json;

json summary_of(const StudyResult& result) {
  std::ostringstream out;
  SummaryJsonReporter().report(result, Provenance{}, out);
  return json::parse(out.str());
}

TEST(SummaryJson, HasOneOptimumAndOneRecommendationForEveryBatchSize) {
  const StudyResult result = testing::synthetic_study();
  const json summary = summary_of(result);
  ASSERT_EQ(summary["optima"].size(), result.options.batch_sizes.size());
  ASSERT_EQ(summary["recommendations"].size(), result.options.batch_sizes.size());
  for (std::size_t i = 0; i < result.options.batch_sizes.size(); ++i) {
    EXPECT_EQ(summary["optima"][i]["batch_size"], result.options.batch_sizes[i]);
    EXPECT_EQ(summary["recommendations"][i]["batch_size"], result.options.batch_sizes[i]);
  }
}

TEST(SummaryJson, GivesNumbersThatReadBackAsTheSameDouble) {
  const StudyResult result = testing::synthetic_study();
  const json summary = summary_of(result);
  EXPECT_EQ(summary["optima"][3]["lr"].get<double>(), result.optima[3].lr);
  EXPECT_EQ(summary["optima"][3]["loss"].get<double>(), result.optima[3].loss);
  EXPECT_EQ(summary["optima"][3]["fitted_loss"].get<double>(), result.optima[3].fitted_loss);
  EXPECT_EQ(summary["rules"][5]["regret_low"].get<double>(), *result.rules[5].regret.regret_low);
}

TEST(SummaryJson, SaysOnWhichSideAnOptimumIsCensoredAndNullForNone) {
  const json optima = summary_of(testing::synthetic_study())["optima"];
  EXPECT_TRUE(optima.front()["censored"].is_null());
  EXPECT_EQ(optima.back()["censored"], "above");
  EXPECT_TRUE(optima.back()["lr_high"].is_null());
}

TEST(SummaryJson, SaysHoldsAsTrueFalseOrNull) {
  StudyResult result;
  for (const Verdict verdict : {Verdict::holds, Verdict::fails, Verdict::cannot_tell}) {
    RuleOutcome outcome{"linear", 64, {}};
    outcome.regret.verdict = verdict;
    result.rules.push_back(outcome);
  }
  const json rules = summary_of(result)["rules"];
  EXPECT_EQ(rules[0]["holds"], true);
  EXPECT_EQ(rules[1]["holds"], false);
  EXPECT_TRUE(rules[2]["holds"].is_null());
  EXPECT_EQ(rules[2]["verdict"], "cannot tell");
}

TEST(SummaryJson, GivesWhatARuleMovesByName) {
  const json summary = summary_of(testing::synthetic_recipe_study());
  for (const json& row : summary["rules"]) {
    const bool moves = row["rule"] == "sde" && row["batch_size"] != 32;
    EXPECT_EQ(row["moved"].size(), moves ? 1u : 0u);
    EXPECT_EQ(row["regret_high"].is_number() && row["regret_high"] < 0.0, moves);
  }
  EXPECT_EQ(summary["recommendations"][4]["rule"], "sde");
  EXPECT_NEAR(summary["recommendations"][4]["moved"]["beta1"], 0.6, 1e-12);
  EXPECT_TRUE(summary["recommendations"][2]["rule"].is_null());
}

TEST(SummaryJson, CountsTrialsByHowTheyEnded) {
  const StudyResult result = testing::synthetic_study();
  std::size_t diverged = 0;
  for (const TrialRecord& trial : result.trials) diverged += !trial.result.objective;
  const json summary = summary_of(result);
  EXPECT_EQ(summary["trials"], result.trials.size());
  EXPECT_EQ(summary["trials_diverged"], diverged);
  EXPECT_EQ(summary["grid_trials"], grid_trials(result));
  EXPECT_GT(diverged, 0u);
}

TEST(SummaryJson, WritesWhatIsNotFiniteAsNull) {
  StudyResult result;
  result.base_lr = std::numeric_limits<double>::quiet_NaN();
  result.wall_seconds = std::numeric_limits<double>::infinity();
  const json summary = summary_of(result);
  EXPECT_TRUE(summary["study"]["base_lr"].is_null());
  EXPECT_TRUE(summary["wall_seconds"].is_null());
}

TEST(SummaryJson, ReplacesBytesThatAreNotUtf8) {
  StudyResult result;
  result.workload.name = "bad \xff byte";
  EXPECT_EQ(summary_of(result)["study"]["name"], "bad \xEF\xBF\xBD byte");
}

StudyResult study_with_gaps() {
  StudyResult result = testing::synthetic_recipe_study();
  result.generalization = generalization_of(result);
  return result;
}

TEST(SummaryJson, HasTheGapOfEveryBatchSizeAndItsTrend) {
  const StudyResult result = study_with_gaps();
  const json found = summary_of(result)["generalization"];
  ASSERT_EQ(found["gaps"].size(), result.options.batch_sizes.size());
  EXPECT_EQ(found["gaps"][0]["batch_size"], 8);
  EXPECT_EQ(found["gaps"][0]["gap"].get<double>(), result.generalization->gaps[0].gap);
  EXPECT_EQ(found["slope"].get<double>(), *result.generalization->slope);
  EXPECT_EQ(found["trend"], "shrinks");
  EXPECT_EQ(found["explanation"], result.generalization->explanation);
  EXPECT_TRUE(summary_of(StudyResult{})["generalization"].is_null());
}

TEST(SummaryJson, HasWhatLimitsTheLearningRates) {
  StudyResult result = testing::synthetic_study();
  EXPECT_TRUE(summary_of(result)["limits"].is_null());
  result.limits = testing::synthetic_limits();
  const json limits = summary_of(result)["limits"];
  EXPECT_EQ(limits["explanation"], limits_text(result));
  EXPECT_EQ(limits["batch_sizes"].size(), result.optima.size());
  EXPECT_EQ(limits["batch_sizes"].back()["stable_lr"]["high"].get<double>(), 1.0);
  EXPECT_EQ(limits["breaks"].size(), rule_breaks(result).size());
  ASSERT_EQ(limits["points"].size(), 4u);
  EXPECT_EQ(limits["points"][3]["stable_lr"].get<double>(), 1.0);
  EXPECT_TRUE(limits["points"][3]["noise_scale"].is_null());
}

void expect_documented(const json& value, const std::string& document) {
  if (!value.is_structured()) return;
  for (const auto& [key, child] : value.items()) {
    if (value.is_object()) {
      EXPECT_THAT(document, ::testing::HasSubstr("`" + key + "`"));
    }
    // The keys of the settings are the workload's.
    if (key != "settings") expect_documented(child, document);
  }
}

TEST(SummaryJson, HasNoKeyThatItsDocumentLeavesOut) {
  std::ifstream file(ETALON_SUMMARY_DOCUMENT);
  ASSERT_TRUE(file);
  std::ostringstream document;
  document << file.rdbuf();
  StudyResult result = study_with_gaps();
  result.limits = testing::synthetic_limits();
  expect_documented(summary_of(result), document.str());
  result.workload.settings.emplace_back("target_loss", "0.5");
  result.hardware.cost_per_hour = 2.0;
  expect_documented(summary_of(result), document.str());
}

TEST(SummaryJson, HasNullWhereThereIsNoExponent) {
  EXPECT_TRUE(summary_of(StudyResult{})["exponent"].is_null());
}

}  // namespace
}  // namespace etalon
