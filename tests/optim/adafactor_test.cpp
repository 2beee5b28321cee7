// Adafactor against plain loops in double, written here from algorithms 4 and 5 of the paper, whose
// R and C are sums of rows and columns.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "optim/by_hand.hpp"

namespace etalon {
namespace {

using testing::Doubles;

constexpr double kLr = 0.02, kDecay = 0.1, kEps = 1e-30;

// A dense layer, longer than a block of a sum, and a convolution, each with biases.
ParameterLayout layout() {
  ParameterLayout all;
  testing::add_segment(all, SegmentKind::weights, {71, 67});
  testing::add_segment(all, SegmentKind::bias, {67});
  testing::add_segment(all, SegmentKind::weights, {6, 5, 3, 3});
  testing::add_segment(all, SegmentKind::bias, {6});
  return all;
}

// G² of one tensor, an estimate of its mean, and the step along G/√ of that, clipped.
void step_by_hand(const Segment& segment, const Doubles& estimate, const Doubles& g, Doubles& w) {
  const auto first = static_cast<std::size_t>(segment.offset);
  double squares = 0.0;
  for (std::size_t i = 0; i < estimate.size(); ++i) {
    squares += g[first + i] * g[first + i] / estimate[i];
  }
  const double rms = std::sqrt(squares / static_cast<double>(estimate.size()));
  for (std::size_t i = 0; i < estimate.size(); ++i) {
    const double u = g[first + i] / std::sqrt(estimate[i]);
    w[first + i] -= kLr * (u / std::max(1.0, rms) + kDecay * w[first + i]);
  }
}

// R and C of a matrix, or v in R.
struct Memory {
  Doubles r, c;
};

Doubles matrix_estimate(const Segment& segment, double beta, const Doubles& g, Memory& memory) {
  const auto rows = static_cast<std::size_t>(segment.shape.front());
  const std::size_t columns = static_cast<std::size_t>(segment.size) / rows;
  memory.r.resize(rows, 0.0);
  memory.c.resize(columns, 0.0);
  Doubles r(rows, 0.0), c(columns, 0.0), estimate;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) {
      const double each = g[static_cast<std::size_t>(segment.offset) + i * columns + j];
      r[i] += each * each + kEps;
      c[j] += each * each + kEps;
    }
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < rows; ++i) {
    memory.r[i] = beta * memory.r[i] + (1.0 - beta) * r[i];
    sum += memory.r[i];
  }
  for (std::size_t j = 0; j < columns; ++j) {
    memory.c[j] = beta * memory.c[j] + (1.0 - beta) * c[j];
  }
  for (const double row : memory.r) {
    for (const double column : memory.c) estimate.push_back(row * column / sum);
  }
  return estimate;
}

Doubles vector_estimate(const Segment& segment, double beta, const Doubles& g, Memory& memory) {
  memory.r.resize(static_cast<std::size_t>(segment.size), 0.0);
  for (std::size_t i = 0; i < memory.r.size(); ++i) {
    const double each = g[static_cast<std::size_t>(segment.offset) + i];
    memory.r[i] = beta * memory.r[i] + (1.0 - beta) * (each * each + kEps);
  }
  return memory.r;
}

TEST(Adafactor, AgreesWithTheEquationsInDouble) {
  const ParameterLayout all = layout();
  OptimizerOptions options{.name = "adafactor"};
  options.weight_decay = kDecay;
  std::vector<Memory> memories(all.segments.size());
  testing::expect_three_equal_steps(
      options, all, kLr, 2e-6, [&](int t, const Doubles& g, Doubles& w) {
        const double beta = 1.0 - std::pow(t, -0.8);
        for (std::size_t i = 0; i < all.segments.size(); ++i) {
          const Segment& segment = all.segments[i];
          const auto estimate_of =
              segment.kind == SegmentKind::weights ? matrix_estimate : vector_estimate;
          step_by_hand(segment, estimate_of(segment, beta, g, memories[i]), g, w);
        }
      });
}

// Of a gradient that is a product of a column and a row the factors are exact, so that the first
// step is η times the sign, as Adam's first is: rms(U) = 1, and nothing is clipped.
TEST(Adafactor, StepsByTheSignFirstWhereAGradientHasOneRank) {
  ParameterLayout one;
  testing::add_segment(one, SegmentKind::weights, {2, 3});
  AlignedVector weights(6, 1.0f);
  const AlignedVector gradient = {1e-3f, -2e-3f, 3e-3f, -5.0f, 10.0f, -15.0f};
  make_optimizer({.name = "adafactor"}, one)->step(0.25f, gradient, weights);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_NEAR(weights[i], gradient[i] > 0.0f ? 0.75f : 1.25f, 1e-6) << i;
  }
}

// β is 0, then 1 − 2^−0.8 = 0.4257: v = 0.4257 · 1 + 0.5743 · 10,000, so that u = 1.32, which is
// clipped to a step of η.
TEST(Adafactor, ClipsAStepThatAGradientOutOfLineWouldMake) {
  ParameterLayout one;
  testing::add_segment(one, SegmentKind::bias, {1});
  AlignedVector weights = {0.0f};
  const auto optimizer = make_optimizer({.name = "adafactor"}, one);
  optimizer->step(0.5f, AlignedVector{1.0f}, weights);
  EXPECT_NEAR(weights[0], -0.5f, 1e-6);
  optimizer->step(0.5f, AlignedVector{100.0f}, weights);
  EXPECT_NEAR(weights[0], -1.0f, 1e-6);
  optimizer->step(0.5f, AlignedVector{1.0f}, weights);
  const double beta = 1.0 - std::pow(3.0, -0.8), second = 1.0 - std::pow(2.0, -0.8);
  const double v = beta * (second + (1.0 - second) * 1e4) + (1.0 - beta);
  EXPECT_NEAR(weights[0], -1.0 - 0.5 / std::sqrt(v), 1e-6);
}

TEST(Adafactor, LeavesAParameterWithoutAGradientWhereItIs) {
  ParameterLayout one;
  testing::add_segment(one, SegmentKind::weights, {2, 2});
  AlignedVector weights = {1.0f, 2.0f, 3.0f, 4.0f};
  const auto optimizer = make_optimizer({.name = "adafactor"}, one);
  for (int step = 0; step < 3; ++step) {
    optimizer->step(0.1f, AlignedVector{0.0f, 0.0f, 0.0f, 0.5f}, weights);
  }
  EXPECT_EQ(weights[0], 1.0f);
  EXPECT_EQ(weights[1], 2.0f);
  EXPECT_EQ(weights[2], 3.0f);
  EXPECT_LT(weights[3], 4.0f);
}

TEST(Adafactor, KeepsANumberForEachRowAndEachColumn) {
  const auto optimizer = make_optimizer({.name = "adafactor"}, layout());
  ASSERT_EQ(optimizer->state().vectors.size(), 1u);
  EXPECT_EQ(optimizer->state().vectors[0].size(), 71u + 67u + 67u + 6u + 45u + 6u);
}

}  // namespace
}  // namespace etalon
