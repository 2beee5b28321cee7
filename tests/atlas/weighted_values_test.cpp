#include "atlas/weighted_values.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace etalon {
namespace {

TEST(WeightedQuantile, IsTheUsualMedianWhereAllWeighAlike) {
  const std::vector<WeightedValue> odd = {{3, 2}, {1, 2}, {9, 2}};
  EXPECT_EQ(weighted_quantile(odd, 0.5), 3);
  const std::vector<WeightedValue> even = {{3, 1}, {1, 1}, {9, 1}, {5, 1}};
  EXPECT_EQ(weighted_quantile(even, 0.5), 4);
}

// One value that weighs 6 of 10 is the middle, however many others there are.
TEST(WeightedQuantile, GivesAHeavyValueItsShare) {
  const std::vector<WeightedValue> values = {{1, 1}, {2, 1}, {7, 6}, {8, 1}, {9, 1}};
  EXPECT_EQ(weighted_quantile(values, 0.5), 7);
  EXPECT_EQ(weighted_quantile(values, 0.25), 7);
  EXPECT_EQ(weighted_quantile(values, 0.15), 2);
  EXPECT_EQ(weighted_quantile(values, 0.85), 8);
}

TEST(WeightedQuantile, HasTheLeastAndTheGreatestAtItsEnds) {
  const double infinite = std::numeric_limits<double>::infinity();
  const std::vector<WeightedValue> values = {{infinite, 1}, {2, 3}};
  EXPECT_EQ(weighted_quantile(values, 0.0), 2);
  EXPECT_EQ(weighted_quantile(values, 1.0), infinite);
}

}  // namespace
}  // namespace etalon
