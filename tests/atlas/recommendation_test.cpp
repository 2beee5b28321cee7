#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "atlas/pairs.hpp"
#include "etalon/atlas.hpp"
#include "scaling/recipes.hpp"

namespace etalon {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

struct Losses {
  double fixed, sqrt, linear;
  std::optional<double> sde_power{};
};

// Three settings each of two sources, in all of which the rules lost as much.
std::vector<AtlasPair> two_sources(const Losses& one, const Losses& two) {
  std::vector<AtlasPair> pairs;
  for (const char* setting : {"a", "b", "c"}) {
    pairs.push_back(
        losing(adamw_pair("One", setting), one.fixed, one.sqrt, one.linear, one.sde_power));
    pairs.push_back(
        losing(adamw_pair("Two", setting), two.fixed, two.sqrt, two.linear, two.sde_power));
  }
  return pairs;
}

RuleComparison advised(const std::vector<AtlasPair>& pairs, const ScaleOptions& options = {},
                       const Recipe& base = adamw_recipe()) {
  RuleComparison comparison = compare_rules(base, {2048}, options);
  const AtlasQuery query{.optimizer = OptimizerFamily::adamw, .kappa = 8.0};
  follow_evidence(comparison, gather_evidence(pairs, query), base, options);
  return comparison;
}

TEST(Recommendation, FollowsARuleThatLostLessInEverySource) {
  const RuleComparison comparison = advised(two_sources({0.01, 0.05, 0.5}, {0.0, 0.03, 0.5}));
  EXPECT_EQ(comparison.recommended, "fixed");
  EXPECT_EQ(comparison.rules.front().rule.name, "fixed");
  EXPECT_EQ(
      comparison.reason,
      "Elsewhere, where κ was about 8, fixed lost more than 0.02 in 0 of 100 (6 settings of 2 "
      "sources), and sqrt, by which theory would move η, in 100.");
}

std::vector<std::string> warnings_of(const RuleComparison& comparison, std::string_view rule) {
  for (const ScaledRecipe& each : comparison.rules) {
    if (each.rule.name == rule) return each.warnings;
  }
  return {};
}

// Recipes with a rate per 256 examples use it for Adam too.
TEST(Recommendation, SaysWhatTheLinearRuleLostWhereItWasNotDerived) {
  const auto pairs = two_sources({0.01, 0.01, 0.5}, {0.01, 0.03, 0.5});
  EXPECT_THAT(warnings_of(advised(pairs), "linear"),
              Contains("elsewhere, where κ was about 8, it lost more than 0.02 in 100 of 100 (6 "
                       "settings of 2 sources), and sqrt in 50"));
  EXPECT_THAT(warnings_of(advised({}), "linear"), Not(Contains(HasSubstr("elsewhere"))));
  EXPECT_THAT(warnings_of(advised(pairs, {}, sgd_recipe()), "linear"),
              Not(Contains(HasSubstr("elsewhere"))));
}

TEST(Recommendation, KeepsTheDerivedMoveOfEtaWhereSourcesDisagree) {
  EXPECT_EQ(advised(two_sources({0.01, 0.05, 0.5}, {0.05, 0.01, 0.5})).recommended, "sqrt");
}

TEST(Recommendation, LeavesAWholeRecipeThatNobodyTried) {
  const RuleComparison comparison = advised(two_sources({0.05, 0.01, 0.5}, {0.05, 0.01, 0.5}));
  EXPECT_EQ(comparison.recommended, "sqrt");
  EXPECT_THAT(comparison.reason, HasSubstr("Nobody there tried what sde-power moves besides η."));
}

TEST(Recommendation, LeavesAWholeRecipeThatLostMoreThanItsLearningRateAlone) {
  const RuleComparison comparison =
      advised(two_sources({0.05, 0.01, 0.5, 0.03}, {0.05, 0.01, 0.5, 0.03}));
  EXPECT_EQ(comparison.recommended, "sqrt");
  EXPECT_THAT(comparison.reason,
              HasSubstr("Who tried sde-power as a whole lost so in 100 of 100 (6 settings of 2 "
                        "sources), and by sqrt in 0."));
}

TEST(Recommendation, KeepsAWholeRecipeThatWasTriedAndLostNoMore) {
  const RuleComparison comparison =
      advised(two_sources({0.05, 0.01, 0.5, 0.01}, {0.05, 0.01, 0.5, 0.01}));
  EXPECT_EQ(comparison.recommended, "sde-power");
  EXPECT_EQ(comparison.rules.front().rule.name, "sde-power");
  EXPECT_THAT(comparison.reason, HasSubstr("who tried sde-power as a whole lost so in 0"));
}

TEST(Recommendation, SaysThatItIsADerivationWhereThereIsTooLittleToGoBy) {
  std::vector<AtlasPair> pairs;
  for (const char* setting : {"a", "b", "c", "d", "e", "f", "g"}) {
    pairs.push_back(losing(adamw_pair("One", setting), 0.0, 0.5, 0.5));
  }
  const RuleComparison one_source = advised(pairs);
  EXPECT_EQ(one_source.recommended, "sde-power");
  EXPECT_THAT(one_source.reason, HasSubstr("It rests on that alone: the atlas has 7 settings of 1 "
                                           "source, too few to judge by."));
  EXPECT_THAT(advised({}).reason, HasSubstr("the atlas has no such move"));
}

TEST(Recommendation, KeepsToTheDerivationForBetasThatNobodyTried) {
  Recipe base = adamw_recipe();
  base.beta1 = 0.98;
  const auto pairs = two_sources({0.05, 0.01, 0.5, 0.03}, {0.05, 0.01, 0.5, 0.03});
  const RuleComparison comparison = advised(pairs, {}, base);
  EXPECT_EQ(comparison.recommended, "sde-power");
  EXPECT_THAT(comparison.reason, HasSubstr("those runs had the usual betas."));
}

TEST(Recommendation, HeedsANoiseScaleOfTheUsersOwn) {
  ScaleOptions options;
  options.noise_scale = 1e6;
  const auto pairs = two_sources({0.0, 0.5, 0.5}, {0.0, 0.5, 0.5});
  EXPECT_EQ(advised(pairs, options).recommended,
            compare_rules(adamw_recipe(), {2048}, options).recommended);
}

TEST(Recommendation, IsWhatItWasAtTheSameBatchSize) {
  RuleComparison comparison = compare_rules(adamw_recipe(), {256});
  const std::string reason = comparison.reason;
  follow_evidence(comparison, {}, adamw_recipe(), {});
  EXPECT_EQ(comparison.reason, reason);
}

}  // namespace
}  // namespace etalon
