#include "study/rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "study/trial_text.hpp"
#include "support/recipe_workload.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecipeWorkload;

StudyOptions adam() {
  StudyOptions options;
  options.lr_center = 0.001;
  options.recipe = RecipeWorkload::recipe();
  return options;
}

std::string refusal(const StudyOptions& options, const std::string& rule) {
  try {
    check_rule(options, rule);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(ApplyRule, GivesThePowersOfTheRatioOfBatchSizesOnTheGrid) {
  const StudyOptions options;
  EXPECT_EQ(apply_rule(options, "fixed", 512, 0.1).lr, 0.1);
  EXPECT_EQ(apply_rule(options, "sqrt", 512, 0.1).lr, 0.4);
  EXPECT_EQ(apply_rule(options, "linear", 512, 0.1).lr, 1.6);
  EXPECT_DOUBLE_EQ(apply_rule(options, "linear", 96, 0.1).lr, 0.1 * 3.0);
  EXPECT_FALSE(apply_rule(options, "linear", 512, 0.1).moved.any());
}

// By hand, at κ = 4: √κ = 2, β1' = 1 − 4·0.1, β2' = 1 − 4·0.001, ε' = ε/2.
TEST(ApplyRule, MovesTheWholeRecipeOfTheSdeRule) {
  const RuleRecipe recipe = apply_rule(adam(), "sde", 128, 0.001);
  EXPECT_EQ(recipe.lr, 0.002);
  EXPECT_NEAR(recipe.moved.beta1.value(), 0.6, 1e-15);
  EXPECT_NEAR(recipe.moved.beta2.value(), 0.996, 1e-15);
  EXPECT_NEAR(recipe.moved.eps.value(), 0.5e-8, 1e-23);
  EXPECT_FALSE(recipe.moved.momentum || recipe.moved.weight_decay || recipe.moved.ema);
  EXPECT_THAT(recipe.stand_ins, IsEmpty());
  EXPECT_EQ(describe(recipe.moved), "beta1 0.6, beta2 0.996, eps 5e-09");
  EXPECT_EQ(describe({.beta1 = 0.975, .beta2 = 0.99975, .weight_decay = 0.0123456}),
            "beta1 0.975, beta2 0.99975, weight_decay 0.0123");
}

TEST(ApplyRule, MovesNothingAtTheBaseBatchSize) {
  for (const RuleInfo& rule : scaling_rules()) {
    if (!rule_obstacle(adam(), rule.name).empty()) continue;
    const RuleRecipe recipe = apply_rule(adam(), rule.name, 32, 0.001);
    EXPECT_EQ(recipe.lr, 0.001) << rule.name;
    EXPECT_FALSE(recipe.moved.any()) << rule.name;
  }
}

// κ = 16 is past 1/(1 − 0.9) = 10, but not past 1/(1 − 0.999).
TEST(ApplyRule, SaysWhereAStandInTakesThePlaceOfABeta) {
  const RuleRecipe recipe = apply_rule(adam(), "sde", 512, 0.001);
  EXPECT_NEAR(recipe.moved.beta1.value(), std::pow(0.9, 16), 1e-15);
  EXPECT_NEAR(recipe.moved.beta2.value(), 1 - 16 * 0.001, 1e-15);
  EXPECT_THAT(recipe.stand_ins, ElementsAre(HasSubstr("beta1 is beta1^κ")));
}

TEST(ApplyRule, MovesTheDecayAndTheAverageOfARecipeThatHasThem) {
  StudyOptions options = adam();
  options.recipe.optimizer = OptimizerFamily::adamw;
  options.recipe.weight_decay = 0.1;
  options.recipe.ema = 0.99;
  const MovedSettings moved = apply_rule(options, "time-scale", 128, 0.001).moved;
  EXPECT_DOUBLE_EQ(moved.weight_decay.value(), 0.4);
  EXPECT_DOUBLE_EQ(moved.ema.value(), std::pow(0.99, 4));
  EXPECT_FALSE(moves_lr_alone(options, "sqrt"));
  EXPECT_TRUE(moves_lr_alone(options, "fixed"));
  EXPECT_TRUE(moves_lr_alone(adam(), "sqrt"));
}

TEST(LrPower, IsKnownWhereTheRuleIsAPower) {
  StudyOptions options = adam();
  options.noise_scale = 500;
  EXPECT_EQ(lr_power(options, "fixed"), 0.0);
  EXPECT_EQ(lr_power(options, "sde"), 0.5);
  EXPECT_EQ(lr_power(options, "linear"), 1.0);
  EXPECT_EQ(lr_power(options, "saturating"), std::nullopt);
}

TEST(DefaultRules, AreThoseOfTheOptimizer) {
  const auto defaults = [](OptimizerFamily optimizer) {
    Recipe recipe;
    recipe.optimizer = optimizer;
    fill_defaults(recipe);
    return default_rules(recipe);
  };
  for (const auto plain :
       {OptimizerFamily::sgd, OptimizerFamily::momentum, OptimizerFamily::nesterov,
        OptimizerFamily::lars, OptimizerFamily::lamb, OptimizerFamily::lion,
        OptimizerFamily::adafactor, OptimizerFamily::muon}) {
    EXPECT_THAT(defaults(plain), ElementsAre("fixed", "sqrt", "linear"));
  }
  for (const auto adaptive :
       {OptimizerFamily::adam, OptimizerFamily::adamw, OptimizerFamily::rmsprop}) {
    EXPECT_THAT(defaults(adaptive), ElementsAre("fixed", "sqrt", "linear", "sde-power"));
  }
}

TEST(CheckRule, RefusesWhatDoesNotFitTheOptimizerAndNamesWhatDoes) {
  EXPECT_EQ(refusal(adam(), "sde"), "");
  EXPECT_THAT(refusal({}, "sde"),
              AllOf(HasSubstr("rules has sde, but it moves beta2, which this recipe has not"),
                    HasSubstr("for sgd use fixed, linear, sqrt; with noise_scale also "
                              "saturating, rise-and-fall")));
  EXPECT_THAT(refusal(adam(), "time-scale"),
              AllOf(HasSubstr("rules has time-scale, but it moves AdamW's decoupled weight decay"),
                    HasSubstr("for adam use fixed, linear, sqrt, sde, sde-power, half-life")));
  EXPECT_THAT(refusal(adam(), "rise-and-fall"), HasSubstr("noise_scale"));
  EXPECT_THAT(refusal(adam(), "cube"), HasSubstr("'cube', which is no rule"));
}

TEST(CheckRule, RefusesRulesThatMoveWhatAStudyHoldsFixed) {
  StudyOptions options;
  options.noise_scale = 500;
  EXPECT_THAT(refusal(options, "adascale"), HasSubstr("a study holds the budget fixed"));
  EXPECT_THAT(refusal(options, "legw"), HasSubstr("give one in steps (warmup_steps)"));
  options.recipe.schedule.warmup = Duration{0.1, DurationUnit::epochs};
  EXPECT_THAT(refusal(options, "legw"), HasSubstr("give that in steps (warmup_steps)"));
  options.recipe.schedule.warmup = Duration{100, DurationUnit::steps};
  EXPECT_EQ(refusal(options, "legw"), "");
}

}  // namespace
}  // namespace etalon
