#include "runs/group_fit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <sstream>

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

TEST(GroupFit, SaysWhereAllThatWasRunDiverged) {
  RunGroup group = linear_sweeps();
  group.observations.push_back({256, 0.001, 1, {}});
  const double targets[] = {256.0};
  const GroupFit fit = fit_group(group, targets, {.update = UpdateKind::sgd});
  ASSERT_THAT(fit.forecasts, SizeIs(1));
  EXPECT_LE(fit.forecasts[0].forecast.lr, 0.00025);
  ASSERT_THAT(fit.notes, SizeIs(1));
  EXPECT_THAT(fit.notes[0], HasSubstr("at batch size 256, lr 0.001 diverged"));
}

// How the optimum moves is the prior's, so that the interval is as wide as that.
TEST(GroupFit, AnswersFromOneBatchSizeWithCautionAndNamesTheNextTrials) {
  RandomStream stream(2, "group_fit_test");
  RunGroup group;
  add_sweep(group, 32, 0.01, stream);
  const double targets[] = {512.0};
  const GroupFit fit = fit_group(group, targets, {.exponent = ExponentPrior{0.4, 0.3}});
  EXPECT_FALSE(fit.refused);
  ASSERT_TRUE(fit.caution);
  EXPECT_THAT(*fit.caution, HasSubstr("only batch size 32 has 3 learning rates with a loss"));
  EXPECT_THAT(*fit.caution, HasSubstr("with p of 0.40 ± 0.30"));
  EXPECT_THAT(*fit.caution, HasSubstr("run batch size 128 at learning rates"));
  EXPECT_THAT(fit.optima, SizeIs(1));
  ASSERT_THAT(fit.forecasts, SizeIs(1));
  const Forecast& far = fit.forecasts[0].forecast;
  const double octaves = std::log2(far.lr_high / far.lr_low);
  EXPECT_GT(octaves, 2.0 * 1.28 * 0.3 * 4.0);  // of the prior alone, over four octaves of B
  EXPECT_LT(far.lr_low, 0.01 * std::pow(16.0, 0.4));
  EXPECT_GT(far.lr_high, 0.01 * std::pow(16.0, 0.4));
}

