// One-step branches on the loss ½Σh·w², whose expectation after a step is known.
#include "noise/one_step.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/random.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr double kCurvatures[] = {4.0, 1.0, 0.25};
constexpr double kWeights[] = {0.3, 1.0, 2.0};
constexpr double kDeviations[] = {1.0, 2.0, 3.0};  // of one example's gradient

// |G|², GᵀHG and tr(HΣ) with G = h·w.
struct Truth {
  double squared = 0.0, curvature = 0.0, trace = 0.0;
  Truth() {
    for (int i = 0; i < 3; ++i) {
      const double g = kCurvatures[i] * kWeights[i];
      squared += g * g;
      curvature += g * g * kCurvatures[i];
      trace += kCurvatures[i] * kDeviations[i] * kDeviations[i];
    }
  }
  double noise_scale() const { return trace / curvature; }
  double greatest_lr() const { return squared / curvature; }
  double best_lr(double batch_size) const {
    return greatest_lr() / (1.0 + noise_scale() / batch_size);
  }
};

double loss(const double (&weights)[3]) {
  double sum = 0.0;
  for (int i = 0; i < 3; ++i) sum += 0.5 * kCurvatures[i] * weights[i] * weights[i];
  return sum;
}

Branches branches_of(std::int64_t batch_size, std::uint64_t seed, int batches = 64) {
  const double middle = Truth().best_lr(static_cast<double>(batch_size));
  Branches branches{batch_size, {}, {}};
  for (int i = -6; i <= 6; ++i) branches.lrs.push_back(middle * 1.1 * std::exp2(0.5 * i));
  RandomStream stream(seed, "branches");
  for (int k = 0; k < batches; ++k) {
    double gradient[3];
    for (int i = 0; i < 3; ++i) {
      gradient[i] =
          kCurvatures[i] * kWeights[i] + kDeviations[i] / std::sqrt(batch_size) * stream.normal();
    }
    auto& changes = branches.changes.emplace_back();
    for (const double lr : branches.lrs) {
      double moved[3];
      for (int i = 0; i < 3; ++i) moved[i] = kWeights[i] - lr * gradient[i];
      changes.push_back(loss(moved) - loss(kWeights));
    }
  }
  return branches;
}

TEST(OneStepOptimum, IsThatOfTheExpectedLossAndItsIntervalHoldsIt) {
  constexpr int kDraws = 300;
  int covered = 0;
  double mean = 0.0;
  const double truth = Truth().best_lr(4.0);
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    const OneStepOptimum optimum = one_step_optimum(branches_of(4, seed));
    mean += std::log(*optimum.lr) / kDraws;
    covered += *optimum.low <= truth && truth <= *optimum.high;
  }
  fmt::print("coverage {:.3f}\n", covered / 300.0);
  EXPECT_NEAR(mean, std::log(truth), 0.03);
  EXPECT_GE(covered, 0.84 * kDraws);
  EXPECT_LE(covered, 0.96 * kDraws);
}

// Without noise the loss is one parabola, whose least value the rates do not hold.
TEST(OneStepOptimum, IsExactWithoutNoise) {
  const OneStepOptimum optimum = one_step_optimum(branches_of(1'000'000'000'000, 1));
  EXPECT_NEAR(*optimum.lr, Truth().greatest_lr(), 1e-4 * Truth().greatest_lr());
  EXPECT_LT(optimum.change, 0.0);
}

TEST(OneStepOptimum, IsABoundWhereTheBestRateIsTheLast) {
  Branches branches = branches_of(1'000'000, 1);
  branches.lrs.resize(4);
  for (auto& changes : branches.changes) changes.resize(4);
  const OneStepOptimum optimum = one_step_optimum(branches);
  EXPECT_FALSE(optimum.lr);
  EXPECT_FALSE(optimum.high);
  EXPECT_FALSE(optimum.low && *optimum.low < branches.lrs[2]);
}

TEST(OneStepOptimum, TakesALossThatIsNotFiniteForTheWorst) {
  Branches branches = branches_of(64, 1);
  branches.changes[3].back() = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(one_step_optimum(branches).lr, one_step_optimum(branches_of(64, 1)).lr);
}

TEST(OneStepOptimum, RefusesTooFewRatesOrBatches) {
  EXPECT_THROW(one_step_optimum(Branches{8, {0.1, 0.2}, {{0, 0}, {0, 0}}}), InputError);
  EXPECT_THROW(one_step_optimum(Branches{8, {0.1, 0.2, 0.4}, {{0, 0, 0}}}), InputError);
  EXPECT_THROW(one_step_optimum(Branches{8, {0.1, 0.2, 0.4}, {{0, 0, 0}, {0, 0}}}), InputError);
}

TEST(OneStepCurve, FindsTheNoiseScaleAndTheGreatestRateInItsIntervals) {
  constexpr int kDraws = 100;
  const Truth truth;
  int scale = 0, greatest = 0;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
    std::vector<OneStepOptimum> optima;
    for (const std::int64_t b : {1, 4, 16, 64, 256}) {
      optima.push_back(
          one_step_optimum(branches_of(b, 1000 * seed + static_cast<std::uint64_t>(b))));
    }
    const auto curve = fit_one_step_curve(optima);
    ASSERT_TRUE(curve && curve->noise_scale.value);
    EXPECT_NEAR(std::log(*curve->noise_scale.value), std::log(truth.noise_scale()), 0.7);
    scale += *curve->noise_scale.low <= truth.noise_scale() &&
             truth.noise_scale() <= curve->noise_scale.high.value_or(1e9);
    greatest += *curve->greatest_lr.low <= truth.greatest_lr() &&
                truth.greatest_lr() <= *curve->greatest_lr.high;
  }
  fmt::print("coverage of B_noise {:.3f}, η_max {:.3f}\n", scale / 100.0, greatest / 100.0);
  EXPECT_GE(scale, 0.85 * kDraws);
  EXPECT_GE(greatest, 0.85 * kDraws);
}

TEST(OneStepCurve, NeedsThreeBatchSizes) {
  std::vector<OneStepOptimum> optima;
  for (const std::int64_t b : {1, 16}) optima.push_back(one_step_optimum(branches_of(b, 7)));
  EXPECT_FALSE(fit_one_step_curve(optima));
}

}  // namespace
}  // namespace etalon
