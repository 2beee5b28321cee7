#include "watch/outlook.hpp"

#include <gtest/gtest.h>

#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

// A campaign: 4 trials of 10 s ended, 12 are to be run, two side by side.
StudyResult campaign() {
  StudyResult result;
  result.options.rules = {};
  result.trials.resize(4);
  for (TrialRecord& trial : result.trials) {
    trial.spec = {64, 0.1, 1, {}};
    trial.result.state = TrialState::finished;
    trial.result.wall_seconds = 10.0;
  }
  return result;
}

TEST(Outlook, OfABudgetIsWhatTheTrialsSoFarTook) {
  const Outlook outlook =
      outlook_of(campaign(), 1, {{kJobsMeta, "2"}, {kTrialsMeta, "12"}, {"cost_per_hour", "90"}});
  EXPECT_EQ(outlook.ended, 4);
  EXPECT_EQ(outlook.expected, 12);
  EXPECT_DOUBLE_EQ(outlook.seconds_left.value_or(0.0), 8 * 10.0 / 2);
  EXPECT_DOUBLE_EQ(outlook.cost_left.value_or(0.0), 40.0 / 3600.0 * 90.0);
}

TEST(Outlook, CountsWhatWaitsWhereThereIsNoBudget) {
  const Outlook outlook = outlook_of(campaign(), 3, {});
  EXPECT_EQ(outlook.expected, 7);
  EXPECT_FALSE(outlook.cost_left);
}

TEST(Outlook, KnowsNoTimeBeforeATrialHasEnded) {
  StudyResult result = campaign();
  result.trials.clear();
  EXPECT_FALSE(outlook_of(result, 2, {{kTrialsMeta, "12"}}).seconds_left);
}

TEST(Outlook, OfRoundsExpectsAtLeastWhatTheNextRoundAsks) {
  StudyResult result = testing::synthetic_study();
  result.trials.resize(10);
  result.interrupted = true;
  const Outlook outlook = outlook_of(result, 0, {{kJobsMeta, "1"}});
  EXPECT_EQ(outlook.ended, 10);
  EXPECT_GT(outlook.expected, 10);
  EXPECT_GT(outlook.seconds_left.value_or(0.0), 0.0);
  result.interrupted = false;
  EXPECT_EQ(outlook_of(result, 0, {}).expected, 10);
}

// Of an interval [0.01, 0.05] about 0.03 at a tolerance of 0.02: the half-width must halve, which
// takes four times the 3 seeds, 9 more of either learning rate.
TEST(OpenVerdicts, AreThoseThatTheIntervalLeavesOpen) {
  StudyResult result;
  result.options.base_batch_size = 32;
  result.options.tolerance = 0.02;
  RuleOutcome open{.rule = "sqrt", .batch_size = 64, .regret = {}};
  open.regret.regret = 0.03;
  open.regret.regret_low = 0.01;
  open.regret.regret_high = 0.05;
  open.regret.pairs = 3;
  open.regret.verdict = Verdict::cannot_tell;
  RuleOutcome clear = open, base = open;
  clear.regret.regret_high = 0.015;
  clear.regret.regret = 0.012;
  base.batch_size = 32;
  result.rules = {open, clear, base};
  const auto verdicts = open_verdicts_of(result);
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].rule, "sqrt");
  EXPECT_EQ(verdicts[0].trials, 18);
}

}  // namespace
}  // namespace etalon
