// Which loss belongs to which learning rate, in logs of several forms.
#include "program/ramp_log.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace etalon {
namespace {

using Rows = std::vector<std::vector<NamedValue>>;

std::vector<StepOfRamp> steps_of(const Rows& rows, const std::string& lr = "") {
  RampLog log("loss", lr);
  for (const auto& row : rows) log.hear(row);
  return log.steps();
}

void expect_pairs(const std::vector<StepOfRamp>& steps,
                  const std::vector<std::pair<double, double>>& expected) {
  ASSERT_EQ(steps.size(), expected.size());
  for (std::size_t i = 0; i < steps.size(); ++i) {
    EXPECT_EQ(steps[i].lr, expected[i].first) << i;
    EXPECT_EQ(steps[i].loss, expected[i].second) << i;
  }
}

TEST(RampLog, PairsWhatStandsInOneRow) {
  expect_pairs(
      steps_of({{{"step", 1}, {"lr", 0.1}, {"loss", 3}}, {{"step", 2}, {"lr", 0.2}, {"loss", 2}}}),
      {{0.1, 3}, {0.2, 2}});
}

// As event files have them: an event for each scalar, the rate before its loss or after it.
TEST(RampLog, PairsWhatHasTheSameStep) {
  expect_pairs(steps_of({{{"step", 1}, {"loss", 3}},
                         {{"step", 1}, {"train/learning_rate", 0.1}},
                         {{"step", 2}, {"train/learning_rate", 0.2}},
                         {{"step", 2}, {"loss", 2}},
                         {{"step", 3}, {"loss", 1}}}),
               {{0.1, 3}, {0.2, 2}});
}

TEST(RampLog, TakesTheRateThatWasSaidLastWhereNothingNamesSteps) {
  expect_pairs(
      steps_of({{{"loss", 9}}, {{"lr", 0.1}}, {{"loss", 3}}, {{"lr", 0.2}}, {{"loss", 2}}}),
      {{0.1, 3}, {0.2, 2}});
}

TEST(RampLog, TakesTheRateThatRises) {
  const Rows rows = {{{"lr", 0.5}, {"lr-SGD", 0.1}, {"loss", 3}},
                     {{"lr", 0.5}, {"lr-SGD", 0.2}, {"loss", 2}}};
  expect_pairs(steps_of(rows), {{0.1, 3}, {0.2, 2}});
}

TEST(RampLog, TakesTheRateThatIsNamed) {
  const Rows rows = {{{"lr", 0.5}, {"speed", 0.1}, {"loss", 3}}};
  expect_pairs(steps_of(rows, "speed"), {{0.1, 3}});
  EXPECT_TRUE(steps_of(rows, "other").empty());
}

TEST(RampLog, LeavesOutARateOfZeroAndKeepsALossThatIsNotFinite) {
  const auto steps = steps_of({{{"lr", 0.0}, {"loss", 3}}, {{"lr", 0.1}, {"loss", std::nan("")}}});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_TRUE(std::isnan(steps[0].loss));
}

}  // namespace
}  // namespace etalon
