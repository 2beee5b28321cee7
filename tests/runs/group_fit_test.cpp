#include "runs/group_fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Nine learning rates an octave apart around 0.01 with the optimum at `best`.
void add_sweep(RunGroup& group, double batch_size, double best, RandomStream& stream) {
  for (int octave = -4; octave <= 4; ++octave) {
    const double lr = 0.01 * std::exp2(octave);
    const double z = std::log(lr / best);
    group.observations.push_back({batch_size, lr, 1, 2 + 0.02 * z * z + 0.001 * stream.normal()});
  }
}

RunGroup linear_sweeps() {
  RandomStream stream(1, "group_fit_test");
  RunGroup group;
  for (const double batch_size : {16.0, 32.0, 64.0, 128.0}) {
    add_sweep(group, batch_size, 2e-4 * batch_size, stream);
  }
  return group;
}

TEST(GroupFit, AnswersWithOptimaLawsForecastsAndRules) {
  const double targets[] = {512.0};
  const GroupFit fit = fit_group(linear_sweeps(), targets, {.update = UpdateKind::sgd});
  EXPECT_FALSE(fit.refused);
  EXPECT_THAT(fit.optima, SizeIs(4));
  EXPECT_THAT(fit.laws.laws, SizeIs(7));
  ASSERT_THAT(fit.forecasts, SizeIs(1));
  EXPECT_DOUBLE_EQ(fit.forecasts[0].forecast.extrapolation, 4.0);
  ASSERT_THAT(fit.forecasts[0].rules, SizeIs(2));
  const auto& [linear, root] = std::tie(fit.forecasts[0].rules[0], fit.forecasts[0].rules[1]);
  EXPECT_NEAR(linear.lr, 0.1024, 0.02);
  EXPECT_GT(root.expected_regret, fit.forecasts[0].forecast.expected_regret);
}

TEST(GroupFit, RefusesOneBatchSizeAndNamesTheNextTrials) {
  RandomStream stream(2, "group_fit_test");
  RunGroup group;
  add_sweep(group, 32, 0.01, stream);
  const double targets[] = {512.0};
  const GroupFit fit = fit_group(group, targets, {});
  ASSERT_TRUE(fit.refused);
  EXPECT_THAT(*fit.refused, HasSubstr("run batch size 128 at learning rates"));
  EXPECT_THAT(fit.forecasts, IsEmpty());
  EXPECT_THAT(fit.optima, SizeIs(1));
}

TEST(GroupFit, RefusesOneLearningRate) {
  RunGroup group;
  group.observations = {{32, 0.1, 1, 2.0}, {64, 0.1, 1, 2.1}};
  EXPECT_THAT(*fit_group(group, {}, {}).refused, HasSubstr("0.025, 0.05, 0.2, 0.4"));
}

TEST(GroupFit, RefusesRunsThatAllDivergedAndPointsDown) {
  RunGroup group;
  group.observations = {{32, 0.8, 1, std::nullopt}, {64, 0.8, 1, std::nullopt}};
  EXPECT_THAT(*fit_group(group, {}, {}).refused, HasSubstr("0.05, 0.1, 0.2"));
}

TEST(GroupFit, RefusesOptimaThatAllLieOnTheEdge) {
  RandomStream stream(3, "group_fit_test");
  RunGroup group;
  add_sweep(group, 32, 10.0, stream);
  add_sweep(group, 64, 10.0, stream);
  const GroupFit fit = fit_group(group, {}, {});
  ASSERT_TRUE(fit.refused);
  EXPECT_THAT(*fit.refused, HasSubstr("run batch size 64 at learning rates 0.32, 0.64"));
}

}  // namespace
}  // namespace etalon
