#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "atlas/pairs.hpp"
#include "etalon/atlas.hpp"

namespace etalon {
namespace {

AtlasPair rising(const std::string& source, const std::string& setting, double exponent) {
  return adamw_pair(source, setting, 8.0, exponent);
}

// Evenly from 0 to 1.
TEST(ExponentBelief, IsOfAnyExponentWhereNoRowTells) {
  const ExponentBelief belief = believed_exponent({}, OptimizerFamily::lamb);
  EXPECT_EQ(belief.sources, 0u);
  EXPECT_DOUBLE_EQ(belief.mean, 0.5);
  EXPECT_NEAR(belief.deviation, 1.0 / std::sqrt(12.0), 1e-9);
}

// The mean of 0.5, 0.2 and 0.4: a source counts as much as what is believed without any, and as
// another with more rows.
TEST(ExponentBelief, LetsSourcesWeighAlike) {
  const std::vector<AtlasPair> pairs = {rising("One", "a", 0.2), rising("One", "b", 0.2),
                                        rising("One", "b", 0.2), rising("Two", "a", 0.4)};
  const ExponentBelief belief = believed_exponent(pairs, OptimizerFamily::adamw);
  EXPECT_EQ(belief.sources, 2u);
  EXPECT_EQ(belief.settings, 3u);
  EXPECT_NEAR(belief.mean, (0.5 + 0.2 + 0.4) / 3.0, 1e-6);
}

// What is believed before anything is known of an optimizer is what is known of its like.
TEST(ExponentBelief, OfALearningRateWhoseLengthIsThatOfTheStepIsThatOfAdam) {
  const std::vector<AtlasPair> pairs = {rising("One", "a", 0.2)};
  EXPECT_EQ(believed_exponent(pairs, OptimizerFamily::lion).sources, 1u);
  EXPECT_EQ(believed_exponent(pairs, OptimizerFamily::lamb).sources, 0u);
}

TEST(ExponentBelief, IsWiderWhereSettingsDiffer) {
  const std::vector<AtlasPair> alike = {rising("One", "a", 0.4), rising("One", "b", 0.4)};
  const std::vector<AtlasPair> apart = {rising("One", "a", 0.1), rising("One", "b", 0.7)};
  EXPECT_GT(believed_exponent(apart, OptimizerFamily::adamw).deviation,
            believed_exponent(alike, OptimizerFamily::adamw).deviation);
}

TEST(ExponentBelief, TakesRowsOfItsKindAndBudgetThatAreFarEnoughApart) {
  std::vector<AtlasPair> pairs(5, rising("One", "a", 0.9));
  pairs[0].optimizer = OptimizerFamily::sgd;
  pairs[1].budget = HeldBudget::steps;
  pairs[2].to_batch = 2.0 * pairs[2].from_batch;
  pairs[3].is_to_edge = true;
  pairs[4].source = "Two";
  EXPECT_EQ(believed_exponent(pairs, OptimizerFamily::adamw, HeldBudget::examples, "Two").sources,
            0u);
  EXPECT_EQ(believed_exponent(pairs, OptimizerFamily::adam).sources, 1u);
}

// One source or two say little of yet another: an interval of 80% spans half of what is possible.
TEST(ExponentBelief, StaysWideForEveryOptimizer) {
  for (const OptimizerInfo& info : optimizers()) {
    const ExponentBelief belief = believed_exponent(atlas(), info.family);
    EXPECT_GE(belief.sources, 1u) << info.name;
    EXPECT_GT(2.0 * 1.2816 * belief.deviation, 0.5) << info.name;
    EXPECT_GT(belief.mean, 0.2) << info.name;
    EXPECT_LT(belief.mean, 0.9) << info.name;
  }
}

}  // namespace
}  // namespace etalon
