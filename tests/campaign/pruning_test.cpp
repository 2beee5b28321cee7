// Which trials are pruned, by what they have said alone, and which never are.
#include "etalon/pruning.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using Curves = std::vector<TrialCurve>;

CurvePoint point_at(std::int64_t examples, double loss) {
  CurvePoint point;
  point.step = examples;
  point.examples = examples;
  point.validation_loss = loss;
  return point;
}

// Falls as 1/examples down to `end`, over `length` of a budget of 100.
TrialCurve curve_to(double lr, double end, std::int64_t length = 100) {
  TrialCurve curve(lr);
  for (std::int64_t at = 5; at <= length; at += 5) {
    curve.add(point_at(at, end + 10.0 / static_cast<double>(at)));
  }
  return curve;
}

TrialCurve finished(double lr, double end) {
  TrialCurve curve = curve_to(lr, end);
  curve.end(TrialState::finished, end);
  return curve;
}

TrialCurve diverged(double lr) {
  TrialCurve curve = curve_to(lr, 1.0, 10);
  curve.end(TrialState::diverged, {});
  return curve;
}

// The best at 4, worse ones at 1, 2 and 8.
Curves finished_four() {
  return {finished(1, 3.0), finished(2, 2.0), finished(4, 1.0), finished(8, 2.0)};
}

std::optional<Pruning> last_pruned(Curves curves, const TrialCurve& running,
                                   PruningOptions options = {}) {
  curves.push_back(running);
  return find_pruning(curves, curves.size() - 1, options);
}

TEST(Pruning, ByMedianStopsWhatIsWorseThanMost) {
  const auto pruned = last_pruned(finished_four(), curve_to(32, 4.0, 30));
  ASSERT_TRUE(pruned);
  EXPECT_NEAR(pruned->share, 0.30, 1e-12);
  EXPECT_THAT(describe(*pruned), HasSubstr("at 30% of the budget"));
  EXPECT_THAT(describe(*pruned), HasSubstr("the median of 4"));
}

TEST(Pruning, ByMedianLeavesWhatIsBetterThanMost) {
  EXPECT_FALSE(last_pruned(finished_four(), curve_to(32, 1.9, 30)));
}

// At 30 examples the trial's last points, from 25 on, say 10 / 25 + 4 and 10 / 30 + 4.
TEST(Pruning, ComparesTheMeanOfTheLastFifthOfTheWay) {
  const TrialCurve curve = curve_to(32, 4.0, 30);
  const double at_24 = 4.0 + 0.5 + 0.8 * (0.4 - 0.5);
  const double mean = (0.5 * (at_24 + 4.4) * 1.0 + 0.5 * (4.4 + 4.0 + 1.0 / 3.0) * 5.0) / 6.0;
  EXPECT_NEAR(*curve.level(24, 30), mean, 1e-12);
  EXPECT_NEAR(*curve.level(30, 30), 4.0 + 1.0 / 3.0, 1e-12);
}

TEST(Pruning, NeverLooksBeyondTheEndsOfACurve) {
  const TrialCurve curve = curve_to(32, 4.0, 30);
  EXPECT_FALSE(curve.level(24, 31));
  EXPECT_FALSE(curve.level(4, 30));
  EXPECT_FALSE(TrialCurve(1.0).level(0, 0));
}

TEST(Pruning, WaitsForTheGracePeriod) {
  EXPECT_FALSE(last_pruned(finished_four(), curve_to(32, 4.0, 20)));
  EXPECT_TRUE(last_pruned(finished_four(), curve_to(32, 4.0, 20), {.grace = 0.2}));
  EXPECT_FALSE(last_pruned(finished_four(), curve_to(32, 4.0, 30), {.grace = 0.35}));
}

TEST(Pruning, NeedsThreeFinishedLearningRates) {
  const Curves two = {finished(2, 2.0), finished(2, 2.1), finished(4, 1.0), finished(4, 1.1)};
  EXPECT_FALSE(last_pruned(two, curve_to(0.5, 4.0, 50)));
}

TEST(Pruning, NeedsThreeOthersAtEqualExamples) {
  Curves curves = {finished(1, 3.0), finished(4, 1.0)};
  TrialCurve silent(2);  // said its loss at the end alone
  silent.add(point_at(100, 2.0));
  silent.end(TrialState::finished, 2.0);
  curves.push_back(silent);
  EXPECT_FALSE(last_pruned(curves, curve_to(32, 4.0, 50)));
  curves.push_back(finished(8, 2.0));
  EXPECT_TRUE(last_pruned(curves, curve_to(32, 4.0, 50)));
}

// What is not finite is no point, however often it is said.
TEST(Pruning, LetsNoNaNEnterAMedian) {
  Curves curves = finished_four();
  for (int i = 0; i < 5; ++i) {
    TrialCurve lost(16 + i);
    for (std::int64_t at = 5; at <= 100; at += 5) lost.add(point_at(at, at < 10 ? 3.0 : NAN));
    lost.end(TrialState::diverged, {});
    EXPECT_DOUBLE_EQ(lost.last(), 5.0);
    curves.push_back(lost);
  }
  const auto pruned = last_pruned(curves, curve_to(0.25, 4.0, 30));
  ASSERT_TRUE(pruned);
  EXPECT_THAT(describe(*pruned), HasSubstr("the median of 4"));
  TrialCurve unheard(0.25);
  for (std::int64_t at = 5; at <= 40; at += 5) unheard.add(point_at(at, NAN));
  EXPECT_FALSE(last_pruned(curves, unheard));
}

