#include "etalon/contradiction.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "etalon/optimum.hpp"
#include "etalon/regret.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Finished below and above a divergence; the loss is least at 0.0036.
std::vector<Observation> contradicted_runs() {
  return {{4096, 0.0009, 1, 2.95}, {4096, 0.0013, 1, 2.93}, {4096, 0.0018, 1, 2.91},
          {4096, 0.0025, 1, {}},   {4096, 0.0036, 1, 2.90}, {4096, 0.0051, 1, 2.92}};
}

TEST(Contradictions, AreDivergencesBelowABetterRun) {
  const auto found = find_contradictions(contradicted_runs());
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].batch_size, 4096);
  EXPECT_EQ(found[0].diverged_lr, 0.0025);
  EXPECT_EQ(found[0].finished_lr, 0.0036);
  EXPECT_EQ(found[0].loss, 2.90);
  EXPECT_EQ(found[0].diverged, 1);
  EXPECT_EQ(found[0].runs, 1);
}

// The best of all lies just below the divergence, and what is nearly as good above it.
TEST(Contradictions, AreDivergencesNextToTheBestRun) {
  const auto found = find_contradictions(std::vector<Observation>{{32, 0.00025, 1, 2.93},
                                                                  {32, 0.001, 1, 2.9},
                                                                  {32, 0.0015, 1, {}},
                                                                  {32, 0.002, 1, 2.908},
                                                                  {32, 0.004, 1, 2.94}});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].diverged_lr, 0.0015);
  EXPECT_EQ(found[0].finished_lr, 0.002);
}

TEST(Contradictions, AreSaidWithTheRunThatWouldSettleThem) {
  const std::string text = find_contradictions(contradicted_runs())[0].text();
  EXPECT_THAT(text, HasSubstr("at batch size 4096, lr 0.0025 diverged although lr 0.0036"));
  EXPECT_THAT(text, HasSubstr("run 0.0025 again with another seed"));
}

TEST(Contradictions, CountReplicates) {
  auto runs = contradicted_runs();
  runs.push_back({4096, 0.0025, 2, 2.91});
  EXPECT_THAT(find_contradictions(runs)[0].text(), HasSubstr("diverged in 1 of 2 runs"));
}

TEST(Contradictions, AreNotDivergencesAboveEveryGoodRun) {
  const std::vector<Observation> runs = {{64, 0.1, 1, 0.5},
                                         {64, 0.2, 1, 0.4},
                                         {64, 0.4, 1, {}},
                                         {64, 0.8, 1, std::numeric_limits<double>::infinity()}};
  EXPECT_THAT(find_contradictions(runs), IsEmpty());
}

// A network whose units died ends at the loss of chance, however high its learning rate.
TEST(Contradictions, AreNotMadeByDeadNetworks) {
  const std::vector<Observation> runs = {
      {64, 0.1, 1, 0.5}, {64, 0.2, 1, 0.4}, {64, 0.4, 1, {}}, {64, 0.8, 1, 2.3026}};
  EXPECT_THAT(find_contradictions(runs), IsEmpty());
  const std::vector<Observation> slow_too = {
      {64, 1e-6, 1, 2.3027}, {64, 0.2, 1, 0.4}, {64, 0.4, 1, {}}, {64, 0.8, 1, 2.3026}};
  EXPECT_THAT(find_contradictions(slow_too), IsEmpty());
}

TEST(Contradictions, StayWithinOneBatchSize) {
  const std::vector<Observation> runs = {
      {64, 0.1, 1, 0.5}, {64, 0.2, 1, {}}, {128, 0.2, 1, 0.5}, {128, 0.4, 1, 0.4}};
  EXPECT_THAT(find_contradictions(runs), IsEmpty());
}

TEST(WithoutContradictions, LeavesOutAllRunsOfThatLearningRateAndKeepsTheOrder) {
  auto runs = contradicted_runs();
  runs.push_back({4096, 0.0025, 2, 2.91});
  const auto rest = without_contradictions(runs);
  ASSERT_THAT(rest, SizeIs(5));
  for (std::size_t i = 1; i < rest.size(); ++i) EXPECT_LT(rest[i - 1].lr, rest[i].lr);
}

TEST(BareDivergences, AreThoseWithNothingRunBelowThem) {
  std::vector<Observation> runs = contradicted_runs();  // below a divergence, and above it
  runs.insert(runs.end(), {{64, 0.1, 1, 0.5},
                           {64, 0.2, 1, {}},  // one below it
                           {128, 0.2, 1, {}},
                           {128, 0.1, 1, {}},  // none
                           {256, 0.1, 1, {}},
                           {256, 0.1, 2, 0.5},  // none that always ends
                           {512, 0.1, 1, {}},
                           {512, 0.2, 1, 0.5}});  // contradicted
  const auto found = find_bare_divergences(runs);
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].batch_size, 128);
  EXPECT_EQ(found[0].lr, 0.1);
  EXPECT_EQ(found[1].batch_size, 256);
  EXPECT_THAT(found[0].text(), HasSubstr("lr 0.1 diverged and none was run below it"));
}

TEST(EstimateOptimum, TakesNoContradictedDivergenceForABound) {
  std::vector<Observation> runs = contradicted_runs();
  runs[3] = {4096, 0.0045, 1, {}};  // between the best and a run as good as that below it
  runs.push_back({4096, 0.0064, 1, 2.895});
  std::sort(runs.begin(), runs.end(), [](auto& a, auto& b) { return a.lr < b.lr; });
  const Optimum optimum = estimate_optimum(runs, {});
  EXPECT_GE(optimum.lr, 0.0036);
  EXPECT_NE(optimum.lr_high, 0.0045);
}

TEST(EstimateRegret, CannotTellOfADivergenceThatAGoodRunAboveContradicts) {
  const Regret regret = estimate_regret(contradicted_runs(), 0.0025, {});
  EXPECT_EQ(regret.verdict, Verdict::cannot_tell);
  EXPECT_THAT(regret.explanation, HasSubstr("lr 0.0036 above it ended well"));
}

}  // namespace
}  // namespace etalon
