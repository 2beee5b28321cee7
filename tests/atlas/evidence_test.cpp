#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "atlas/pairs.hpp"
#include "etalon/atlas.hpp"
#include "etalon/error.hpp"
#include "support/seeded_properties.hpp"

namespace etalon {
namespace {

AtlasQuery adamw_query(double kappa = 8.0) {
  AtlasQuery query;
  query.optimizer = OptimizerFamily::adamw;
  query.kappa = kappa;
  return query;
}

TEST(AtlasEvidence, TakesRowsOfThatKindAndRatioAlone) {
  std::vector<AtlasPair> pairs(7, adamw_pair("Paper", "a", 8.0));
  pairs[1].optimizer = OptimizerFamily::adam;  // of its kind
  pairs[2].optimizer = OptimizerFamily::sgd;   // not adaptive
  pairs[3].optimizer = OptimizerFamily::lamb;  // layerwise
  pairs[4].to_batch = 32.0 * 13.0;             // beyond a factor of 1.5
  pairs[5].to_batch = 4.0;                     // the other way
  pairs[6].budget = HeldBudget::steps;         // as many steps
  const AtlasEvidence evidence = gather_evidence(pairs, adamw_query());
  ASSERT_EQ(evidence.sources.size(), 1u);
  EXPECT_EQ(evidence.sources[0].pairs, 2u);
  EXPECT_EQ(evidence.settings(), 2u);  // one an optimizer
}

// A sign is not a quotient: what Adam lost says nothing of Lion.
TEST(AtlasEvidence, HasNoRowOfAdamForWhoTakesASign) {
  const std::vector<AtlasPair> pairs = {adamw_pair("Paper", "a", 8.0)};
  const auto sources_of = [&](OptimizerFamily optimizer) {
    AtlasQuery query = adamw_query();
    query.optimizer = optimizer;
    return gather_evidence(pairs, query).sources.size();
  };
  EXPECT_EQ(sources_of(OptimizerFamily::lion), 0u);
  EXPECT_EQ(sources_of(OptimizerFamily::muon), 0u);
  EXPECT_EQ(sources_of(OptimizerFamily::adafactor), 1u);
}

TEST(AtlasEvidence, IsNoneAtTheSameBatchSize) {
  const std::vector<AtlasPair> pairs = {adamw_pair("Paper", "a", 1.2)};
  EXPECT_TRUE(gather_evidence(pairs, adamw_query(1.0)).sources.empty());
}

TEST(AtlasEvidence, LeavesOutASource) {
  const std::vector<AtlasPair> pairs = {adamw_pair("One", "a"), adamw_pair("Two", "a")};
  AtlasQuery query = adamw_query();
  query.leave_out = "One";
  const AtlasEvidence evidence = gather_evidence(pairs, query);
  ASSERT_EQ(evidence.sources.size(), 1u);
  EXPECT_EQ(evidence.sources[0].source, "Two");
}

// One has 3 settings, in one of which `fixed` lost more than 0.02; Two has one, in which it did:
// (1/3 + 1)/2 = 2/3, though it is 2 of 4 settings. A setting with many pairs counts once.
TEST(AtlasEvidence, LetsSourcesThenSettingsWeighAlike) {
  const std::vector<AtlasPair> pairs = {losing(adamw_pair("One", "a"), 0.01, 0.0, 0.0),
                                        losing(adamw_pair("One", "a"), 0.01, 0.0, 0.0),
                                        losing(adamw_pair("One", "a"), 0.01, 0.0, 0.0),
                                        losing(adamw_pair("One", "b"), 0.01, 0.0, 0.0),
                                        losing(adamw_pair("One", "c"), 0.03, 0.0, 0.0),
                                        losing(adamw_pair("Two", "a"), 0.05, 0.0, 0.0)};
  const AtlasEvidence evidence = gather_evidence(pairs, adamw_query());
  const RuleRecord* fixed = evidence.record_of("fixed");
  ASSERT_TRUE(fixed);
  EXPECT_NEAR(fixed->share_lost, 2.0 / 3.0, 1e-12);
  EXPECT_EQ(fixed->sources, 2u);
  EXPECT_EQ(fixed->settings, 4u);
  EXPECT_EQ(fixed->worst.loss, 0.05);
  // Weights 1/6 at 0.01 twice, 1/6 at 0.03, 1/2 at 0.05: the middle lies between the last two.
  EXPECT_NEAR(fixed->median.loss, 0.04, 1e-12);
  ASSERT_EQ(fixed->by_source.size(), 2u);
  EXPECT_NEAR(fixed->by_source[0].share_lost, 1.0 / 3.0, 1e-12);
  EXPECT_FALSE(evidence.record_of("sde-power"));
}

TEST(AtlasEvidence, CountsABoundOnlyWhereItTells) {
  AtlasPair low = losing(adamw_pair("One", "a"), 0.0, 0.0, 0.01);
  AtlasPair high = losing(adamw_pair("One", "b"), 0.0, 0.0, 0.3);
  low.losses[2]->at_least = true;   // it may have lost more than 0.02, or not
  high.losses[2]->at_least = true;  // it surely did
  const std::vector<AtlasPair> pairs = {low, high};
  const AtlasEvidence evidence = gather_evidence(pairs, adamw_query());
  const RuleRecord* linear = evidence.record_of("linear");
  ASSERT_TRUE(linear);
  EXPECT_EQ(linear->settings, 1u);
  EXPECT_EQ(linear->share_lost, 1.0);
  EXPECT_EQ(linear->worst, (RuleLoss{0.3, true}));
}

TEST(AtlasEvidence, CountsADivergenceAsLost) {
  AtlasPair pair = losing(adamw_pair("One", "a"), 0.0, 0.0, 0.0);
  pair.losses[2] = RuleLoss::diverged();
  const AtlasEvidence evidence = gather_evidence({&pair, 1}, adamw_query());
  EXPECT_EQ(evidence.record_of("linear")->share_lost, 1.0);
  EXPECT_EQ(evidence.record_of("linear")->worst, RuleLoss::diverged());
}

TEST(AtlasEvidence, SpreadsExponentsOfOptimaInsideWhatWasRun) {
  std::vector<AtlasPair> pairs;
  for (int i = 0; i <= 10; ++i) {
    pairs.push_back(adamw_pair("One", std::to_string(i), 8.0, 0.1 * i));
  }
  pairs.push_back(adamw_pair("One", "edge", 8.0, 5.0));
  pairs.back().is_to_edge = true;
  const auto spread = gather_evidence(pairs, adamw_query()).exponent;
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->settings, 11u);
  EXPECT_NEAR(spread->low, 0.1, 1e-12);
  EXPECT_NEAR(spread->median, 0.5, 1e-12);
  EXPECT_NEAR(spread->high, 0.9, 1e-12);
}

TEST(AtlasEvidence, GoesTowardsOneWhereTooFewSourcesReach) {
  const std::vector<AtlasPair> pairs = {adamw_pair("One", "a", 16.0), adamw_pair("Two", "a", 16.0),
                                        adamw_pair("One", "a", 64.0)};
  EXPECT_EQ(gather_nearest_evidence(pairs, adamw_query(16.0)).query.kappa, 16.0);
  const AtlasEvidence nearest = gather_nearest_evidence(pairs, adamw_query(128.0));
  EXPECT_EQ(nearest.query.kappa, 16.0);
  EXPECT_EQ(nearest.sources.size(), 2u);
  // No two reach any of the smaller ones.
  EXPECT_EQ(gather_nearest_evidence(pairs, adamw_query(4.0)).query.kappa, 4.0);
}

TEST(AtlasQuery, RefusesWhatIsOutOfRange) {
  EXPECT_THROW(gather_evidence({}, adamw_query(0.0)), InputError);
  AtlasQuery query = adamw_query();
  query.factor = 1.0;
  EXPECT_THROW(gather_evidence({}, query), InputError);
  query = adamw_query();
  query.tolerance = -0.02;
  EXPECT_THROW(gather_evidence({}, query), InputError);
}

// Rows said twice, and in another order, say the same.
RC_GTEST_PROP(AtlasEvidence, DependsNeitherOnOrderNorOnRowsSaidTwice, ()) {
  std::vector<AtlasPair> pairs;
  for (int i = 0; i < 8; ++i) {
    const auto name = [](int most) { return std::to_string(*rc::gen::inRange(0, most)); };
    const auto loss = [] { return 0.001 * *rc::gen::inRange(0, 60); };
    pairs.push_back(losing(adamw_pair(name(3), name(3), 8.0, loss()), loss(), loss(), loss()));
  }
  std::vector<AtlasPair> twice(pairs.rbegin(), pairs.rend());
  twice.insert(twice.end(), pairs.begin(), pairs.end());
  const AtlasEvidence once = gather_evidence(pairs, adamw_query());
  const AtlasEvidence again = gather_evidence(twice, adamw_query());
  RC_ASSERT(once.settings() == again.settings());
  for (std::size_t i = 0; i < once.rules.size(); ++i) {
    RC_ASSERT(std::abs(once.rules[i].share_lost - again.rules[i].share_lost) < 1e-12);
    RC_ASSERT(std::abs(once.rules[i].median.loss - again.rules[i].median.loss) < 1e-12);
    RC_ASSERT(once.rules[i].share_lost >= 0.0 && once.rules[i].share_lost <= 1.0 + 1e-12);
    RC_ASSERT(once.rules[i].median.loss <= once.rules[i].worst.loss);
  }
  RC_ASSERT(std::abs(once.exponent->median - again.exponent->median) < 1e-12);
}

}  // namespace
}  // namespace etalon
