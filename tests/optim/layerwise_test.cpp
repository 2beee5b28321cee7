// LARS and LAMB against plain loops in double, written here from the papers' equations.
#include <gtest/gtest.h>

#include <cmath>

#include "optim/by_hand.hpp"

namespace etalon {
namespace {

using testing::Doubles;

// Sizes that are no multiple of a vector register or a block; one tensor longer than a block.
ParameterLayout layout() {
  ParameterLayout all;
  testing::add_segment(all, SegmentKind::weights, {5003});
  testing::add_segment(all, SegmentKind::bias, {19});
  testing::add_segment(all, SegmentKind::weights, {37});
  testing::add_segment(all, SegmentKind::bias, {3});
  return all;
}

double norm(const Doubles& values, const Segment& segment) {
  double sum = 0.0;
  for (std::int64_t i = segment.offset; i < segment.offset + segment.size; ++i) {
    sum += values[static_cast<std::size_t>(i)] * values[static_cast<std::size_t>(i)];
  }
  return std::sqrt(sum);
}

template <typename Function>
void for_each_index(const Segment& segment, Function&& function) {
  for (std::int64_t i = segment.offset; i < segment.offset + segment.size; ++i) {
    function(static_cast<std::size_t>(i));
  }
}

constexpr double kLr = 0.3, kDecay = 0.01, kMomentum = 0.8, kTrust = 0.02;
constexpr double kBeta1 = 0.85, kBeta2 = 0.99, kEps = 1e-6;

void lars_by_hand(const ParameterLayout& all, const Doubles& g, Doubles& w, Doubles& v) {
  for (const Segment& segment : all.segments) {
    const bool bias = segment.kind == SegmentKind::bias;
    const double decay = bias ? 0.0 : kDecay;
    const double ratio =
        bias ? 1.0 : kTrust * norm(w, segment) / (norm(g, segment) + decay * norm(w, segment));
    for_each_index(segment, [&](std::size_t i) {
      v[i] = kMomentum * v[i] + kLr * ratio * (g[i] + decay * w[i]);
      w[i] -= v[i];
    });
  }
}

void lamb_by_hand(const ParameterLayout& all, int t, const Doubles& g, Doubles& w, Doubles& m,
                  Doubles& v) {
  Doubles u(w.size());
  for (const Segment& segment : all.segments) {
    const bool bias = segment.kind == SegmentKind::bias;
    for_each_index(segment, [&](std::size_t i) {
      m[i] = kBeta1 * m[i] + (1.0 - kBeta1) * g[i];
      v[i] = kBeta2 * v[i] + (1.0 - kBeta2) * g[i] * g[i];
      const double mean = m[i] / (1.0 - std::pow(kBeta1, t));
      const double square = v[i] / (1.0 - std::pow(kBeta2, t));
      u[i] = mean / (std::sqrt(square) + kEps) + (bias ? 0.0 : kDecay * w[i]);
    });
    const double ratio = bias ? 1.0 : norm(w, segment) / norm(u, segment);
    for_each_index(segment, [&](std::size_t i) { w[i] -= kLr * ratio * u[i]; });
  }
}

TEST(Lars, AgreesWithTheEquationsInDouble) {
  OptimizerOptions options{.name = "lars", .momentum = kMomentum, .trust = kTrust};
  options.weight_decay = kDecay;
  const ParameterLayout all = layout();
  Doubles v(static_cast<std::size_t>(all.size), 0.0);
  testing::expect_three_equal_steps(
      options, all, kLr, 2e-6,
      [&](int, const Doubles& g, Doubles& w) { lars_by_hand(all, g, w, v); });
}

TEST(Lamb, AgreesWithTheEquationsInDouble) {
  OptimizerOptions options{.name = "lamb", .beta1 = kBeta1, .beta2 = kBeta2, .eps = kEps};
  options.weight_decay = kDecay;
  const ParameterLayout all = layout();
  Doubles m(static_cast<std::size_t>(all.size), 0.0);
  Doubles v = m;
  testing::expect_three_equal_steps(
      options, all, kLr, 2e-6,
      [&](int t, const Doubles& g, Doubles& w) { lamb_by_hand(all, t, g, w, m, v); });
}

// A known answer: w = (3, 4), g = (0, 1): r = 0.001 · 5 / (1 + 0.1 · 5) = 1/300.
TEST(Lars, TakesTheStepThatItsFormulaGivesByHand) {
  ParameterLayout two;
  two.segments.push_back({"", SegmentKind::weights, {2}, 0, 2, 1});
  two.size = 2;
  OptimizerOptions options{.name = "lars"};
  options.weight_decay = 0.1;
  AlignedVector weights = {3.0f, 4.0f};
  const AlignedVector gradient = {0.0f, 1.0f};
  make_optimizer(options, two)->step(3.0f, gradient, weights);
  EXPECT_NEAR(weights[0], 3.0 - 3.0 / 300.0 * 0.3, 1e-6);
  EXPECT_NEAR(weights[1], 4.0 - 3.0 / 300.0 * 1.4, 1e-6);
}

// At the first step m̂ = g and v̂ = g², so u = sign(g); w = (3, 4): ‖w‖/‖u‖ = 5/√2.
TEST(Lamb, TakesTheStepThatItsFormulaGivesByHand) {
  ParameterLayout two;
  two.segments.push_back({"", SegmentKind::weights, {2}, 0, 2, 1});
  two.size = 2;
  AlignedVector weights = {3.0f, 4.0f};
  const AlignedVector gradient = {-2.0f, 0.5f};
  make_optimizer({.name = "lamb"}, two)->step(0.1f, gradient, weights);
  const double length = 0.1 * 5.0 / std::sqrt(2.0);
  EXPECT_NEAR(weights[0], 3.0 + length, 1e-5);
  EXPECT_NEAR(weights[1], 4.0 - length, 1e-5);
}

TEST(LayerwiseOptimizers, LeaveAZeroTensorARatioOfOne) {
  for (const char* name : {"lars", "lamb"}) {
    const ParameterLayout all = layout();
    const auto size = static_cast<std::size_t>(all.size);
    AlignedVector weights(size, 0.0f);
    const AlignedVector gradient(size, 1.0f);
    make_optimizer({.name = name}, all)->step(0.5f, gradient, weights);
    for (const float weight : weights) ASSERT_NEAR(weight, -0.5, 1e-5) << name;
  }
}

}  // namespace
}  // namespace etalon
