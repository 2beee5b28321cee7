// Parsing, refusals, warnings and advice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "etalon/error.hpp"
#include "etalon/scaling.hpp"
#include "scaling/recipes.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(BatchShape, ReadsOneTwoOrThreeFactorsAndWritesThemBack) {
  EXPECT_EQ(parse_batch_shape("256"), (BatchShape{256, 1, 1}));
  EXPECT_EQ(parse_batch_shape("32x8"), (BatchShape{32, 8, 1}));
  EXPECT_EQ(parse_batch_shape("32x4x8").global(), 1024);
  for (const char* text : {"256", "32x8x1", "32x4x8"}) {
    EXPECT_EQ(to_string(parse_batch_shape(text)), text);
  }
}

TEST(BatchShape, RefusesProductsThatOverflow) {
  EXPECT_EQ(parse_batch_shape("1048576x1024x1024").global(), kLargestBatchSize);
  EXPECT_THROW(parse_batch_shape("1048577x1024x1024"), InputError);
  EXPECT_THROW(parse_batch_shape("4294967296x4294967296x1"), InputError);
  EXPECT_THROW(parse_batch_shape("9223372036854775807x9223372036854775807x3"), InputError);
}

TEST(BatchShape, RefusesWhatIsNoWholeNumber) {
  for (const char* text : {"", "x", "1x", "x1", "0", "-1", "+1", "1.5", " 8", "8 ", "8X8",
                           "1x2x3x4", "0x10", "1e3", "nan"}) {
    EXPECT_THROW(parse_batch_shape(text), InputError) << text;
  }
}

TEST(OptimizerFamily, ReadsBackEveryName) {
  for (const char* name :
       {"sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "lars", "lamb"}) {
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
    EXPECT_STREQ(error.what(), "beta1 = 1 is out of range, it must satisfy 0 <= value < 1");
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
  EXPECT_THROW(scale(sgd_recipe(std::numeric_limits<double>::denorm_min(), 1024), {1}, "linear"),
               InputError);
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
  base.warmup = {10, DurationUnit::epochs};
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
  return advise(base, {target}, options).recommended;
}

TEST(Advice, FollowsTheOptimizerAndWhatIsKnown) {
  ScaleOptions noisy;
  noisy.noise_scale = 1000;
  EXPECT_EQ(recommended(sgd_recipe(), 1024), "linear");
  EXPECT_EQ(recommended(sgd_recipe(), 1024, noisy), "saturating");
  EXPECT_EQ(recommended(adamw_recipe(), 1024), "sde");
  EXPECT_EQ(recommended(adamw_recipe(), 512, noisy), "sde");
  EXPECT_EQ(recommended(adamw_recipe(), 4096, noisy), "saturating");
  EXPECT_EQ(recommended(adamw_recipe(), 4096), "sde-power");
  EXPECT_EQ(recommended(adamw_recipe(), 1), "sde");
  Recipe lamb = sgd_recipe();
  lamb.optimizer = OptimizerFamily::lamb;
  EXPECT_EQ(recommended(lamb, 1024), "sqrt");
  lamb.warmup = {5, DurationUnit::epochs};
  EXPECT_EQ(recommended(lamb, 1024), "legw");
}

TEST(Advice, LeavesOutRulesForOtherOptimizersAndNamesWhatIsMissing) {
  const Advice advice = advise(sgd_recipe(), {1024});
  std::vector<std::string> shown, omitted;
  for (const ScaledRecipe& scaled : advice.rules) shown.emplace_back(scaled.rule.name);
  for (const OmittedRule& rule : advice.omitted) omitted.push_back(rule.rule);
  EXPECT_THAT(shown, ElementsAre("linear", "fixed", "sqrt"));
  EXPECT_THAT(omitted, ElementsAre("saturating", "adascale"));
}

}  // namespace
}  // namespace etalon
