#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "etalon/error.hpp"
#include "etalon/quadratic.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

TEST(QuadraticSpec, NamesPowersOfTheCoordinate) {
  const auto known = parse_quadratic("quadratic:300");
  ASSERT_EQ(known.size(), 300u);
  EXPECT_DOUBLE_EQ(known[9].curvature, 0.1);
  EXPECT_DOUBLE_EQ(known[9].variance, 0.1);
  EXPECT_DOUBLE_EQ(known[9].start, 1.0);
  const auto other = parse_quadratic("quadratic:2,h=8,h_power=2,c=3,c_power=0,a=4,a_power=-1");
  EXPECT_DOUBLE_EQ(other[1].curvature, 2.0);
  EXPECT_DOUBLE_EQ(other[1].variance, 3.0);
  EXPECT_DOUBLE_EQ(other[1].start, 8.0);
}

TEST(QuadraticSpec, KnowsItsOwn) {
  EXPECT_TRUE(is_quadratic("quadratic"));
  EXPECT_TRUE(is_quadratic("quadratic:3"));
  EXPECT_FALSE(is_quadratic("quadratics"));
  EXPECT_FALSE(is_quadratic("mlp:128"));
}

std::string message_of(const std::string& model) {
  try {
    parse_quadratic(model);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

TEST(QuadraticSpec, SaysWhatIsWrong) {
  EXPECT_THAT(message_of("quadratic"), HasSubstr("write it like quadratic:300"));
  EXPECT_THAT(message_of("quadratic:0"), HasSubstr("from 1 to 100000"));
  EXPECT_THAT(message_of("quadratic:100001"), HasSubstr("from 1 to 100000"));
  EXPECT_THAT(message_of("quadratic:3,c=0"),
              HasSubstr("c is '0', model 'quadratic:3,c=0', it must"));
  EXPECT_THAT(message_of("quadratic:3,h_power=5"), HasSubstr("in [-4, 4]"));
  EXPECT_THAT(message_of("quadratic:3,h_pwer=1"), HasSubstr("did you mean h_power"));
  EXPECT_THAT(message_of("quadratic:3,c"), HasSubstr("c is ''"));
  EXPECT_THAT(message_of("quadratic:3,h=1,h=2"), HasSubstr("'h' is given twice"));
  EXPECT_THAT(message_of("quadratic:3,"), HasSubstr("nothing stands after the last comma"));
}

}  // namespace
}  // namespace etalon
