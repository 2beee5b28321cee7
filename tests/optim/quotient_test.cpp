#include "optim/quotient.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace etalon {
namespace {

TEST(Quotient, IsTheDivisionToTwoUnitsInTheLastPlaceForEveryExponent) {
  double worst = 0.0;
  for (int exponent = -126; exponent <= 122; ++exponent) {
    for (int i = 0; i < 4096; ++i) {
      const float d = std::ldexp(1.0f + static_cast<float>(i) / 4096.0f, exponent);
      if (d > 1e37f) continue;
      const float a = std::ldexp(1.7f, exponent / 2);
      const double exact = static_cast<double>(a) / static_cast<double>(d);
      if (exact > 1e38 || exact < 1e-37) continue;
      worst = std::max(worst, std::abs(static_cast<double>(quotient(a, d)) / exact - 1.0));
    }
  }
  EXPECT_LT(worst, 2.4e-7);
}

TEST(Quotient, KeepsSignAndZeroAndWhatIsNoNumber) {
  EXPECT_EQ(quotient(0.0f, 3.0f), 0.0f);
  EXPECT_FLOAT_EQ(quotient(-6.0f, 3.0f), -2.0f);
  EXPECT_TRUE(std::isnan(quotient(1.0f, std::nanf(""))));
  EXPECT_TRUE(std::isnan(quotient(std::nanf(""), 1.0f)));
  EXPECT_LT(std::abs(quotient(1.0f, std::numeric_limits<float>::infinity())), 1e-36f);
}

}  // namespace
}  // namespace etalon
