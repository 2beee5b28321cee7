#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/outcome.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

RuleOutcome outcome(const std::string& rule, std::int64_t batch_size, Verdict verdict,
                    std::optional<double> regret) {
  RuleOutcome o{rule, batch_size, {}};
  o.regret.verdict = verdict;
  o.regret.regret = regret;
  return o;
}

StudyResult result_of(const std::vector<RuleOutcome>& rules, double exponent, double low,
                      double high) {
  StudyResult result;
  result.options.batch_sizes = {16, 32, 64, 128};
  result.options.rules = {"linear"};
  result.rules = rules;
  result.trials.resize(1);
  result.trials[0].result.state = TrialState::finished;
  result.optima.resize(4);
  result.exponent.emplace();
  result.exponent->exponent = exponent;
  result.exponent->low = low;
  result.exponent->high = high;
  result.exponent->batch_size_low = 16;
  result.exponent->batch_size_high = 128;
  return result;
}

TEST(Conclude, OpensWithTheExponentAndItsInterval) {
  EXPECT_THAT(conclude(result_of({}, 0.63, 0.55, 0.71)),
              StartsWith("From B=16 to 128 the best learning rate grows as B^0.63 [0.55, 0.71]"));
  EXPECT_THAT(conclude(result_of({}, -0.3, -0.4, -0.2)), HasSubstr("falls as B^-0.30"));
  EXPECT_THAT(conclude(result_of({}, 0.1, -0.1, 0.3)),
              AllOf(HasSubstr("not clear whether it moves"), Not(HasSubstr("grows"))));
  EXPECT_THAT(conclude(result_of({}, 0.01, -0.04, 0.06)), HasSubstr("hardly moves"));
}

TEST(Conclude, SaysWhereARuleHoldsAndFailsAndThatTheRestIsUnclear) {
  const auto result = result_of({outcome("linear", 16, Verdict::holds, 0.001),
                                 outcome("linear", 32, Verdict::cannot_tell, 0.0),
                                 outcome("linear", 64, Verdict::cannot_tell, 0.01),
                                 outcome("linear", 128, Verdict::fails, 0.12)},
                                0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(result),
              HasSubstr("linear scaling holds at 16 and fails at 128 (it loses 0.12 at 128). "
                        "Elsewhere these runs cannot tell."));
}

RuleOutcome open_outcome(std::int64_t batch_size, double regret, double half_width,
                         std::int64_t seeds) {
  RuleOutcome o = outcome("linear", batch_size, Verdict::cannot_tell, regret);
  o.regret.loss = 0.4;
  o.regret.regret_low = regret - half_width;
  o.regret.regret_high = regret + half_width;
  o.regret.pairs = seeds;
  return o;
}

// Four times the seeds halve an interval; of a tolerance of 0.02.
TEST(Conclude, SaysHowManySeedsWouldTell) {
  const auto one = result_of({open_outcome(64, 0.01, 0.02, 3)}, 0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(one), HasSubstr("Elsewhere these runs cannot tell; about 12 seeds would."));
  const auto two =
      result_of({open_outcome(64, 0.01, 0.02, 3), open_outcome(128, 0.04, 0.03, 4)}, 0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(two), HasSubstr("cannot tell; about 9 to 12 seeds would."));
  const auto near =
      result_of({open_outcome(64, 0.01, 0.02, 3), open_outcome(128, 0.02, 0.01, 4)}, 0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(near),
              HasSubstr("about 12 seeds would, save where the loss lies next to the "
                        "tolerance."));
  const auto hopeless = result_of({open_outcome(128, 0.0201, 0.01, 4)}, 0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(hopeless), HasSubstr("hundreds of seeds would not."));
}

TEST(Conclude, SaysWhereTheNoiseExceedsTheTolerance) {
  const auto loud = result_of({open_outcome(64, 0.01, 0.0165, 4), open_outcome(128, 0.05, 0.04, 4)},
                              0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(loud),
              HasSubstr("At 128 one seed differs from another by about 0.049, more than the "
                        "tolerance."));
  const auto quiet = result_of({open_outcome(64, 0.01, 0.0125, 2)}, 0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(quiet), Not(HasSubstr("differs from another")));
}

