// Studies whose rules move more than the learning rate, on a workload where its worth is known.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "study/planner.hpp"
#include "study/study_fixture.hpp"
#include "support/recipe_workload.hpp"

namespace etalon {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

StudyOptions adam_options() {
  StudyOptions options;
  options.batch_sizes = {32, 128, 512};
  options.lr_center = 0.001;
  options.jobs = 1;
  options.recipe = RecipeWorkload::recipe();
  options.rules = {"fixed", "sqrt", "linear", "sde"};
  return options;
}

const RuleOutcome& outcome_of(const StudyResult& result, const std::string& rule,
                              std::int64_t batch_size) {
  return *std::find_if(result.rules.begin(), result.rules.end(), [&](const RuleOutcome& outcome) {
    return outcome.rule == rule && outcome.batch_size == batch_size;
  });
}

bool moves_more(const TrialRecord& trial) { return trial.spec.moved.any(); }

// Two seeds at least, and no seed left out.
TEST(RecipeStudy, RunsExactlyWhatScaleSaysWithTheFirstSeeds) {
  const auto result = run(RecipeWorkload(), adam_options());
  for (const std::int64_t batch_size : {128, 512}) {
    Recipe base = RecipeWorkload::recipe();
    base.batch = {32, 1, 1};
    base.lr = result.base_lr;
    const Recipe scaled = scale(base, {batch_size, 1, 1}, "sde").recipe;
    std::set<std::uint64_t> seeds;
    for (const TrialRecord& trial : result.trials) {
      if (trial.spec.batch_size != batch_size || !trial.spec.moved.any()) continue;
      EXPECT_EQ(trial.stage, Stage::rules);
      EXPECT_DOUBLE_EQ(trial.spec.lr, scaled.lr);
      EXPECT_EQ(trial.spec.moved.beta1, scaled.beta1);
      EXPECT_EQ(trial.spec.moved.beta2, scaled.beta2);
      EXPECT_EQ(trial.spec.moved.eps, scaled.eps);
      EXPECT_TRUE(seeds.insert(trial.spec.seed).second);
    }
    EXPECT_GE(seeds.size(), 2u);
    EXPECT_EQ(*seeds.begin(), 1u);
    EXPECT_EQ(*seeds.rbegin(), seeds.size());
  }
}

// At B = 128 the SDE rule keeps the length of the first moment, which is worth 0.03 ln²(4).
TEST(RecipeStudy, FindsThatAMovedBetaBeatsEveryLearningRateWithoutIt) {
  const auto result = run(RecipeWorkload(), adam_options());
  const Regret& regret = outcome_of(result, "sde", 128).regret;
  const double worth = RecipeWorkload::kWorth * std::pow(std::log(4.0), 2);
  EXPECT_LE(*regret.regret_low, -worth);
  EXPECT_GE(*regret.regret_high, -worth);
  EXPECT_NEAR(*regret.regret, -worth, 0.005);
  EXPECT_EQ(regret.verdict, Verdict::holds);
  EXPECT_THAT(regret.explanation, HasSubstr("better than every learning rate"));
  EXPECT_GE(*outcome_of(result, "sqrt", 128).regret.regret_low, 0.0);
  EXPECT_THAT(result.conclusion, HasSubstr("the SDE rule holds from 128 to 512 (its whole recipe "
                                           "beats every learning rate at 512, by 0.2"));
}

TEST(RecipeStudy, RecommendsTheWholeRecipeWhereItIsBetter) {
  const auto result = run(RecipeWorkload(), adam_options());
  EXPECT_EQ(result.recommendations[0].rule, "");
  const Recommendation& at_128 = result.recommendations[1];
  EXPECT_EQ(at_128.rule, "sde");
  EXPECT_DOUBLE_EQ(at_128.lr, 0.002);
  EXPECT_NEAR(at_128.moved.beta1.value(), 0.6, 1e-12);
  EXPECT_FALSE(at_128.lr_low || at_128.lr_high);
  EXPECT_THAT(at_128.reason, HasSubstr("the recipe of sde"));
}

TEST(RecipeStudy, LetsWhatElseIsMovedIntoNoOptimumAndNoExponent) {
  StudyOptions options = adam_options();
  const auto with = run(RecipeWorkload(), options);
  options.rules = {"fixed", "sqrt", "linear"};
  const auto without = run(RecipeWorkload(), options);
  ASSERT_EQ(with.optima.size(), without.optima.size());
  for (std::size_t i = 0; i < with.optima.size(); ++i) {
    EXPECT_EQ(with.optima[i].lr, without.optima[i].lr);
    EXPECT_EQ(with.optima[i].lr_low, without.optima[i].lr_low);
    EXPECT_EQ(with.optima[i].observations, without.optima[i].observations);
  }
  EXPECT_EQ(with.exponent->exponent, without.exponent->exponent);
  EXPECT_EQ(with.trials.size() - without.trials.size(),
            std::count_if(with.trials.begin(), with.trials.end(), moves_more));
}

TEST(RecipeStudy, SaysWhereAStandInWasRun) {
  const auto result = run(RecipeWorkload(), adam_options());
  EXPECT_THAT(outcome_of(result, "sde", 128).stand_ins, IsEmpty());
  EXPECT_THAT(outcome_of(result, "sde", 512).stand_ins,
              ::testing::ElementsAre(HasSubstr("beta1 is beta1^κ")));
}

TEST(RecipeStudy, RunsADivergedRecipeOnceAndCallsItFailed) {
  RecipeWorkload workload;
  workload.diverges_below = 0.3;
  const auto result = run(workload, adam_options());
  const auto runs = std::count_if(
      result.trials.begin(), result.trials.end(),
      [](const TrialRecord& t) { return t.spec.batch_size == 512 && t.spec.moved.any(); });
  EXPECT_EQ(runs, 1);
  const Regret& regret = outcome_of(result, "sde", 512).regret;
  EXPECT_EQ(regret.verdict, Verdict::fails);
  EXPECT_FALSE(regret.regret);
}

TEST(RecipeStudy, GoesOnWhereverItStoppedWithTheSameTrials) {
  class Stopping : public RecipeWorkload {
   public:
    Stopping(int allowed, StopFlag& stop) : allowed_(allowed), stop_(stop) {}
    TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
      if (runs() < allowed_) return RecipeWorkload::run(spec, monitor);
      stop_.request();
      return result_in(TrialState::interrupted);
    }

   private:
    int allowed_;
    StopFlag& stop_;
  };
  const StudyOptions options = adam_options();
  const auto whole = run(RecipeWorkload(), options);
  for (int allowed = 0; allowed < static_cast<int>(whole.trials.size()); allowed += 3) {
    MemoryStore store;
    StopFlag stop;
    StudyObserver observer;
    ASSERT_TRUE(run_study(Stopping(allowed, stop), options, store, observer, stop).interrupted);
    const RecipeWorkload rest;
    EXPECT_EQ(essence(run(rest, options, store).trials), essence(whole.trials));
    EXPECT_EQ(rest.runs(), static_cast<int>(whole.trials.size()) - allowed);
  }
}

TEST(RecipeStudy, PlansTheSameWhateverTheOrderOfResults) {
  const StudyOptions options = adam_options();
  const auto result = run(RecipeWorkload(), options);
  for (std::int64_t round = 1; round <= result.trials.back().round; ++round) {
    std::vector<TrialRecord> before;
    for (const TrialRecord& trial : result.trials) {
      if (trial.round < round) before.push_back(trial);
    }
    const auto specs = [&] {
      std::vector<TrialSpec> all;
      for (const PlannedTrial& planned : plan_round(options, before)) all.push_back(planned.spec);
      return all;
    };
    const auto forward = specs();
    std::reverse(before.begin(), before.end());
    EXPECT_EQ(forward, specs());
  }
}

TEST(RecipeStudy, TestsRulesAloneThatAllMoveMore) {
  StudyOptions options = adam_options();
  options.rules = {"sde"};
  const auto result = run(RecipeWorkload(), options);
  EXPECT_EQ(result.optima.size(), 3u);
  EXPECT_EQ(outcome_of(result, "sde", 128).regret.verdict, Verdict::holds);
}

}  // namespace
}  // namespace etalon
