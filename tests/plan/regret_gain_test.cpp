#include "plan/regret_gain.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace etalon {
namespace {

TEST(MostRegretted, IsWhereMostIsExpectedToBeLost) {
  const std::vector<RegretAt> all = {{0.01, 5, 0}, {0.03, 5, 0}, {0.02, 5, 0}};
  EXPECT_EQ(most_regretted(all), 1u);
}

TEST(MostRegretted, CountsWhatIsUnderWayAsHalfTaken) {
  const std::vector<RegretAt> all = {{0.01, 5, 0}, {0.03, 5, 2}, {0.02, 5, 0}};
  EXPECT_EQ(most_regretted(all), 2u);
}

TEST(MostRegretted, IsNeverOneThatIsFarAhead) {
  const std::vector<RegretAt> all = {{0.9, 9, 0}, {0.01, 3, 0}, {0.02, 8, 0}};
  EXPECT_TRUE(is_ahead(all, 0));
  EXPECT_FALSE(is_ahead(all, 2));
  EXPECT_EQ(most_regretted(all), 2u);
}

}  // namespace
}  // namespace etalon
