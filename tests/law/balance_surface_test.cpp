#include "law/balance_surface.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace etalon {
namespace {

BalanceSurface::Parameters some_parameters() {
  BalanceSurface::Parameters parameters;
  parameters << 0.3, 0.8, -0.9, 0.7, 0.2, -0.1, 0.9, -0.4, 0.3, -0.2, -0.5;
  return parameters;
}

TEST(BalanceSurface, IsItsLevelAtTheReferencePoint) {
  EXPECT_DOUBLE_EQ(BalanceSurface::loss(some_parameters(), 0.0, 0.0), 0.3);
}

TEST(BalanceSurface, GradientAgreesWithFiniteDifferences) {
  const BalanceSurface::Parameters parameters = some_parameters();
  BalanceSurface::Parameters gradient;
  const double loss = BalanceSurface::loss(parameters, 1.2, -0.7, gradient);
  EXPECT_DOUBLE_EQ(loss, BalanceSurface::loss(parameters, 1.2, -0.7));
  for (int i = 0; i < BalanceSurface::kCount; ++i) {
    BalanceSurface::Parameters above = parameters;
    BalanceSurface::Parameters below = parameters;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    const double difference =
        BalanceSurface::loss(above, 1.2, -0.7) - BalanceSurface::loss(below, 1.2, -0.7);
    EXPECT_NEAR(gradient[i], difference / 2e-5, 1e-7) << "parameter " << i;
  }
}

// With progress and noise alone, and both shifting by ln B, the surface is a function of v - u: the
// linear rule.
TEST(BalanceSurface, ObeysTheLinearRuleWhereStabilityAndStepsCostNothing) {
  BalanceSurface::Parameters parameters = some_parameters();
  parameters[BalanceSurface::kKappa1] = 1.0;
  parameters[BalanceSurface::kKappa2] = 1.0;
  parameters[BalanceSurface::kLogD] = -50.0;
  parameters[BalanceSurface::kLogG] = -50.0;
  for (const double v : {-2.0, -0.5, 0.0, 1.0}) {
    EXPECT_NEAR(BalanceSurface::loss(parameters, 1.5, v + 1.5),
                BalanceSurface::loss(parameters, 0.0, v), 1e-12);
  }
}

TEST(BalanceSurface, StaysFiniteFarFromTheData) {
  EXPECT_TRUE(std::isfinite(BalanceSurface::loss(some_parameters(), 30.0, 30.0)));
  EXPECT_TRUE(std::isfinite(BalanceSurface::loss(some_parameters(), -30.0, -30.0)));
}

}  // namespace
}  // namespace etalon