TEST(GroupFit, NeedsNoCautionWhereRunsAreEnoughForLaws) {
  EXPECT_FALSE(fit_group(linear_sweeps(), {}, {.update = UpdateKind::sgd}).caution);
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

// All that is known is where it lies above; below, that nothing bounds it is said.
TEST(GroupFit, LeavesIntervalsOpenWhereAllOptimaLieOnOneEdge) {
  RandomStream stream(3, "group_fit_test");
  RunGroup group;
  add_sweep(group, 32, 10.0, stream);
  add_sweep(group, 64, 10.0, stream);
  const double targets[] = {256.0};
  const GroupFit fit = fit_group(group, targets, {});
  EXPECT_FALSE(fit.refused);
  ASSERT_TRUE(fit.caution);
  EXPECT_THAT(*fit.caution, HasSubstr("the best learning rate is the highest of those tried at "
                                      "every batch size, and may lie anywhere above"));
  EXPECT_THAT(*fit.caution, HasSubstr("run batch size 64 at learning rates 0.32, 0.64"));
  ASSERT_THAT(fit.forecasts, SizeIs(1));
  EXPECT_FALSE(fit.forecasts[0].lr_high());
  EXPECT_LT(fit.forecasts[0].lr_low().value(), 10.0);
  for (const GroupForecast& entry : fit.at_runs) EXPECT_FALSE(entry.lr_high());
}

TEST(GroupFit, RefusesOptimaOnOppositeEdges) {
  RandomStream stream(3, "group_fit_test");
  RunGroup group;
  add_sweep(group, 32, 10.0, stream);
  add_sweep(group, 64, 1e-5, stream);
  const GroupFit fit = fit_group(group, {}, {});
  ASSERT_TRUE(fit.refused);
  EXPECT_THAT(*fit.refused, HasSubstr("the lowest tried at one batch size and the highest at "
                                      "another"));
  EXPECT_THAT(*fit.refused, HasSubstr("run batch size 64 at learning rates"));
}

// What a group is told to run: by its refusal, or by its caution.
std::string refusal_of(const RunGroup& group) {
  const GroupFit fit = fit_group(group, {}, {});
  return fit.refused.value_or(fit.caution.value_or(""));
}

TEST(GroupFit, NamesNoRunThatWasMadeNorOneAboveADivergence) {
  RunGroup group;
  group.observations = {{64, 0.1, 1, std::nullopt},
                        {64, 0.025, 1, std::nullopt},
                        {64, 0.0125, 1, 2.5},
                        {64, 0.00625, 1, 2.4}};
  EXPECT_THAT(
      refusal_of(group),
      ::testing::EndsWith("run batch size 64 at learning rates "
                          "9.77e-05, 0.000391, 0.00156, 0.00313; run batch size 256 at learning "
                          "rates 9.77e-05, 0.000391, 0.00156, 0.00313, 0.00625"));
  EXPECT_THAT(refusal_of(group), HasSubstr("no batch size has 3 learning rates with a loss"));
}

// Next to a cliff the best may lie just below it.
TEST(GroupFit, NamesARunBetweenTheBestAndTheDivergenceNextToIt) {
  RunGroup group;
  group.observations = {{64, 0.1, 1, std::nullopt}, {64, 0.05, 1, 2.4}, {64, 0.025, 1, 2.5}};
  EXPECT_THAT(refusal_of(group), HasSubstr("run batch size 64 at learning rates 0.0125, 0.0707"));
}

TEST(GroupFit, TakesALearningRateWithAReplicateThatDivergedAsDiverged) {
  RunGroup group;
  group.observations = {{64, 0.1, 1, std::nullopt}, {64, 0.1, 2, 2.5}};
  EXPECT_THAT(refusal_of(group), ::testing::StartsWith("every run diverged: run batch size 64 at"));
}

TEST(GroupFit, WritesLargeBatchSizesInFull) {
  RunGroup group;
  group.observations = {{1048577, 0.1, 1, 2.5}};
  EXPECT_THAT(refusal_of(group), HasSubstr("batch size 1048577 at"));
}

// A group that is refused, and how many times its refusals must be followed for an answer.
struct TooFew {
  const char* name;
  std::vector<std::pair<double, double>> runs;  // batch size and learning rate
  double best_at_64;                            // the truth; those 24 times above it diverge
  int rounds = 1;
};

void PrintTo(const TooFew& few, std::ostream* out) { *out << few.name; }

// An asymmetric bowl whose optimum rises with the root of the batch size.
Observation run_truth(double batch_size, double lr, double best_at_64) {
  const double ratio = lr / (best_at_64 * std::sqrt(batch_size / 64));
  if (ratio > 24) return {batch_size, lr, 1, std::nullopt};
  const double z = 0.6 * std::log(ratio);
  return {batch_size, lr, 1, 2 + 0.1 * (std::expm1(z) - z)};
}

struct NamedRuns {
  double batch_size = 0.0;
  std::vector<double> lrs;
};

// As a user reads "...: run batch size 64 at learning rates 0.1, 0.2; run batch size 128 at ...".
std::vector<NamedRuns> read_refusal(const std::string& refusal) {
  const std::string start = "run batch size ";
  std::vector<NamedRuns> all;
  for (auto at = refusal.find(start); at != std::string::npos; at = refusal.find(start, at + 1)) {
    std::istringstream words(refusal.substr(at + start.size()));
    NamedRuns& named = all.emplace_back();
    std::string word;
    words >> named.batch_size >> word >> word >> word;  // "at learning rates"
    for (double lr = 0.0; words >> lr;) {
      named.lrs.push_back(lr);
      if (words.get() != ',') break;
    }
  }
  return all;
}

class Refusal : public ::testing::TestWithParam<TooFew> {
 protected:
  void SetUp() override {
    for (const auto& [batch_size, lr] : GetParam().runs) run(batch_size, lr);
  }
  void run(double batch_size, double lr) {
    group_.observations.push_back(run_truth(batch_size, lr, GetParam().best_at_64));
  }
  void expect_is_new_and_below_divergences(double batch_size, double lr) const {
    for (const Observation& made : group_.observations) {
      if (made.batch_size != batch_size) continue;
      EXPECT_GT(std::abs(std::log(made.lr / lr)), 0.05) << lr << " was run";
      EXPECT_TRUE(made.loss || lr < made.lr) << lr << " diverged";
    }
  }

  RunGroup group_;
};

TEST_P(Refusal, FollowedGivesAnAnswer) {
  std::string refusal = refusal_of(group_);
  ASSERT_NE(refusal, "");
  for (int round = 0; round < GetParam().rounds; ++round) {
    ASSERT_NE(refusal, "") << "fewer rounds are enough";
    const std::vector<NamedRuns> all = read_refusal(refusal);
    EXPECT_THAT(all, ::testing::Not(IsEmpty())) << refusal;
    for (const auto& [batch_size, lrs] : all) {
      for (const double lr : lrs) expect_is_new_and_below_divergences(batch_size, lr);
    }
    for (const auto& [batch_size, lrs] : all) {
      for (const double lr : lrs) run(batch_size, lr);
    }
    refusal = refusal_of(group_);
  }
  EXPECT_EQ(refusal, "");
}

const TooFew kTooFew[] = {
    {"OneRow", {{64, 0.01}}, 0.03},
    {"OneRowBelow", {{64, 0.001}}, 0.007},
    {"OneRowFarBelow", {{64, 0.001}}, 0.02, 2},
    {"OneRowAbove", {{64, 0.1}}, 0.012},
    {"OneRowThatDiverged", {{64, 1.0}}, 0.01},
    {"OneRowThatDivergedFarAbove", {{64, 30.0}}, 0.01, 2},
    {"OneLearningRate", {{64, 0.01}, {128, 0.01}, {256, 0.01}}, 0.002},
    {"AllDiverged", {{64, 1.0}, {64, 2.0}, {256, 1.0}, {256, 4.0}}, 0.01},
    {"TwoThatFinishedBelowDivergence",
     {{64, 0.1}, {64, 0.025}, {64, 0.0005}, {64, 0.00025}},
     0.0001},
    {"OneThatFinishedBelowDivergence", {{64, 0.1}, {64, 0.02}}, 0.001},
    {"TwoThatRise", {{64, 0.01}, {64, 0.02}}, 0.005},
    {"TwoThatFall", {{64, 0.01}, {64, 0.02}}, 0.3},
    {"OneBatchSize", {{64, 0.005}, {64, 0.01}, {64, 0.02}, {64, 0.04}}, 0.015},
    {"OneBatchSizeOnTheLowerEdge", {{64, 0.01}, {64, 0.02}, {64, 0.04}}, 0.003},
    {"OneBatchSizeOnTheUpperEdge", {{64, 0.01}, {64, 0.02}, {64, 0.04}}, 0.4},
    {"OneBatchSizeAndOneRun", {{64, 0.005}, {64, 0.01}, {64, 0.02}, {256, 0.01}}, 0.01},
    {"OneBatchSizeAndOneDivergence", {{64, 0.005}, {64, 0.01}, {64, 0.02}, {256, 0.6}}, 0.01},
    {"LowerEdges", {{64, 0.1}, {64, 0.2}, {64, 0.4}, {256, 0.1}, {256, 0.2}, {256, 0.4}}, 0.02},
    {"LowerEdgesBelowDivergence",
     {{64, 0.1}, {64, 0.2}, {64, 0.3}, {64, 0.4}, {256, 0.2}, {256, 0.4}, {256, 0.6}},
     0.015},
    {"UpperEdges",
     {{64, 0.001}, {64, 0.002}, {64, 0.004}, {256, 0.001}, {256, 0.002}, {256, 0.004}},
     0.05},
    {"UpperEdgesOfManyBatchSizes",
     {{64, 0.001},
      {64, 0.002},
      {64, 0.004},
      {256, 0.001},
      {256, 0.002},
      {256, 0.004},
      {1024, 0.001},
      {1024, 0.002},
      {1024, 0.004}},
     0.01},
    {"UpperEdgesFarAway",
     {{64, 0.001}, {64, 0.002}, {64, 0.004}, {256, 0.001}, {256, 0.002}, {256, 0.004}},
     1.5,
     2},
};

INSTANTIATE_TEST_SUITE_P(GroupFit, Refusal, ::testing::ValuesIn(kTooFew),
                         [](const auto& test) { return test.param.name; });

TEST(GroupFit, NamesNewRunsInEveryRefusalOfAFewRandomRuns) {
  RandomStream random(7, "group_fit_test");
  int refusals = 0;
  for (int i = 0; i < 300; ++i) {
    RunGroup group;
    for (std::uint32_t runs = 1 + random.below(6); runs > 0; --runs) {
      const double lr = 1e-3 * std::exp2(0.5 * random.below(16));
      const std::optional<double> loss = 2 + 0.1 * random.normal();
      group.observations.push_back(
          {random.below(2) ? 64.0 : 256.0, lr, 1, random.below(3) ? loss : std::nullopt});
    }
    const std::string refusal = refusal_of(group);
    if (refusal.empty()) continue;
    ++refusals;
    std::size_t named = 0;
    for (const auto& [batch_size, lrs] : read_refusal(refusal)) named += lrs.size();
    EXPECT_GE(named, 1u) << refusal;
    for (const auto& [batch_size, lrs] : read_refusal(refusal)) {
      for (const Observation& run : group.observations) {
        if (run.batch_size != batch_size) continue;
        for (const double lr : lrs) EXPECT_GT(std::abs(std::log(run.lr / lr)), 0.05) << refusal;
      }
    }
  }
  EXPECT_GT(refusals, 100);
}

}  // namespace
}  // namespace etalon
