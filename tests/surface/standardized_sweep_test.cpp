#include "surface/standardized_sweep.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::SizeIs;

// Loss 2 + 0.03·(octaves from 2^-8)² at batch size 64.
std::vector<Observation> parabola() {
  std::vector<Observation> runs;
  for (int octave = -2; octave <= 2; ++octave) {
    runs.push_back({64.0, std::exp2(octave - 8), 1, 2.0 + 0.03 * octave * octave});
  }
  return runs;
}

TEST(StandardizedSweep, ScaleIsTheRiseOneOctaveFromTheBest) {
  EXPECT_NEAR(standardize(parabola()).loss_scale, 0.03, 1e-12);
}

TEST(StandardizedSweep, DoesNotDependOnTheUnitOfTheLoss) {
  std::vector<Observation> scaled = parabola();
  for (Observation& run : scaled) *run.loss = 7.0 * *run.loss + 5.0;
  const StandardizedSweep a = standardize(parabola());
  const StandardizedSweep b = standardize(scaled);
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t i = 0; i < a.points.size(); ++i) {
    EXPECT_NEAR(a.points[i].loss, b.points[i].loss, 1e-9);
  }
}

TEST(StandardizedSweep, AveragesReplicates) {
  std::vector<Observation> runs = parabola();
  runs.push_back({64.0, std::exp2(-8), 2, 2.02});
  const StandardizedSweep sweep = standardize(runs);
  ASSERT_THAT(sweep.points, SizeIs(5));
  EXPECT_DOUBLE_EQ(sweep.points[2].runs, 2.0);
  EXPECT_NEAR(sweep.least_loss, 2.01, 1e-12);
}

TEST(StandardizedSweep, TakesDivergedAndHopelessRunsAsBounds) {
  std::vector<Observation> runs = parabola();
  runs.push_back({64.0, 0.1, 1, std::nullopt});
  runs.push_back({64.0, 0.2, 1, std::numeric_limits<double>::infinity()});
  runs.push_back({64.0, 0.05, 1, 9.0});
  const StandardizedSweep sweep = standardize(runs);
  EXPECT_THAT(sweep.points, SizeIs(5));
  EXPECT_THAT(sweep.bounds, SizeIs(3));
}

// A batch size between two that ended well: what was lost there is a bound, not a level.
TEST(StandardizedSweep, TakesRunsThatWereLostBetweenGoodBatchSizesAsBounds) {
  std::vector<Observation> runs = parabola();
  runs.push_back({256.0, std::exp2(-8), 1, 2.01});
  runs.push_back({128.0, std::exp2(-9), 1, 9.0});
  runs.push_back({128.0, std::exp2(-7), 1, 9.1});
  const StandardizedSweep sweep = standardize(runs);
  EXPECT_THAT(sweep.points, SizeIs(6));
  EXPECT_THAT(sweep.bounds, SizeIs(2));
}

// With nothing good beyond, the batch size may be to blame; how much nobody knows.
TEST(StandardizedSweep, LeavesTheLevelOfABatchSizeOpenWhereAllWasLost) {
  std::vector<Observation> runs = parabola();
  runs.push_back({128.0, std::exp2(-9), 1, 9.0});
  const StandardizedSweep sweep = standardize(runs);
  ASSERT_THAT(sweep.points, SizeIs(6));
  EXPECT_EQ(sweep.points.front().level_deviation, 0.0);
  EXPECT_NEAR(sweep.points.back().level_deviation, sweep.points.back().loss - 24.0, 1e-9);
}

TEST(StandardizedSweep, RefusesRunsThatAllDiverged) {
  const std::vector<Observation> runs = {{64.0, 0.1, 1, std::nullopt}};
  EXPECT_THROW(standardize(runs), InputError);
}

}  // namespace
}  // namespace etalon