TEST(Conclude, NamesBothSdeRules) {
  for (const auto& [rule, name] : {std::pair("sde", "the SDE rule holds at 128"),
                                   std::pair("sde-power", "the SDE rule with β^κ holds at 128")}) {
    auto result = result_of({outcome(rule, 128, Verdict::holds, 0.001)}, 0.6, 0.5, 0.7);
    result.options.rules = {rule};
    EXPECT_THAT(conclude(result), HasSubstr(name));
  }
}

TEST(Conclude, SaysWhichDivergencesBetterRunsContradict) {
  auto result = result_of({}, 0.6, 0.5, 0.7);
  result.trials.clear();
  for (const auto& [lr, loss] : {std::pair(0.05, 0.6), std::pair(0.1, 0.4), std::pair(0.2, 0.0),
                                 std::pair(0.4, 0.3), std::pair(0.8, 0.7)}) {
    TrialRecord trial{1, 1, Stage::base, {32, lr, 1, {}}, {}};
    trial.result.state = loss > 0 ? TrialState::finished : TrialState::diverged;
    if (loss > 0) trial.result.objective = loss;
    result.trials.push_back(trial);
  }
  EXPECT_THAT(conclude(result),
              EndsWith(" At batch size 32, lr 0.2 diverged although lr 0.4 above it ended with "
                       "loss 0.3: it is not taken for a bound."));
}

TEST(Conclude, AdmitsThatARuleIsUnclearEverywhere) {
  const auto result =
      result_of({outcome("linear", 16, Verdict::cannot_tell, 0.001)}, 0.6, 0.5, 0.7);
  EXPECT_THAT(conclude(result), HasSubstr("linear scaling is unclear. Elsewhere"));
}

TEST(Conclude, JoinsBatchSizesOfOneVerdictAndLeavesTheBaseOut) {
  const auto result = result_of(
      {outcome("linear", 16, Verdict::holds, 0.001),
       outcome("linear", 32, Verdict::cannot_tell, 0.0),
       outcome("linear", 64, Verdict::holds, 0.001), outcome("linear", 128, Verdict::holds, 0.002)},
      0.9, 0.8, 1.0);
  EXPECT_THAT(conclude(result), EndsWith("linear scaling holds from 16 to 128."));
}

TEST(Conclude, NamesDivergenceAsTheWorst) {
  const auto result = result_of({outcome("linear", 64, Verdict::fails, 0.4),
                                 outcome("linear", 128, Verdict::fails, std::nullopt)},
                                0.9, 0.8, 1.0);
  EXPECT_THAT(conclude(result), HasSubstr("fails from 64 to 128 (it diverges at 128)"));
}

TEST(Conclude, AdmitsThatNothingWasLearned) {
  auto result = result_of({}, 0, 0, 0);
  result.exponent.reset();
  EXPECT_THAT(conclude(result), HasSubstr("nothing can be said"));
  result.optima.clear();
  EXPECT_THAT(conclude(result), HasSubstr("Every learning rate that was tried diverged"));
  result.trials.clear();
  EXPECT_THAT(conclude(result), HasSubstr("nothing was run"));
}

TEST(Conclude, SaysThatTheStudyWasInterrupted) {
  auto result = result_of({}, 0.6, 0.5, 0.7);
  result.interrupted = true;
  EXPECT_THAT(conclude(result), StartsWith("Interrupted after 1 trial;"));
}

// A rise that turns flat: no single power describes it.
TEST(Conclude, SaysWhereTheGrowthChangesPower) {
  auto result = result_of({}, 0.5, 0.3, 0.7);
  result.optima.clear();
  for (int k = 0; k < 9; ++k) {
    Optimum o;
    o.batch_size = 8 << k;
    o.lr = 0.1 * std::exp2(std::min(k, 4));
    o.lr_low = o.lr * 0.98;
    o.lr_high = o.lr * 1.02;
    result.optima.push_back(o);
  }
  EXPECT_THAT(conclude(result), HasSubstr("not by one power: B^1.00"));
}

}  // namespace
}  // namespace etalon
