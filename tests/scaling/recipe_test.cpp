// Parsing, refusals, warnings and advice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "etalon/error.hpp"
#include "etalon/scaling.hpp"
#include "scaling/recipes.hpp"

namespace etalon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(BatchShape, ReadsOneTwoOrThreeFactorsAndWritesThemBack) {
  EXPECT_EQ(parse_batch_shape("256"), (BatchShape{256, 1, 1}));
  EXPECT_EQ(parse_batch_shape("32x8"), (BatchShape{32, 8, 1}));
  EXPECT_EQ(parse_batch_shape("32x4x8").global(), 1024);
  for (const char* text : {"256", "32x8x1", "32x4x8"}) {
    EXPECT_EQ(to_string(parse_batch_shape(text)), text);
  }
}

TEST(BatchShape, RefusesProductsThatOverflow) {
  EXPECT_EQ(parse_batch_shape("1000000x1000000x1000").global(), kGreatestBatchSize);
  EXPECT_THROW(parse_batch_shape("1000001x1000000x1000"), InputError);
  EXPECT_THROW(parse_batch_shape("4294967296x4294967296x1"), InputError);
  EXPECT_THROW(parse_batch_shape("9223372036854775807x9223372036854775807x3"), InputError);
}

TEST(BatchShape, RefusesWhatIsNoWholeNumber) {
  for (const char* text : {"", "x", "1x", "x1", "0", "-1", "+1", "1.5", " 8", "8 ", "8X8",
                           "1x2x3x4", "0x10", "010", "32x04", "1e3", "nan"}) {
    EXPECT_THROW(parse_batch_shape(text), InputError) << text;
  }
}

TEST(OptimizerFamily, ReadsBackEveryName) {
  for (const char* name : {"sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "lars",
                           "lamb", "lion", "adafactor", "muon"}) {
    EXPECT_EQ(to_string(parse_optimizer_family(name)), name);
  }
}

// The defaults of torch.optim.AdamW.
TEST(Defaults, AreNamedWhereTheyWereFilledIn) {
  Recipe recipe;
  recipe.optimizer = OptimizerFamily::adamw;
  recipe.beta2 = 0.95;
  EXPECT_THAT(fill_defaults(recipe), ElementsAre("beta1", "eps", "weight_decay"));
  EXPECT_EQ(recipe.beta1, 0.9);
  EXPECT_EQ(recipe.beta2, 0.95);
  EXPECT_EQ(recipe.eps, 1e-8);
  EXPECT_EQ(recipe.weight_decay, 0.01);
  EXPECT_THAT(fill_defaults(recipe), IsEmpty());
}

TEST(Scale, QuotesFieldValueAndConstraint) {
  Recipe recipe = adamw_recipe();
  recipe.beta1 = 1.0;
  try {
    scale(recipe, {512}, "sde");
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "beta1 is 1, it must be in [0, 1)");
  }
}

TEST(Scale, RefusesRulesThatLackWhatTheyNeed) {
  EXPECT_THROW(scale(sgd_recipe(), {512}, "saturating"), InputError);
  EXPECT_THROW(scale(sgd_recipe(), {512}, "sde"), InputError);
  EXPECT_THROW(scale(sgd_recipe(), {512}, "legw"), InputError);
  EXPECT_THROW(scale(sgd_recipe(), {512}, "time-scale"), InputError);
  EXPECT_THROW(scale(sgd_recipe(), {512}, "ema"), InputError);
  EXPECT_THROW(scale(sgd_recipe(), {512}, "linaer"), InputError);
}

TEST(Scale, RefusesALearningRateThatVanishes) {
  EXPECT_THROW(scale(sgd_recipe(1e-30, 1024), {1}, "linear"), InputError);
}

TEST(Warnings, NameTheNoiseScaleThatWasPassed) {
  ScaleOptions options;
  options.noise_scale = 1000;
  EXPECT_TRUE(has_warning(scale(sgd_recipe(), {2048}, "linear", options), "past the noise scale"));
  EXPECT_FALSE(has_warning(scale(sgd_recipe(), {512}, "linear", options), "noise scale"));
}

TEST(Warnings, NameTheStabilityLimitThatWasPassed) {
  ScaleOptions options;
  options.stability_limit = 0.4;
  EXPECT_TRUE(has_warning(scale(sgd_recipe(), {1024}, "linear", options), "stability limit 0.4"));
  EXPECT_FALSE(has_warning(scale(sgd_recipe(), {512}, "linear", options), "stability"));
}

TEST(Warnings, NameADataSetThatIsTooSmall) {
  ScaleOptions options;
  options.dataset_size = 5000;
  EXPECT_TRUE(has_warning(scale(sgd_recipe(), {8192}, "linear", options), "larger than the data"));
  EXPECT_TRUE(has_warning(scale(sgd_recipe(), {512}, "linear", options), "more than a tenth"));
  EXPECT_FALSE(has_warning(scale(sgd_recipe(), {500}, "linear", options), "data set"));
}

