// The limits are those at which the optimizers themselves begin to diverge on a parabola.
#include "optim/stability_limit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

#include "model/parameters.hpp"

namespace etalon {
namespace {

constexpr double kSharpness = 4.0;

// How far from the least value of ½λw² it is after many steps, from 1.
double distance_after(const OptimizerOptions& options, double lr) {
  const ParameterLayout layout{{{"w", SegmentKind::weights, {1}, 0, 1, 1}}, 1};
  const auto optimizer = make_optimizer(options, layout);
  float weight = 1.0f;
  for (int step = 0; step < 3000 && std::abs(weight) < 1e6f; ++step) {
    const float gradient = static_cast<float>(kSharpness) * weight;
    optimizer->step(static_cast<float>(lr), {&gradient, 1}, {&weight, 1});
  }
  return std::abs(static_cast<double>(weight));
}

class StabilityLimits : public ::testing::TestWithParam<OptimizerOptions> {};

TEST_P(StabilityLimits, AreWhereStepsBeginToGrow) {
  const auto limit = stability_limit(GetParam());
  ASSERT_TRUE(limit);
  const double lr = limit->product / kSharpness;
  EXPECT_LT(distance_after(GetParam(), 0.98 * lr), 1e-3);
  EXPECT_GT(distance_after(GetParam(), 1.02 * lr), 1e3);
}

OptimizerOptions with_momentum(const char* name, double momentum) {
  OptimizerOptions options;
  options.name = name;
  options.momentum = momentum;
  options.weight_decay = 0.0;
  return options;
}

INSTANTIATE_TEST_SUITE_P(Optimizers, StabilityLimits,
                         ::testing::Values(OptimizerOptions{}, with_momentum("momentum", 0.9),
                                           with_momentum("momentum", 0.5),
                                           with_momentum("nesterov", 0.9),
                                           with_momentum("nesterov", 0.3)));

TEST(StabilityLimit, IsNotKnownOfOptimizersThatRescaleTheGradient) {
  for (const char* name :
       {"adam", "adamw", "rmsprop", "lars", "lamb", "lion", "adafactor", "muon"}) {
    OptimizerOptions options;
    options.name = name;
    EXPECT_FALSE(stability_limit(options)) << name;
  }
}

}  // namespace
}  // namespace etalon
