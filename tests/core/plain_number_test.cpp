#include "core/plain_number.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace etalon {
namespace {

TEST(PlainNumber, ShowsNoRoundingOfTheLastBits) {
  EXPECT_EQ(plain_number(0.1 + 0.5), "0.6");
  EXPECT_EQ(plain_number(1048576), "1048576");
  EXPECT_EQ(plain_number(4e15), "4000000000000000");
}

TEST(RoundedNumber, HasItsDigitsAndNoZerosBehindThem) {
  EXPECT_EQ(rounded_number(0.0079, 2), "0.0079");
  EXPECT_EQ(rounded_number(0.012345, 2), "0.012");
  EXPECT_EQ(rounded_number(0.5, 3), "0.5");
  EXPECT_EQ(rounded_number(2.0, 4), "2");
  EXPECT_EQ(rounded_number(-0.25, 2), "-0.25");
  EXPECT_EQ(rounded_number(9.96, 2), "10");
  EXPECT_EQ(rounded_number(0, 2), "0");
}

TEST(RoundedNumber, KeepsWhatStandsBeforeThePoint) {
  EXPECT_EQ(rounded_number(127.6, 2), "128");
  EXPECT_EQ(rounded_number(99.96, 2), "100");
  EXPECT_EQ(rounded_number(20480, 4), "20480");
  EXPECT_EQ(rounded_number(1200, 2), "1200");
}

TEST(RoundedNumber, WritesNoRowOfZeros) {
  EXPECT_EQ(rounded_number(2.1e-6, 2), "2.1e-06");
  EXPECT_EQ(rounded_number(1e-8, 3), "1e-08");
  EXPECT_EQ(rounded_number(1.28e8, 2), "1.3e+08");
}

TEST(RoundedNumber, SaysWhatIsNotFinite) {
  EXPECT_EQ(rounded_number(NAN, 3), "nan");
  EXPECT_EQ(rounded_number(-std::numeric_limits<double>::infinity(), 3), "-inf");
}

}  // namespace
}  // namespace etalon
