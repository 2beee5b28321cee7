// Where in its training a program is, by what it says.
#include "program/metric_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace etalon {
namespace {

using ::testing::ElementsAre;
using Lines = std::vector<std::string>;

constexpr std::int64_t kBatchSize = 4;

MetricWatch watch_of(const Lines& lines, bool may_begin_anew = true) {
  MetricWatch watch({"loss"}, kBatchSize, may_begin_anew);
  for (const std::string& line : lines) watch.hear(metrics_in(line));
  return watch;
}

std::vector<std::int64_t> steps_of(const Lines& lines, bool may_begin_anew = true) {
  std::vector<std::int64_t> steps;
  for (const CurvePoint& point : watch_of(lines, may_begin_anew).take_curve()) {
    steps.push_back(point.step);
  }
  return steps;
}

TEST(MetricWatch, CountsStepsOnThatBeginAnewInEachEpoch) {
  const auto steps = ElementsAre(30, 60, 90, 120, 150);
  const std::vector<std::pair<int, int>> places = {{1, 30}, {1, 60}, {2, 30}, {2, 60}, {3, 30}};
  const std::vector<Lines> forms = {{"epoch: ", ", step: ", ", loss: 1.5"},
                                    {"[epoch ", ", step ", "] loss: 1.5"},
                                    {"{\"epoch\": ", ", \"step\": ", ", \"loss\": 1.5}"},
                                    {"Epoch ", " iter ", "/60 loss 1.5"}};
  for (const Lines& form : forms) {
    Lines lines;
    for (const auto& [epoch, step] : places) {
      lines.push_back(form[0] + std::to_string(epoch) + form[1] + std::to_string(step) + form[2]);
    }
    EXPECT_THAT(steps_of(lines), steps) << lines.front();
    EXPECT_EQ(watch_of(lines).steps(), 150);
    EXPECT_EQ(watch_of(lines).take_curve().back().examples, 150 * kBatchSize);
  }
}

TEST(MetricWatch, CountsOnWhereverTheEpochIsSaid) {
  EXPECT_THAT(steps_of({"step 5 epoch 1 loss 1", "step 5 epoch 2 loss 1"}), ElementsAre(5, 10));
  EXPECT_THAT(steps_of({"Epoch 1", "step 5 loss 2", "step 9 loss 1", "Epoch 2", "step 5 loss 1"}),
              ElementsAre(5, 9, 14));
  EXPECT_THAT(steps_of({"step 5 loss 2", "step 9 loss 2", "step 5 loss 1", "step 9 loss 1"}),
              ElementsAre(5, 9, 14, 18));
  EXPECT_THAT(steps_of({"epoch 0 step 0 loss 3", "epoch 0 step 1 loss 2", "epoch 1 step 0 loss 1"}),
              ElementsAre(0, 1, 2));
}

// Also where no multiple of the first value is a divergence.
TEST(MetricWatch, TakesForADivergenceWhatNoLossCanBe) {
  const MetricWatch watch = watch_of({"step 1 loss 1.5", "step 2 loss 1e31"});
  EXPECT_TRUE(watch.diverged());
  EXPECT_EQ(watch.divergence_text(), "1e+31, which is no loss, at step 2");
  EXPECT_EQ(watch_of({"step 1 loss 1.5", "step 2 loss nan"}).divergence_text(),
            "not finite at step 2");
  EXPECT_EQ(watch_of({"step 1 loss 1.5", "step 2 loss 1e29"}).divergence_text(), "");
}

TEST(MetricWatch, CountsExamplesOn) {
  const auto curve =
      watch_of({"epoch 1 examples 512 loss 2", "epoch 2 examples 512 loss 1"}).take_curve();
  ASSERT_EQ(curve.size(), 2U);
  EXPECT_EQ(curve.back().examples, 1024);
}

TEST(MetricWatch, TakesNoLateLineForANewEpoch) {
  EXPECT_THAT(steps_of({"epoch 1 step 9 loss 3", "epoch 2 step 20 loss 2", "epoch 1 step 5 loss 2",
                        "epoch 2 step 15 loss 1"}),
              ElementsAre(9, 20, 5, 15));
  EXPECT_THAT(steps_of({"step 5 loss 3", "step 20 loss 2", "step 15 loss 1"}),
              ElementsAre(5, 20, 15));
  EXPECT_THAT(steps_of({"epoch 0.5 step 9 loss 3", "epoch 1 step 9 loss 2"}), ElementsAre(9, 9));
}

TEST(MetricWatch, TakesStepsOfEventsAsTheyAre) {
  EXPECT_THAT(steps_of({"step 50 loss 3", "step 60 loss 2", "step 1 loss 1"}, false),
              ElementsAre(50, 60, 1));
}

TEST(MetricWatch, BeginsAtTheStartAgainWithItsSource) {
  MetricWatch watch = watch_of({"epoch 1 step 9 loss 3", "epoch 2 step 9 loss 2"});
  EXPECT_EQ(watch.steps(), 18);
  watch.restart();
  watch.hear(metrics_in("epoch 1 step 9 loss 3"));
  EXPECT_EQ(watch.steps(), 9);
}

TEST(MetricWatch, TakesStepsFromExamplesWhereThoseAloneAreSaid) {
  EXPECT_THAT(steps_of({"examples 40 loss 2", "examples 82 loss 1"}), ElementsAre(10, 21));
  EXPECT_THAT(steps_of({"examples 40 step 3 loss 2"}), ElementsAre(3));
}

}  // namespace
}  // namespace etalon