TEST(Warnings, NameAWarmUpThatEatsTheBudget) {
  Recipe base = sgd_recipe();
  base.schedule.warmup = {10, DurationUnit::epochs};
  base.budget = {90, DurationUnit::epochs};
  EXPECT_TRUE(has_warning(scale(base, {4096}, "legw"), "takes the whole budget"));
  EXPECT_FALSE(has_warning(scale(base, {1024}, "legw"), "takes the whole budget"));
}

TEST(Warnings, NameABudgetOfFewSteps) {
  Recipe base = sgd_recipe();
  base.budget = {1000, DurationUnit::steps};
  EXPECT_TRUE(has_warning(scale(base, {8192}, "linear"), "only 31 steps"));
}

TEST(Warnings, NameAMicroBatchThatBatchNormWouldSee) {
  Recipe base = sgd_recipe();
  base.batch = {32, 1, 8};
  EXPECT_TRUE(has_warning(scale(base, {64, 1, 16}, "linear"), "from 32 to 64"));
  EXPECT_FALSE(has_warning(scale(base, {32, 1, 16}, "linear"), "micro-batch"));
}

TEST(Warnings, SayThatLinearWasNotDerivedForAdam) {
  EXPECT_TRUE(has_warning(scale(adamw_recipe(), {512}, "linear"), "not derived for adamw"));
}

std::string recommended(const Recipe& base, std::int64_t target, const ScaleOptions& options = {}) {
  return compare_rules(base, {target}, options).recommended;
}

TEST(RuleComparison, FollowsTheOptimizerAndWhatIsKnown) {
  ScaleOptions noisy;
  noisy.noise_scale = 1000;
  EXPECT_EQ(recommended(sgd_recipe(), 1024), "linear");
  EXPECT_EQ(recommended(sgd_recipe(), 1024, noisy), "saturating");
  EXPECT_EQ(recommended(adamw_recipe(), 1024), "sde-power");
  EXPECT_EQ(recommended(adamw_recipe(), 512, noisy), "sde-power");
  EXPECT_EQ(recommended(adamw_recipe(), 4096, noisy), "saturating");
  EXPECT_EQ(recommended(adamw_recipe(), 4096), "sde-power");
  EXPECT_EQ(recommended(adamw_recipe(), 1), "sde-power");
  Recipe lamb = sgd_recipe();
  lamb.optimizer = OptimizerFamily::lamb;
  EXPECT_EQ(recommended(lamb, 1024), "sqrt");
  lamb.schedule.warmup = {5, DurationUnit::epochs};
  EXPECT_EQ(recommended(lamb, 1024), "legw");
}

Recipe recipe_of(OptimizerFamily optimizer) {
  Recipe recipe = sgd_recipe(1e-3);
  recipe.optimizer = optimizer;
  recipe.momentum.reset();
  fill_defaults(recipe);
  return recipe;
}

TEST(RuleComparison, SaysThatNoRuleIsPublishedWhereNoneIs) {
  for (const auto family :
       {OptimizerFamily::lion, OptimizerFamily::adafactor, OptimizerFamily::muon}) {
    const RuleComparison comparison = compare_rules(recipe_of(family), {1024});
    EXPECT_EQ(comparison.recommended, "sqrt");
    EXPECT_THAT(comparison.reason, HasSubstr("No rule is published for"));
    EXPECT_TRUE(has_warning(comparison.rules.front(), "no rule is published for"));
    EXPECT_FALSE(has_warning(scale(recipe_of(family), {1024}, "fixed"), "no rule is published"));
  }
}

// The SDE of Adam moves the average of squares, which Lion's β2 is not, nor Muon's.
TEST(Scale, RefusesTheRulesOfAMeanSquareWhereThereIsNone) {
  for (const auto family :
       {OptimizerFamily::lion, OptimizerFamily::adafactor, OptimizerFamily::muon}) {
    for (const char* rule : {"sde", "sde-power", "half-life"}) {
      EXPECT_THROW(scale(recipe_of(family), {512}, rule), InputError) << rule;
    }
  }
}

// Li et al. 2024 derive it for the sign of a gradient, which is Lion's step without momentum.
TEST(Warnings, KnowWhoseStepIsASign) {
  ScaleOptions options;
  options.noise_scale = 1000;
  const auto warns = [&](OptimizerFamily family) {
    return has_warning(scale(recipe_of(family), {512}, "rise-and-fall", options),
                       "derived for sign-like descent");
  };
  EXPECT_FALSE(warns(OptimizerFamily::lion));
  EXPECT_TRUE(warns(OptimizerFamily::muon));
}

// w ← (1 − ηλ)w: the time-scale of decoupled decay is 1/(ηλ) steps, whatever else the step is.
TEST(Scale, MovesTheDecoupledDecayOfLion) {
  Recipe lion = recipe_of(OptimizerFamily::lion);
  lion.weight_decay = 1.0;
  EXPECT_DOUBLE_EQ(*scale(lion, {1024}, "sqrt").recipe.weight_decay, 2.0);
  EXPECT_DOUBLE_EQ(*scale(lion, {1024}, "time-scale").recipe.weight_decay, 4.0);
}

