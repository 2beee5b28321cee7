// Which limit holds a learning rate, and by which a rule breaks, on limits that are known.
#include "etalon/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "study/limits_text.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// At B=32 stable below 0.1, 0.125 and 0.2, and one step does best at 0.4/(1 + 100/B), half and
// double that; at 1024 stable below 0.08 and 0.1.
MeasuredLimits known_limits() {
  MeasuredLimits limits;
  limits.points = {{32, 0.05, 100, 10.0, 100.0, 0.4},
                   {32, 0.05, 200, 20.0, 100.0, 0.2},
                   {32, 0.05, 300, 16.0, 100.0, 0.8},
                   {1024, 0.1, 10, 25.0, 100.0, 0.4},
                   {1024, 0.1, 20, 20.0, {}, {}}};
  return limits;
}

TEST(MeasuredLimits, AreRangesOverTheirPoints) {
  const auto stable = stable_lr(known_limits(), 25.0);
  EXPECT_DOUBLE_EQ(stable->low, 0.1);
  EXPECT_DOUBLE_EQ(stable->median, 0.125);
  EXPECT_DOUBLE_EQ(stable->high, 0.2);
  EXPECT_DOUBLE_EQ(stable_lr(known_limits(), 256.0)->median, 0.09);  // 1024 is nearer
  const auto noise = noise_lr(known_limits(), 25.0);
  EXPECT_DOUBLE_EQ(noise->low, 0.2 / 5.0);
  EXPECT_DOUBLE_EQ(noise->median, 0.4 / 5.0);
  EXPECT_DOUBLE_EQ(noise->high, 0.8 / 5.0);
  EXPECT_FALSE(stable_lr({}, 25.0));
  EXPECT_FALSE(noise_lr({}, 25.0));
}

// β = 0.9: stable up to 2·1.9/λ_max, and a tenth of plain SGD's step moves as far.
TEST(MeasuredLimits, AreThoseOfMomentum) {
  MeasuredLimits limits{.stable_product = 3.8, .share_of_sgd = 0.1};
  limits.points = {{32, 0.05, 100, 10.0, 100.0, 0.4}};
  EXPECT_DOUBLE_EQ(stable_lr(limits, 32.0)->median, 0.38);
  EXPECT_DOUBLE_EQ(noise_lr(limits, 100.0)->median, 0.1 * 0.2);
}

TEST(MeasuredLimits, TellWhatHoldsTheBestLearningRate) {
  const MeasuredLimits limits = known_limits();
  EXPECT_EQ(what_holds(limits, 8.0, 0.03, 0.04), HeldBy::noise);
  EXPECT_EQ(what_holds(limits, 1024.0, 0.12, 0.15), HeldBy::sharpness);
  EXPECT_EQ(what_holds(limits, 1024.0, 0.12, {}), HeldBy::sharpness);
  EXPECT_EQ(what_holds(limits, 8.0, 0.03, 0.11), HeldBy::cannot_tell);  // reaches the range
  EXPECT_EQ(what_holds(limits, 8.0, 0.12, 0.15), HeldBy::cannot_tell);  // above what noise allows
  EXPECT_EQ(what_holds(limits, 1024.0, 0.03, 0.04), HeldBy::cannot_tell);  // below both
  EXPECT_EQ(what_holds({}, 8.0, 0.03, 0.04), HeldBy::cannot_tell);
}

TEST(MeasuredLimits, TellByWhatARuleBreaks) {
  const MeasuredLimits limits = known_limits();
  EXPECT_EQ(what_breaks(limits, 1024.0, 0.21, 0.12), HeldBy::sharpness);
  EXPECT_EQ(what_breaks(limits, 1024.0, 0.09, 0.07), HeldBy::cannot_tell);
  EXPECT_EQ(what_breaks(limits, 1024.0, 0.05, 0.12), HeldBy::neither);
  EXPECT_EQ(what_breaks(limits, 8.0, 0.08, 0.02), HeldBy::noise);        // at most 0.059 allowed
  EXPECT_EQ(what_breaks(limits, 8.0, 0.04, 0.02), HeldBy::cannot_tell);  // within 0.015 to 0.059
  EXPECT_EQ(what_breaks({}, 8.0, 0.08, 0.02), HeldBy::cannot_tell);
}

TEST(MeasuredLimits, ComeBackFromTextAsTheyWere) {
  EXPECT_EQ(limits_from_text(limits_to_text(known_limits())), known_limits());
  for (const char* damaged : {"", "{", "[]", "{\"points\": 3}", "{\"stable_product\": \"a\"}"}) {
    EXPECT_FALSE(limits_from_text(damaged)) << damaged;
  }
}

Optimum optimum_at(double batch_size, double lr) {
  Optimum optimum;
  optimum.batch_size = batch_size;
  optimum.lr = lr;
  optimum.lr_low = 0.9 * lr;
  optimum.lr_high = 1.1 * lr;
  return optimum;
}

RuleOutcome failed_rule(const std::string& rule, std::int64_t batch_size, double lr) {
  RuleOutcome outcome;
  outcome.rule = rule;
  outcome.batch_size = batch_size;
  outcome.regret.lr = lr;
  outcome.regret.verdict = Verdict::fails;
  return outcome;
}

StudyResult known_study() {
  StudyResult result;
  result.options.batch_sizes = {8, 32, 256, 1024};
  result.options.base_batch_size = 32;
  result.options.rules = {"fixed", "sqrt", "linear"};
  result.optima = {optimum_at(8, 0.01), optimum_at(32, 0.04), optimum_at(256, 0.11),
                   optimum_at(1024, 0.12)};
  result.rules = {failed_rule("fixed", 8, 0.07), failed_rule("fixed", 1024, 0.04),
                  failed_rule("linear", 256, 0.32), failed_rule("linear", 1024, 1.28)};
  result.limits = known_limits();
  return result;
}

TEST(LimitsText, SaysForEachRuleWhereItBreaksAndByWhat) {
  const StudyResult result = known_study();
  EXPECT_THAT(limits_text(result),
              AllOf(HasSubstr("2/λ_max, is 0.1 to 0.2 at B=8 and 0.08 to 0.1 at B=1024."),
                    HasSubstr("Noise holds the best η down at B=8, 32; the sharpness λ_max holds "
                              "the best η down at B=256, 1024."),
                    HasSubstr("a fixed learning rate breaks at B=8 by noise, which allows η 0.0148 "
                              "to 0.0593 there, not 0.07"),
                    HasSubstr("and breaks at B=1024 by no limit, as η 0.04 is below the best"),
                    HasSubstr("square-root scaling breaks nowhere for sure"),
                    HasSubstr("linear scaling breaks at B=256 by the sharpness, as η 0.32 is "
                              "stable nowhere along training"),
                    Not(HasSubstr("1.28"))));
  EXPECT_EQ(rule_breaks(result).size(), 3u);
}

TEST(LimitsText, SaysWhatCannotBeTold) {
  StudyResult result = known_study();
  result.rules = {failed_rule("fixed", 8, 0.04)};
  EXPECT_THAT(limits_text(result), HasSubstr("a fixed learning rate breaks at B=8, by which limit "
                                             "cannot be told"));
  result.limits->points.resize(1);
  result.limits->points[0].noise_scale.reset();
  EXPECT_THAT(limits_text(result),
              HasSubstr("What holds the best η down cannot be told at any batch size"));
  result.limits->points.clear();
  EXPECT_THAT(limits_text(result), HasSubstr("Nothing could be measured"));
  result.limits.reset();
  EXPECT_EQ(limits_text(result), "");
}

}  // namespace
}  // namespace etalon
