#include "plan/replicates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<Observation> kSweep = {
    {32, 0.1, 1, 0.5}, {32, 0.2, 1, 0.3}, {32, 0.4, 1, 0.2}, {32, 0.8, 1, 0.4}, {32, 1.6, 1, {}}};
// 0.4 is said to have diverged, below a better one.
const std::vector<Observation> kContradicted = {
    {32, 0.2, 1, 0.5}, {32, 0.4, 1, {}}, {32, 0.8, 1, 0.2}, {32, 1.6, 1, 0.6}};

TEST(AroundBest, IsWhatHasALossWithinReach) {
  EXPECT_THAT(around_best(KnownRuns(kSweep), 1.0), ElementsAre(0.4, 0.2, 0.8));
  EXPECT_THAT(around_best(KnownRuns(kSweep), 2.0), ElementsAre(0.4, 0.2, 0.1, 0.8));
  EXPECT_THAT(around_best(KnownRuns(kSweep), 2.0, 1), ElementsAre(0.4, 0.2, 0.8));
  EXPECT_THAT(around_best(KnownRuns({}), 1.0), IsEmpty());
}

TEST(IsBracketed, BetweenNeighboursThatAreNear) {
  EXPECT_TRUE(is_bracketed(KnownRuns(kSweep), 1.0));
  EXPECT_FALSE(is_bracketed(KnownRuns(kSweep), 0.5));
  EXPECT_FALSE(is_bracketed(KnownRuns(std::span(kSweep).first(3)), 1.0));
}

TEST(MissingSeeds, AreThoseNeitherRunNorUnderWay) {
  const std::vector<RunPoint> under_way = {{0.2, 2}};
  const KnownRuns runs(kSweep, under_way);
  EXPECT_THAT(missing_seeds(runs, {0.4, 0.2}, {1, 3}),
              ElementsAre(RunPoint{0.4, 2}, RunPoint{0.4, 3}, RunPoint{0.2, 3}));
  EXPECT_THAT(missing_seeds(runs, {0.4}, {1, 1}), IsEmpty());
}

TEST(ToSettle, AsksOneMoreSeedAtLeastWhetherADivergenceHolds) {
  const KnownRuns runs(kContradicted);
  EXPECT_THAT(to_settle(runs, {1, 1}), ElementsAre(RunPoint{0.4, 2}));
  EXPECT_THAT(to_settle(runs, {1, 3}), ElementsAre(RunPoint{0.4, 2}, RunPoint{0.4, 3}));
  EXPECT_THAT(to_settle(runs, {1, 3}, 0.5), IsEmpty()) << "too far from the best";
  const std::vector<RunPoint> under_way = {{0.4, 2}};
  EXPECT_THAT(to_settle(KnownRuns(kContradicted, under_way), {1, 1}), IsEmpty());
  EXPECT_THAT(to_settle(KnownRuns(kSweep), {1, 3}), IsEmpty());
}

}  // namespace
}  // namespace etalon