std::vector<std::string> shown_rules(const RuleComparison& comparison) {
  std::vector<std::string> names;
  for (const ScaledRecipe& scaled : comparison.rules) names.emplace_back(scaled.rule.name);
  return names;
}

TEST(RuleComparison, LeavesOutRulesForOtherOptimizersAndNamesWhatIsMissing) {
  const RuleComparison comparison = compare_rules(sgd_recipe(), {1024});
  EXPECT_THAT(shown_rules(comparison), ElementsAre("linear", "fixed", "sqrt"));
  for (const OmittedRule& rule : comparison.omitted) {
    const bool needs_noise = rule.rule == "saturating" || rule.rule == "adascale";
    const bool needs_warmup = rule.rule == "legw";
    EXPECT_EQ(rule.field, needs_noise    ? "noise_scale"
                          : needs_warmup ? "warmup_steps"
                                         : "")
        << rule.rule;
    EXPECT_FALSE(rule.why.empty()) << rule.rule;
  }
}

// A rule that is in neither list looks as if it did not exist.
TEST(RuleComparison, AccountsForEveryRuleWhateverTheOptimizer) {
  for (const OptimizerInfo& info : optimizers()) {
    Recipe base = sgd_recipe();
    base.optimizer = info.family;
    fill_defaults(base);
    const RuleComparison comparison = compare_rules(base, {4096});
    std::set<std::string> names;
    for (const std::string& name : shown_rules(comparison)) names.insert(name);
    for (const OmittedRule& rule : comparison.omitted) names.insert(rule.rule);
    EXPECT_EQ(names.size(), scaling_rules().size()) << info.name;
    EXPECT_EQ(comparison.rules.size() + comparison.omitted.size(), names.size()) << info.name;
  }
}

TEST(RuleComparison, ShowsLinearForAdamWithItsWarning) {
  const RuleComparison comparison = compare_rules(adamw_recipe(), {512});
  const auto linear =
      std::find_if(comparison.rules.begin(), comparison.rules.end(),
                   [](const ScaledRecipe& scaled) { return scaled.rule.name == "linear"; });
  ASSERT_NE(linear, comparison.rules.end());
  EXPECT_TRUE(has_warning(*linear, "not derived for adamw"));
}

// From κ to the next the betas of what is recommended move by no more than they can: d β^κ / dκ is
// at most |ln β| in size, 0.106 for β1 = 0.9, and never up.
TEST(RuleComparison, RecommendsBetasThatFallWithoutAJump) {
  double last = 0.9;
  for (std::int64_t kappa = 2; kappa <= 40; ++kappa) {
    const RuleComparison comparison = compare_rules(adamw_recipe(), {256 * kappa});
    const double beta1 = *comparison.rules.front().recipe.beta1;
    EXPECT_LT(beta1, last) << kappa;
    EXPECT_GT(beta1, last - 0.106) << kappa;
    last = beta1;
  }
}

TEST(RuleComparison, CautionsWellBelowTheLimitOfTheBetas) {
  for (const auto& [kappa, cautions] : {std::pair{4, false}, {5, true}, {8, true}, {10, true}}) {
    const RuleComparison comparison = compare_rules(adamw_recipe(), {256 * kappa});
    EXPECT_EQ(has_warning(comparison.rules.front(), "1/(1 − beta1) = 10"), cautions) << kappa;
  }
}

TEST(RuleComparison, HasNoSdeRuleWhereNoBetaIsLeft) {
  const RuleComparison comparison = compare_rules(adamw_recipe(), {2560});
  EXPECT_THAT(shown_rules(comparison), Not(Contains("sde")));
  const std::vector<std::string> named = {"sde"};
  EXPECT_THROW(compare_rules(adamw_recipe(), {2560}, {}, named), InputError);
  EXPECT_NO_THROW(compare_rules(adamw_recipe(), {2559}, {}, named));
}

TEST(Scale, MovesEveryGroupOfParametersByTheSameFactor) {
  Recipe base = adamw_recipe(1e-4);
  base.group_lrs = {1e-5, 3e-6};
  const ScaledRecipe scaled = scale(base, {1024}, "sqrt");
  EXPECT_DOUBLE_EQ(scaled.recipe.lr, 2e-4);
  EXPECT_DOUBLE_EQ(scaled.recipe.group_lrs[0], 2e-5);
  EXPECT_DOUBLE_EQ(scaled.recipe.group_lrs[1], 6e-6);
  EXPECT_DOUBLE_EQ(find_field(scaled, "lr_3")->new_value, 6e-6);
  base.group_lrs = {0.0};
  EXPECT_THROW(scale(base, {1024}, "sqrt"), InputError);
}

TEST(Scale, RefusesLearningRatesOutOfBoundsBeforeAndAfter) {
  EXPECT_THROW(scale(sgd_recipe(1e-31), {512}, "linear"), InputError);
  EXPECT_THROW(scale(sgd_recipe(1e31), {512}, "linear"), InputError);
  EXPECT_THROW(scale(sgd_recipe(6e29), {512}, "linear"), InputError);
}

}  // namespace
}  // namespace etalon