TEST(Pruning, NeverStopsTheNeighboursOfTheBest) {
  Curves curves = finished_four();
  for (const double neighbour : {2.0, 2.5, 4.0, 6.0, 8.0}) {
    EXPECT_FALSE(last_pruned(curves, curve_to(neighbour, 4.0, 50))) << neighbour;
  }
  for (const double outside : {0.5, 1.0, 16.0}) {
    EXPECT_TRUE(last_pruned(curves, curve_to(outside, 4.0, 50))) << outside;
  }
}

// Without it the best would be the last that was tried.
TEST(Pruning, NeverLeavesTheBestAtAnEdge) {
  const Curves rising = {finished(1, 1.0), finished(2, 2.0), finished(4, 3.0), finished(8, 4.0)};
  EXPECT_FALSE(last_pruned(rising, curve_to(0.1, 9.0, 50)));
  EXPECT_TRUE(last_pruned(rising, curve_to(16, 9.0, 50)));
}

TEST(Pruning, TakesADivergenceForSomethingWorse) {
  const Curves curves = {finished(1, 3.0), finished(2, 2.0), finished(4, 1.0), diverged(8)};
  EXPECT_FALSE(last_pruned(curves, curve_to(6, 9.0, 50)));
  EXPECT_TRUE(last_pruned(curves, curve_to(16, 9.0, 50)));
}

// A trial at 16 that is ahead of what the best was then may become the best.
TEST(Pruning, NeverStopsTheNeighbourOfATrialUnderWayThatLeads) {
  Curves curves = finished_four();
  curves.push_back(curve_to(16, 0.5, 20));
  EXPECT_FALSE(last_pruned(curves, curve_to(32, 4.0, 50)));
  curves.back() = curve_to(16, 1.5, 20);
  EXPECT_TRUE(last_pruned(curves, curve_to(32, 4.0, 50)));
}

// Where the best was late, standing below the median says nothing.
TEST(Pruning, NeverStopsWhatStandsAsTheBestDid) {
  Curves curves = finished_four();
  TrialCurve late = curve_to(4, 6.0, 95);
  late.add(point_at(100, 0.5));
  late.end(TrialState::finished, 0.5);
  curves[2] = late;
  EXPECT_FALSE(last_pruned(curves, curve_to(32, 5.0, 50)));
  EXPECT_TRUE(last_pruned(curves, curve_to(32, 7.0, 50)));
}

TEST(Pruning, ByHalvingLetsTheBestThirdGoOnFromARung) {
  const PruningOptions halving{PruningRule::halving, 0.25};
  // 3 of the 5 that have come to a quarter of the budget are better: the best 2 go on.
  const auto pruned = last_pruned(finished_four(), curve_to(32, 2.5, 25), halving);
  ASSERT_TRUE(pruned);
  EXPECT_DOUBLE_EQ(pruned->share, 0.25);
  EXPECT_THAT(describe(*pruned), HasSubstr("number 4 of 5, of which 2 go on"));
  EXPECT_FALSE(last_pruned(finished_four(), curve_to(32, 1.5, 25), halving));
  EXPECT_FALSE(last_pruned(finished_four(), curve_to(32, 2.5, 20), halving));
}

TEST(Pruning, ByHalvingAsksOncePerRung) {
  Curves curves = finished_four();
  curves.push_back(curve_to(32, 2.5, 70));
  const PruningOptions halving{PruningRule::halving, 0.25};
  EXPECT_TRUE(find_pruning(curves, 4, halving, 20));
  EXPECT_FALSE(find_pruning(curves, 4, halving, 25));
  curves.back() = curve_to(32, 2.5, 80);
  EXPECT_TRUE(find_pruning(curves, 4, halving, 25));  // at three quarters
}

// A program that counts nothing is counted by how often it says its loss.
TEST(Pruning, CountsStepsWhereThereAreNoExamples) {
  TrialCurve curve(1);
  CurvePoint point;
  for (point.step = 1; point.step <= 8; ++point.step) {
    point.validation_loss = 1.0;
    curve.add(point);
  }
  EXPECT_DOUBLE_EQ(curve.first(), 1.0);
  EXPECT_DOUBLE_EQ(curve.last(), 8.0);
}

TEST(Pruning, BudgetIsTheMedianLengthOfWhatFinished) {
  Curves curves = finished_four();
  curves.push_back(curve_to(16, 1.0, 40));
  curves.push_back(diverged(64));
  EXPECT_DOUBLE_EQ(*budget_of(curves), 100.0);
  EXPECT_FALSE(budget_of({}));
}

// The memory of a curve is bounded, and it reaches as far as the trial.
TEST(Pruning, KeepsTheShapeOfALongCurve) {
  TrialCurve curve(1);
  for (std::int64_t at = 1; at <= 100'000; ++at)
    curve.add(point_at(at, 1.0 / static_cast<double>(at)));
  EXPECT_LE(curve.points().size(), 1000U);
  EXPECT_DOUBLE_EQ(curve.last(), 100'000);
  EXPECT_NEAR(*curve.level(50'000, 50'000), 1.0 / 50'000, 1e-9);
}

TEST(Pruning, SaysOfAMaximizedMetricWhatTheProgramSaid) {
  const Pruning pruning{.share = 0.25, .loss = -0.75, .median = -0.9, .others = 4};
  EXPECT_EQ(describe(pruning, true), "at 25% of the budget: 0.75 against 0.9, the median of 4");
}

TEST(Pruning, RefusesAGraceThatIsNoShare) {
  for (const double grace : {0.0, 1.0, -1.0, 2.0, static_cast<double>(NAN)}) {
    EXPECT_THROW(PruningOptions{.grace = grace}.validate(), InputError) << grace;
  }
}

}  // namespace
}  // namespace etalon
