// Lion against a plain loop in double, written here from algorithm 2 of the paper.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "optim/by_hand.hpp"

namespace etalon {
namespace {

using testing::Doubles;

constexpr double kLr = 0.003, kDecay = 0.1, kBeta1 = 0.8, kBeta2 = 0.95;

double sign(double value) { return value > 0.0 ? 1.0 : value < 0.0 ? -1.0 : 0.0; }

ParameterLayout one_vector(std::int64_t size) {
  ParameterLayout layout;
  testing::add_segment(layout, SegmentKind::weights, {size});
  return layout;
}

TEST(Lion, AgreesWithTheEquationsInDouble) {
  const ParameterLayout layout = one_vector(5003);
  OptimizerOptions options{.name = "lion", .beta1 = kBeta1, .beta2 = kBeta2};
  options.weight_decay = kDecay;
  Doubles m(static_cast<std::size_t>(layout.size), 0.0);
  testing::expect_three_equal_steps(options, layout, kLr, 2e-7,
                                    [&](int, const Doubles& g, Doubles& w) {
                                      for (std::size_t i = 0; i < w.size(); ++i) {
                                        const double c = kBeta1 * m[i] + (1.0 - kBeta1) * g[i];
                                        w[i] -= kLr * (sign(c) + kDecay * w[i]);
                                        m[i] = kBeta2 * m[i] + (1.0 - kBeta2) * g[i];
                                      }
                                    });
}

// The momentum that decides is β1's, the one that is kept β2's: m = 0.01 · 1 after the first step;
// then c = 0.9 · 0.01 − 0.1 · 0.08 > 0, and −0.0005 where the gradient is −0.095.
TEST(Lion, TakesTheStepsThatItsFormulaGivesByHand) {
  const auto optimizer = make_optimizer({.name = "lion"}, one_vector(3));
  AlignedVector weights = {1.0f, 1.0f, 1.0f};
  optimizer->step(0.1f, AlignedVector{1.0f, 1.0f, 0.0f}, weights);
  EXPECT_FLOAT_EQ(weights[0], 0.9f);
  EXPECT_EQ(weights[2], 1.0f);  // sign(0) = 0
  optimizer->step(0.1f, AlignedVector{-0.08f, -0.095f, 0.0f}, weights);
  EXPECT_FLOAT_EQ(weights[0], 0.8f);
  EXPECT_FLOAT_EQ(weights[1], 1.0f);
  EXPECT_EQ(weights[2], 1.0f);
}

TEST(Lion, ShowsADivergenceThatHasNoSign) {
  for (const float lost :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    AlignedVector weights = {1.0f};
    make_optimizer({.name = "lion"}, one_vector(1))->step(0.1f, AlignedVector{lost}, weights);
    EXPECT_TRUE(std::isnan(weights[0]));
  }
}

}  // namespace
}  // namespace etalon
