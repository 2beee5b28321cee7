#include "surface/balance_surface.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "surface/surface_energy.hpp"
#include "surface/surface_posterior.hpp"

namespace etalon {
namespace {

BalanceSurface::Parameters some_parameters() {
  BalanceSurface::Parameters parameters;
  parameters << 0.3, 0.8, -0.9, 1.1, 0.7, 0.2, -0.1, 0.9, -0.4, 0.3, -1.6, -0.2, -0.5;
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

// At a learning rate of nothing, progress costs M times what it costs at the reference, which is
// A/p: here the other costs are far below.
TEST(BalanceSurface, LosesNoMoreThanCouldBeLearnedWhereTrainingHardlyMoves) {
  BalanceSurface::Parameters parameters = some_parameters();
  parameters[BalanceSurface::kLogD] = -50.0;
  parameters[BalanceSurface::kLogG] = -50.0;
  parameters[BalanceSurface::kLogC] = -50.0;
  const double height = std::exp(parameters[BalanceSurface::kLogHeight]);
  const double reference =
      std::exp(parameters[BalanceSurface::kLogA] - parameters[BalanceSurface::kLogP]);
  const double loss = BalanceSurface::loss(parameters, 0.0, -60.0);
  EXPECT_NEAR(loss, parameters[BalanceSurface::kLevel] + height * reference, 1e-6);
}

// What is stable falls as B^-κ₃: with instability alone the loss is a function of v + κ₃u.
TEST(BalanceSurface, HasACeilingThatFallsWithTheBatchSize) {
  BalanceSurface::Parameters parameters = some_parameters();
  for (const auto cost : {BalanceSurface::kLogA, BalanceSurface::kLogC, BalanceSurface::kLogG}) {
    parameters[cost] = -50.0;
  }
  const double fall = std::exp(parameters[BalanceSurface::kLogKappa3]);
  EXPECT_NEAR(BalanceSurface::loss(parameters, 2.0, 1.0 - 2.0 * fall),
              BalanceSurface::loss(parameters, 0.0, 1.0), 1e-12);
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

// Places that share some of their u and v, and weights of both signs.
TEST(BalanceCosts, OfManyPlacesAreThoseOfEachAndTheirDerivatives) {
  const BalanceSurface::Parameters parameters = some_parameters();
  const Eigen::ArrayXd u{{1.2, -0.4, 1.2, 0.0, -0.4}};
  const Eigen::ArrayXd v{{-0.7, 0.3, 0.3, 0.0, -0.7}};
  const Eigen::VectorXd weights{{0.5, -2.0, 1.0, 3.0, -0.25}};
  BalanceCosts costs(u, v);
  const Eigen::VectorXd losses = costs.losses(parameters);
  const BalanceSurface::Jacobian jacobian = costs.jacobian();
  BalanceSurface::Parameters sum = BalanceSurface::Parameters::Zero();
  for (Eigen::Index i = 0; i < u.size(); ++i) {
    BalanceSurface::Parameters slope;
    EXPECT_NEAR(losses[i], BalanceSurface::loss(parameters, u[i], v[i], slope), 1e-12);
    EXPECT_NEAR((jacobian.row(i).transpose() - slope).norm(), 0.0, 1e-12) << "place " << i;
    sum += weights[i] * slope;
  }
  EXPECT_NEAR((costs.gradient(weights) - sum).norm(), 0.0, 1e-12);
}

// Evenly spaced learning rates, of which the last block is not full, and others.
TEST(BalanceCurve, IsTheSurfaceAtEachLearningRate) {
  std::vector<double> even, uneven;
  for (int i = 0; i < 39; ++i) {
    even.push_back(-3.0 + 0.2 * i);
    uneven.push_back(-3.0 + 0.2 * i + (i % 3) * 0.05);
  }
  for (const std::vector<double>& v : {even, uneven, std::vector{0.4}}) {
    BalanceCurve curve(0.8, v);
    Eigen::VectorXd losses = Eigen::VectorXd::Constant(std::ssize(v), 2.0);
    curve.add_losses(some_parameters(), 0.3, losses);
    for (Eigen::Index i = 0; i < losses.size(); ++i) {
      const double expected = 2.0 + BalanceSurface::loss(some_parameters(), 0.8, v[i] - 0.3);
      EXPECT_NEAR(losses[i], expected, 1e-12 * std::abs(expected)) << "at " << v[i];
    }
  }
}

// A cost is bounded far from the data, however it is computed.
TEST(BalanceCurve, IsTheSurfaceWhereExponentialsAreBounded) {
  std::vector<double> v;
  for (int i = 0; i < 100; ++i) v.push_back(-400.0 + 8.0 * i);
  BalanceCurve curve(-30.0, v);
  Eigen::VectorXd losses = Eigen::VectorXd::Zero(std::ssize(v));
  curve.add_losses(some_parameters(), 0.0, losses);
  for (Eigen::Index i = 0; i < losses.size(); ++i) {
    const double expected = BalanceSurface::loss(some_parameters(), -30.0, v[i]);
    EXPECT_NEAR(losses[i], expected, 1e-9 * std::abs(expected)) << "at " << v[i];
  }
}

// The energy that Hamiltonian draws follow is the one that the mode is sought in.
TEST(SurfaceEnergy, HasOneValueAndOneGradientHoweverItIsAsked) {
  StandardizedSweep sweep;
  for (const double u : {-1.0, 0.0, 1.0}) {
    for (const double v : {-1.0, -0.3, 0.4, 1.1}) {
      sweep.points.push_back({u, v, 0.3 * u + v * v, v * v, 1.0});
    }
    sweep.bounds.push_back({u, 2.5, 14.0, 12.0, 1.0});
  }
  SurfaceEnergy energy(sweep, UpdateKind::sgd, {});
  const BalanceSurface::Parameters parameters = some_parameters();
  BalanceSurface::Parameters newton, hamilton;
  SurfaceEnergy::Matrix curvature;
  const double value = energy.value(parameters);
  EXPECT_NEAR(energy.value(parameters, newton, curvature), value, 1e-9);
  EXPECT_NEAR(energy.value(parameters, hamilton), value, 1e-9);
  for (int i = 0; i < BalanceSurface::kCount; ++i) {
    BalanceSurface::Parameters above = parameters;
    BalanceSurface::Parameters below = parameters;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    const double difference = (energy.value(above) - energy.value(below)) / 2e-5;
    EXPECT_NEAR(newton[i], difference, 1e-4 * (1.0 + std::abs(difference))) << "parameter " << i;
    EXPECT_NEAR(hamilton[i], newton[i], 1e-8 * (1.0 + std::abs(newton[i]))) << "parameter " << i;
  }
}

// Student's noise: a stray in the middle of a parabola is doubted, its neighbours are not.
TEST(SurfaceEnergy, DoubtsAStrayAndNotItsNeighbours) {
  StandardizedSweep sweep;
  for (int i = -6; i <= 6; ++i) {
    const double v = 0.3 * i;
    sweep.points.push_back({.v = v, .loss = v * v + (i == 2 ? 3.0 : 0.0), .excess = v * v});
  }
  SurfacePosterior posterior(sweep, UpdateKind::adaptive, {});
  for (int i = 0; i < 3; ++i) {
    const auto start = posterior.mode();
    posterior = SurfacePosterior(posterior.doubted(), UpdateKind::adaptive, {}, &start);
  }
  const std::vector<SweepPoint> points = posterior.doubted().points;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == 8) {
      EXPECT_GT(points[i].doubt, 10.0);
    } else {
      EXPECT_LT(points[i].doubt, 3.0) << "point " << i;
    }
  }
}

TEST(BalanceSurface, StaysFiniteFarFromTheData) {
  EXPECT_TRUE(std::isfinite(BalanceSurface::loss(some_parameters(), 30.0, 30.0)));
  EXPECT_TRUE(std::isfinite(BalanceSurface::loss(some_parameters(), -30.0, -30.0)));
}

}  // namespace
}  // namespace etalon
