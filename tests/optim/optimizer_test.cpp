#include "optim/optimizer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "optim/by_hand.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

ParameterLayout layout_of(std::int64_t size) {
  ParameterLayout layout;
  testing::add_segment(layout, SegmentKind::weights, {size});
  return layout;
}

// Of 37 parameters, with a matrix between two others.
ParameterLayout three_layers() {
  ParameterLayout layout;
  testing::add_segment(layout, SegmentKind::weights, {2, 4});
  testing::add_segment(layout, SegmentKind::weights, {4, 6});
  testing::add_segment(layout, SegmentKind::weights, {5});
  return layout;
}

std::string complaint(const OptimizerOptions& options) {
  try {
    make_optimizer(options, layout_of(3));
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

AlignedVector gradient_at(int step, std::size_t size) {
  AlignedVector gradient(size);
  for (std::size_t i = 0; i < size; ++i) {
    gradient[i] = static_cast<float>(std::sin(0.7 * step + static_cast<double>(i)));
  }
  return gradient;
}

TEST(OptimizerOptions, ComplainWithNameValueAndConstraint) {
  EXPECT_THAT(complaint({.name = "sdg"}), HasSubstr("there is no optimizer 'sdg'"));
  EXPECT_THAT(complaint({.name = "momentum", .momentum = 1.0}),
              HasSubstr("momentum is 1, it must be in [0, 1)"));
  EXPECT_THAT(complaint({.name = "adam", .beta2 = std::nan("")}), HasSubstr("beta2 is nan"));
  EXPECT_THAT(complaint({.name = "lamb", .eps = 0.0}),
              HasSubstr("eps is 0, it must be in [1e-30, 1e30]"));
  EXPECT_THAT(complaint({.name = "adam", .eps = 1e-300}), HasSubstr("eps is 1e-300"));
  EXPECT_THAT(complaint({.name = "lars", .trust = -1.0}), HasSubstr("trust is -1"));
  EXPECT_THAT(complaint({.name = "nesterov", .momentum = 0.0}), HasSubstr("> 0 for nesterov"));
  EXPECT_THAT(complaint({.name = "sgd", .weight_decay = -0.1}), HasSubstr("weight_decay is -0.1"));
}

TEST(OptimizerOptions, RefuseAFieldThatTheOptimizerLacks) {
  EXPECT_THAT(complaint({.name = "adam", .momentum = 0.9}),
              HasSubstr("momentum is no setting of the optimizer adam"));
  EXPECT_THAT(complaint({.name = "sgd", .beta1 = 0.9}), HasSubstr("beta1 is no setting"));
  EXPECT_THAT(complaint({.name = "rmsprop", .trust = 0.1}), HasSubstr("use optimizer lars"));
}

TEST(OptimizerOptions, TakeEachOptimizersOwnDefaults) {
  EXPECT_EQ(OptimizerOptions{.name = "rmsprop"}.with_defaults().beta2, 0.99);
  EXPECT_EQ(OptimizerOptions{.name = "lamb"}.with_defaults().eps, 1e-6);
  EXPECT_EQ(OptimizerOptions{.name = "lars"}.with_defaults().trust, 1e-3);
  EXPECT_EQ(OptimizerOptions{.name = "Lion"}.with_defaults().beta2, 0.99);
  EXPECT_EQ(OptimizerOptions{.name = "muon"}.with_defaults().momentum, 0.95);
  EXPECT_EQ(OptimizerOptions{.name = "muon"}.with_defaults().weight_decay, 0.1);
  EXPECT_EQ(OptimizerOptions{.name = "adafactor"}.with_defaults().beta2, std::nullopt);
  EXPECT_EQ(OptimizerOptions{.name = "sgd"}.with_defaults().momentum, std::nullopt);
  EXPECT_EQ((OptimizerOptions{.name = "adam", .beta1 = 0.8}).with_defaults().beta1, 0.8);
}

class EveryOptimizer : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryOptimizer, GoesOnFromASavedStateBitForBit) {
  constexpr std::size_t kSize = 37;
  const OptimizerOptions options{.name = GetParam()};
  const auto first = make_optimizer(options, three_layers());
  AlignedVector weights(kSize, 0.5f);
  for (int step = 0; step < 5; ++step) first->step(0.01f, gradient_at(step, kSize), weights);

  const auto second = make_optimizer(options, three_layers());
  const OptimizerState saved = first->state();
  const OptimizerState restored = second->state();
  ASSERT_EQ(saved.vectors.size(), restored.vectors.size());
  for (std::size_t i = 0; i < saved.vectors.size(); ++i) {
    std::copy(saved.vectors[i].begin(), saved.vectors[i].end(), restored.vectors[i].begin());
  }
  if (saved.steps != nullptr) *restored.steps = *saved.steps;
  AlignedVector resumed = weights;
  for (int step = 5; step < 10; ++step) {
    first->step(0.01f, gradient_at(step, kSize), weights);
    second->step(0.01f, gradient_at(step, kSize), resumed);
  }
  EXPECT_EQ(weights, resumed);
}

TEST_P(EveryOptimizer, FindsTheMinimumOfAParabola) {
  const auto optimizer = make_optimizer({.name = GetParam()}, three_layers());
  AlignedVector weights(37, 1.0f);
  for (std::size_t i = 0; i < weights.size(); i += 2) weights[i] = -1.0f;
  AlignedVector gradient(weights.size());
  // LARS multiplies by τ = 0.001; Lion swings about 100 of its steps, which stay as long as they
  // are, to either side.
  const bool lion = GetParam() == "lion";
  const float lr = GetParam() == "lars" ? 10.0f : lion ? 3e-4f : 0.02f;
  for (int step = 0; step < (lion ? 6000 : 600); ++step) {
    gradient = weights;
    optimizer->step(lr, gradient, weights);
  }
  for (const float weight : weights) EXPECT_NEAR(weight, 0.0, 0.05);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, EveryOptimizer, ::testing::ValuesIn(optimizer_names()),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace etalon
