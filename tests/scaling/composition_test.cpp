// What the rules promise whatever the recipe: identity, composition, and the way back.
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/scaling.hpp"
#include "scaling/recipes.hpp"
#include "support/seeded_properties.hpp"

namespace etalon {
namespace {

constexpr OptimizerFamily kFamilies[] = {
    OptimizerFamily::sgd,       OptimizerFamily::momentum, OptimizerFamily::nesterov,
    OptimizerFamily::adam,      OptimizerFamily::adamw,    OptimizerFamily::rmsprop,
    OptimizerFamily::lars,      OptimizerFamily::lamb,     OptimizerFamily::lion,
    OptimizerFamily::adafactor, OptimizerFamily::muon};

double between(double low, double high) {
  return low + (high - low) * *rc::gen::inRange(0, 1000001) * 1e-6;
}

std::int64_t any_batch_size() { return *rc::gen::inRange<std::int64_t>(1, 1 << 16); }

Recipe any_recipe() {
  Recipe recipe = sgd_recipe(std::exp(between(-12, 2)), any_batch_size());
  recipe.optimizer =
      *rc::gen::elementOf(std::vector<OptimizerFamily>(std::begin(kFamilies), std::end(kFamilies)));
  fill_defaults(recipe);
  if (recipe.beta1) recipe.beta1 = between(0.0, 0.999);
  if (recipe.beta2) recipe.beta2 = between(0.0, 0.9999);
  recipe.weight_decay = between(0, 1);
  recipe.ema = between(0, 0.9999);
  recipe.schedule.warmup = {between(0.1, 500), *rc::gen::elementOf(std::vector{
                                                   DurationUnit::steps, DurationUnit::epochs})};
  recipe.budget = {between(600, 1e6), DurationUnit::steps};
  recipe.schedule.name = "step";
  recipe.schedule.milestones = {{300, DurationUnit::steps},
                                {between(301, 600), DurationUnit::steps}};
  return recipe;
}

ScaleOptions any_options() {
  ScaleOptions options;
  options.noise_scale = std::exp(between(0, 14));
  return options;
}

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b)) + 1e-300;
}

void expect_near(const ScaledRecipe& a, const ScaledRecipe& b) {
  RC_ASSERT(a.fields.size() == b.fields.size());
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    RC_ASSERT(a.fields[i].field == b.fields[i].field);
    // Decay coefficients are compared absolutely: near 0 their rounding is that of 1.
    const double x = a.fields[i].new_value, y = b.fields[i].new_value;
    RC_ASSERT(near(x, y) ||
              (std::abs(x) < 1 && std::abs(x - y) < 1e-9 &&
               (a.fields[i].field.starts_with("beta") || a.fields[i].field == "ema")));
  }
}

// Whether the rule can be evaluated on the recipe: it says so itself by throwing.
bool applies(const Recipe& recipe, const BatchShape& target, std::string_view rule,
             const ScaleOptions& options) {
  try {
    scale(recipe, target, rule, options);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

double ratio(const BatchShape& target, const Recipe& base) {
  return static_cast<double>(target.global()) / static_cast<double>(base.batch.global());
}

// The published SDE rule composes only while κ < 1/(1 − β) at every stage.
bool sde_is_valid(const Recipe& recipe, double kappa) {
  const double shortest = std::min(recipe.beta1.value_or(1.0), recipe.beta2.value_or(1.0));
  return kappa * (1 - shortest) < 0.999;
}

RC_GTEST_PROP(EveryRule, IsTheIdentityAtKappaOneToTheLastBit, ()) {
  const Recipe base = any_recipe();
  const ScaleOptions options = any_options();
  for (const RuleInfo& rule : scaling_rules()) {
    if (!applies(base, base.batch, rule.name, options)) continue;
    for (const FieldChange& change : scale(base, base.batch, rule.name, options).fields) {
      RC_ASSERT(!change.moved);
      RC_ASSERT(change.old_value == change.new_value);
    }
  }
}

RC_GTEST_PROP(EveryRuleThatSaysSo, ComposesOverAnIntermediateBatchSize, ()) {
  const Recipe base = any_recipe();
  const ScaleOptions options = any_options();
  const BatchShape middle{any_batch_size()}, end{any_batch_size()};
  for (const RuleInfo& rule : scaling_rules()) {
    if (!rule.composes || !applies(base, middle, rule.name, options)) continue;
    if (rule.name == "sde") {
      const double first = ratio(middle, base);
      const double both = ratio(end, base);
      if (!sde_is_valid(base, first) || !sde_is_valid(base, both)) continue;
    }
    const ScaledRecipe halfway = scale(base, middle, rule.name, options);
    const ScaledRecipe in_two = scale(halfway.recipe, end, rule.name, options);
    expect_near(in_two, scale(base, end, rule.name, options));
  }
}

RC_GTEST_PROP(EveryRuleThatSaysSo, ComesBackWhenScaledDownAgain, ()) {
  const Recipe base = any_recipe();
  const ScaleOptions options = any_options();
  const BatchShape there{any_batch_size()};
  for (const RuleInfo& rule : scaling_rules()) {
    if (!rule.composes || !applies(base, there, rule.name, options)) continue;
    const double kappa = ratio(there, base);
    if (rule.name == "sde" && !sde_is_valid(base, kappa)) continue;
    const ScaledRecipe forth = scale(base, there, rule.name, options);
    const ScaledRecipe back = scale(forth.recipe, base.batch, rule.name, options);
    expect_near(back, scale(base, base.batch, rule.name, options));
  }
}

RC_GTEST_PROP(AdaScale, GainsBetweenOneAndKappa, ()) {
  const double kappa = between(1, 1000);
  const double gain = adascale_gain(std::exp(between(-5, 20)), std::exp(between(0, 12)), kappa);
  RC_ASSERT(gain >= 1 - 1e-12);
  RC_ASSERT(gain <= kappa * (1 + 1e-12));
}

RC_GTEST_PROP(RuleComparison, OfAnyRecipeStartsWithTheRecommendedRule, ()) {
  const Recipe base = any_recipe();
  const RuleComparison comparison = compare_rules(base, {any_batch_size()}, any_options());
  RC_ASSERT(comparison.rules.front().rule.name == comparison.recommended);
  RC_ASSERT(!comparison.reason.empty());
}

TEST(SdeRule, SaysThatItComposesOnlyUnderItsLimit) {
  for (const RuleInfo& rule : scaling_rules()) {
    if (rule.name == "sde") {
      EXPECT_NE(rule.composition.find("κ < 1/(1 − β)"), rule.composition.npos);
    }
    EXPECT_FALSE(rule.composition.empty());
    EXPECT_FALSE(rule.source.empty());
    EXPECT_FALSE(rule.validity.empty());
  }
}

}  // namespace
}  // namespace etalon
