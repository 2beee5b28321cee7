#include "plan/gaps.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace etalon {
namespace {

// Losses by learning rate, one seed; an infinite one is a divergence.
std::vector<Observation> sweep(const std::map<double, double>& losses) {
  std::vector<Observation> runs;
  for (const auto& [lr, loss] : losses) {
    runs.push_back({32, lr, 1, std::isfinite(loss) ? std::optional(loss) : std::nullopt});
  }
  return runs;
}

KnownRuns known(const std::map<double, double>& losses, const std::vector<RunPoint>& others = {}) {
  return KnownRuns(sweep(losses), others);
}

TEST(StepOut, GoesAnOctaveBeyondTheBestOnItsOpenSide) {
  EXPECT_EQ(step_out(known({{0.1, 3}, {0.2, 2}})), 0.4);
  EXPECT_EQ(step_out(known({{0.1, 2}, {0.2, 3}})), 0.05);
}

TEST(StepOut, IsNotTakenWhereSomethingBoundsTheBestOrIsUnderWay) {
  EXPECT_FALSE(step_out(known({{0.1, 3}, {0.2, 2}, {0.4, 3}})));
  EXPECT_FALSE(step_out(known({{0.1, 3}, {0.2, 2}, {0.4, INFINITY}})));
  EXPECT_FALSE(step_out(known({{0.1, 3}, {0.2, 2}}, {{0.3, 1}})));
  EXPECT_FALSE(step_out(known({{0.1, 3}})));
  EXPECT_FALSE(step_out(known({})));
}

TEST(BelowDivergence, IsTheMiddleOfTheGapUntilThatIsNarrow) {
  EXPECT_DOUBLE_EQ(*below_divergence(known({{0.05, 3}, {0.1, 2}, {0.4, INFINITY}}), 0.5), 0.2);
  EXPECT_FALSE(below_divergence(known({{0.05, 3}, {0.1, 2}, {0.4, INFINITY}}), 2.0));
  EXPECT_FALSE(below_divergence(known({{0.05, 3}, {0.1, 2}, {0.4, INFINITY}}, {{0.3, 1}}), 0.5));
  EXPECT_FALSE(below_divergence(known({{0.05, 2}, {0.1, 3}, {0.4, INFINITY}}), 0.5))
      << "the best lies lower";
}

TEST(IsBare, WhereNothingIsBelowTheLowestDivergence) {
  EXPECT_TRUE(is_bare(known({{0.1, INFINITY}, {0.2, INFINITY}})));
  EXPECT_FALSE(is_bare(known({{0.1, INFINITY}}, {{0.01, 1}})));
  EXPECT_FALSE(is_bare(known({})));
}

TEST(WidestGap, IsHalvedWhereItsMiddleIsAllowed) {
  const KnownRuns runs = known({{0.01, 3}, {0.16, 2}, {0.32, 2.5}});
  EXPECT_DOUBLE_EQ(*widest_gap(runs, 0.001, 1, 0.5), 0.04);
  EXPECT_DOUBLE_EQ(*widest_gap(runs, 0.05, 1, 0.5), 0.16 * std::sqrt(2));
  EXPECT_FALSE(widest_gap(runs, 0.05, 0.1, 0.5));
}

TEST(KnownRuns, HasNoBoundInADivergenceThatABetterRunContradicts) {
  const KnownRuns runs = known({{0.1, 0.5}, {0.2, INFINITY}, {0.4, 0.3}, {0.8, 0.9}});
  EXPECT_TRUE(std::isinf(runs.ceiling()));
  EXPECT_EQ(runs.best(), 0.4);
  EXPECT_TRUE(runs.was_run(0.2));
  EXPECT_FALSE(runs.losses().contains(0.2));
}

// The second seed is worse by 1 wherever it ran, so that what only the first ran is no better.
TEST(KnownRuns, ComparesLearningRatesAsIfEverySeedHadRunThem) {
  const std::vector<Observation> all = {{32, 0.1, 1, 2.0},
                                        {32, 0.1, 2, 3.0},
                                        {32, 0.2, 1, 1.9},
                                        {32, 0.2, 2, 2.9},
                                        {32, 0.4, 1, 2.1}};
  EXPECT_EQ(KnownRuns(all).best(), 0.2);
  EXPECT_GT(KnownRuns(all).losses().at(0.4), KnownRuns(all).losses().at(0.2));
}

}  // namespace
}  // namespace etalon
