// On gradients and Hessians whose truth is known: diagonal H and Σ that are not multiples of each
// other, so that B_noise is far from B_simple.
#include "noise/curvature_noise.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "core/random.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::size_t kGroups = 32, kRows = 8, kSize = 5;
constexpr double kGroupSize = 64.0;
using Vector = std::array<double, kSize>;

constexpr Vector kHessian = {8.0, 3.0, 1.0, 0.3, -0.2};
constexpr Vector kCovariance = {9.0, 4.0, 4.0, 1.0, 16.0};

// GᵀHG, tr(HΣ) and |G|² by hand.
struct Truth {
  double squared = 0.0, curvature = 0.0, trace = 0.0;
  explicit Truth(const Vector& gradient) {
    for (std::size_t i = 0; i < kSize; ++i) {
      squared += gradient[i] * gradient[i];
      curvature += gradient[i] * gradient[i] * kHessian[i];
      trace += kHessian[i] * kCovariance[i];
    }
  }
};

// One measurement: the gradients and the Hessians of 32 groups, each with noise of its own.
class Measurement {
 public:
  Measurement(const Vector& gradient, std::uint64_t seed) : stream_(seed, "curvature") {
    for (std::size_t k = 0; k < kGroups; ++k) {
      for (std::size_t i = 0; i < kSize; ++i) {
        gradients_[k][i] = gradient[i] + std::sqrt(kCovariance[i] / kGroupSize) * stream_.normal();
        hessians_[k][i] = kHessian[i] * (1.0 + 0.3 * stream_.normal());
      }
    }
  }

  CurvatureNoise estimate() const {
    CurvatureProducts products(kGroups, kRows);
    for (std::size_t c = 0; c < kGroups; ++c) {
      for (std::size_t r = 0; r < kRows; ++r) {
        for (std::size_t l = 0; l < kGroups; ++l) {
          products.at(c, r, l) = product(products.group_of(c, r), l, hessians_[c]);
        }
      }
    }
    constexpr Vector kOnes = {1.0, 1.0, 1.0, 1.0, 1.0};
    std::vector<double> gram;
    for (std::size_t k = 0; k < kGroups; ++k) {
      for (std::size_t l = 0; l < kGroups; ++l) gram.push_back(product(k, l, kOnes));
    }
    return CurvatureNoise(products, gram, kGroupSize);
  }

 private:
  double product(std::size_t k, std::size_t l, const Vector& diagonal) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < kSize; ++i) {
      sum += gradients_[k][i] * diagonal[i] * gradients_[l][i];
    }
    return sum;
  }

  RandomStream stream_;
  std::array<Vector, kGroups> gradients_, hessians_;
};

bool holds(const EstimatedRatio& ratio, double truth) {
  return *ratio.low <= truth && (!ratio.high || truth <= *ratio.high);
}

TEST(CurvatureNoise, IsUnbiasedAndItsIntervalsHoldTheTruth) {
  constexpr int kDraws = 400;
  const Vector gradient = {0.5, 0.4, -0.6, 0.3, 0.2};
  const Truth truth(gradient);
  double squared = 0.0, curvature = 0.0, trace = 0.0;
  int scale = 0, greatest = 0, at_16 = 0;
  for (int i = 0; i < kDraws; ++i) {
    const CurvatureNoise noise = Measurement(gradient, static_cast<std::uint64_t>(i)).estimate();
    squared += noise.squared_gradient().value / kDraws;
    curvature += noise.gradient_curvature().value / kDraws;
    trace += noise.curvature_trace().value / kDraws;
    scale += holds(noise.noise_scale(), truth.trace / truth.curvature);
    greatest += holds(noise.greatest_lr(), truth.squared / truth.curvature);
    at_16 += holds(noise.best_lr(16.0), truth.squared / (truth.curvature + truth.trace / 16.0));
  }
  fmt::print("coverage of B_noise {:.3f}, η_max {:.3f}, η*(16) {:.3f}\n", scale / 400.0,
             greatest / 400.0, at_16 / 400.0);
  EXPECT_NEAR(squared, truth.squared, 0.02 * truth.squared);
  EXPECT_NEAR(curvature, truth.curvature, 0.02 * truth.curvature);
  EXPECT_NEAR(trace, truth.trace, 0.02 * truth.trace);
  for (const int covered : {scale, greatest, at_16}) {
    EXPECT_GE(covered, 0.85 * kDraws);
    EXPECT_LE(covered, 0.95 * kDraws);
  }
}

TEST(CurvatureNoise, IsUndefinedWhereTheCurvatureAlongTheGradientIsNotToldFromZero) {
  const CurvatureNoise noise = Measurement({0.01, 0.0, 0.01, 0.0, 0.0}, 1).estimate();
  EXPECT_FALSE(noise.noise_scale().value);
  EXPECT_FALSE(noise.noise_scale().high);
  EXPECT_FALSE(noise.greatest_lr().value);
}

// η*(B) is η_max/(1 + B_noise/B), and that of the true gradient with a batch of all.
TEST(CurvatureNoise, GivesTheBestRateOfOneStepAtEachBatchSize) {
  const CurvatureNoise noise = Measurement({2.0, 1.0, 1.0, 1.0, 1.0}, 1).estimate();
  const double greatest = *noise.greatest_lr().value, scale = *noise.noise_scale().value;
  for (const double b : {1.0, 10.0, 1000.0}) {
    EXPECT_NEAR(*noise.best_lr(b).value, greatest / (1.0 + scale / b), 1e-12);
  }
  EXPECT_NEAR(*noise.best_lr(1e15).value, greatest, 1e-9);
}

TEST(CurvatureNoise, RefusesRowsThatLeaveNoGroups) {
  EXPECT_THROW(CurvatureProducts(32, 1), InputError);
  EXPECT_THROW(CurvatureProducts(4, 3), InputError);
}

}  // namespace
}  // namespace etalon
