#include "core/told_number.hpp"

#include <gtest/gtest.h>

namespace etalon {
namespace {

TEST(ToldNumber, SaysOfWhatIsFarBeyondTheLossesThatItIsLarge) {
  const double greatest = greatest_told(2.9);
  EXPECT_EQ(greatest, 1000.0);
  EXPECT_EQ(told_number(5.6e7, 2, greatest), "> 1000");
  EXPECT_EQ(told_number(-1e13, 4, greatest), "< -1000");
  EXPECT_EQ(told_in_words(5.6e7, 2, greatest), "over 1000");
  EXPECT_EQ(told_in_words(-1e13, 2, greatest), "below -1000");
}

TEST(ToldNumber, IsAsItIsUpToThere) {
  for (const double value : {0.00012, 0.5, 324.0, 1000.0, -1000.0}) {
    EXPECT_EQ(told_number(value, 2, 1000.0).find_first_of("<>"), std::string::npos) << value;
  }
  EXPECT_EQ(told_number(0.0231, 2, 1000.0), "0.023");
  EXPECT_EQ(told_in_words(324.4, 2, 1000.0), "324");
}

// Losses that are large themselves have large regrets.
TEST(ToldNumber, AllowsForWhatLossesAre) {
  EXPECT_EQ(greatest_told(10.0), 1000.0);
  EXPECT_EQ(greatest_told(10.1), 10000.0);
  EXPECT_EQ(greatest_told(-54321.0), 1e7);
  EXPECT_EQ(told_number(2e6, 2, greatest_told(54321.0)), "2000000");
  EXPECT_EQ(greatest_told(0.0), 1000.0);
}

}  // namespace
}  // namespace etalon
