#include "report/study/curve_thinning.hpp"

#include <gmock/gmock.h>

#include <numeric>

namespace etalon {
namespace {

using ::testing::ElementsAre;

// A point every 10 steps, with a training loss that falls as 1/i.
std::vector<CurvePoint> curve_of(std::size_t points) {
  std::vector<CurvePoint> curve(points);
  for (std::size_t i = 0; i < points; ++i) {
    curve[i].step = 10 * static_cast<std::int64_t>(i + 1);
    curve[i].train_loss = 1.0 / static_cast<double>(i + 1);
    curve[i].validation_loss = 2.0 * static_cast<double>(i);
  }
  return curve;
}

TEST(CurveThinning, KeepsAllOfAShortCurve) {
  EXPECT_THAT(kept_points(4, 4), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(thinned(curve_of(4), kept_points(4, 4)), curve_of(4));
  EXPECT_TRUE(kept_points(0, 12).empty());
}

TEST(CurveThinning, KeepsBothEndsAndAsManyAsThereIsRoomFor) {
  for (const std::size_t length : {13u, 60u, 1000u, 100'000u}) {
    const auto kept = kept_points(length, 12);
    ASSERT_EQ(kept.size(), 12u) << length;
    EXPECT_EQ(kept.front(), 0u);
    EXPECT_EQ(kept.back(), length - 1);
    EXPECT_TRUE(std::adjacent_find(kept.begin(), kept.end(), std::greater_equal<>()) == kept.end());
  }
}

// Of 1000 points the eleven that split their logarithm evenly lie a factor 1000^(1/11) = 1.87
// apart.
TEST(CurveThinning, KeepsMoreOfTheStart) {
  const auto kept = kept_points(1000, 12);
  for (std::size_t i = 6; i < kept.size(); ++i) {
    const double ratio = static_cast<double>(kept[i] + 1) / static_cast<double>(kept[i - 1] + 1);
    EXPECT_NEAR(ratio, std::pow(1000.0, 1.0 / 11.0), 0.05);
  }
}

// The mean over the batches since the last kept point is the mean of the means, as they are as
// long.
TEST(CurveThinning, AveragesTheTrainingLossOfWhatItLeavesOut) {
  const auto curve = curve_of(100);
  const auto kept = kept_points(100, 12);
  const auto points = thinned(curve, kept);
  ASSERT_EQ(points.size(), kept.size());
  std::size_t begin = 0;
  for (std::size_t k = 0; k < kept.size(); ++k) {
    double sum = 0.0;
    for (std::size_t i = begin; i <= kept[k]; ++i) sum += *curve[i].train_loss;
    EXPECT_NEAR(*points[k].train_loss, sum / static_cast<double>(kept[k] - begin + 1), 1e-12);
    EXPECT_EQ(points[k].validation_loss, curve[kept[k]].validation_loss) << "as it was measured";
    begin = kept[k] + 1;
  }
}

TEST(CurveThinning, EndsAShorterCurveWithItsLastPoint) {
  const auto points = thinned(curve_of(50), kept_points(1000, 12));
  EXPECT_EQ(points.back().step, 500);
  EXPECT_EQ(points.front().step, 10);
}

TEST(CurveThinning, GivesEveryTrialItsShareOfThePage) {
  EXPECT_EQ(points_per_curve(0), 1000u);
  EXPECT_EQ(points_per_curve(118), 677u);
  EXPECT_EQ(points_per_curve(5000), 16u);
  EXPECT_EQ(points_per_curve(100'000), 12u);
}

}  // namespace
}  // namespace etalon
