#include "etalon/batch_schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "etalon/error.hpp"
#include "support/seeded_properties.hpp"

namespace etalon {
namespace {

TrainingPlan plan_of(const BatchCourse& course, BatchLrRule rule, std::int64_t first = 64) {
  TrainingPlan plan;
  plan.lr.peak_lr = 0.1;
  plan.lr.unit = DurationUnit::examples;
  plan.batch.batch_size = first;
  plan.batch.course = course;
  plan.reference_batch_size = first;
  plan.rule = rule;
  plan.dataset_size = 50000;
  plan.budget_examples = 500000;
  return plan;
}

std::vector<PlannedStep> walk(const TrainingPlan& plan) {
  std::vector<PlannedStep> steps;
  PlanCursor cursor(plan);
  while (const auto step = cursor.next()) steps.push_back(*step);
  return steps;
}

// ηN/B over examples is that of decaying η by 5 at each milestone (Smith et al. 2018), to the end,
// with B held at 1024 of the 64·25 = 1600 that the second milestone asks for.
TEST(StepBatch, LetsTheNoiseScaleFallAsTheDecayItReplaces) {
  TrainingPlan plan = plan_of(StepBatch{{100000, 200000}, 5, 1024}, BatchLrRule::fixed);
  std::vector<std::int64_t> sizes;
  for (const PlannedStep& step : walk(plan)) {
    const double at = step.before.examples;
    const double decayed = 0.1 * (at < 100000 ? 1 : at < 200000 ? 0.2 : 0.04);
    ASSERT_NEAR(step.lr / static_cast<double>(step.batch_size), decayed / 64, 1e-15) << at;
    if (sizes.empty() || sizes.back() != step.batch_size) sizes.push_back(step.batch_size);
  }
  EXPECT_EQ(sizes, (std::vector<std::int64_t>{64, 320}));
}

TEST(StepBatch, RefusesARuleThatWouldRaiseTheLearningRateAgain) {
  EXPECT_THROW(plan_of(StepBatch{{1000}, 5, 1024}, BatchLrRule::linear).validate(), InputError);
}

TEST(LinearRampBatch, RisesInMultiplesAndEndsExactly) {
  BatchSchedule batch{32, DurationUnit::examples, LinearRampBatch{1632, 16000, 16}};
  EXPECT_EQ(batch.at(0), 32);
  EXPECT_EQ(batch.at(159), 32);  // 47.9
  EXPECT_EQ(batch.at(160), 48);
  EXPECT_EQ(batch.at(8000), 832);  // halfway
  EXPECT_EQ(batch.at(16000), 1632);
  EXPECT_EQ(batch.at(1e12), 1632);
}

TEST(NoiseRampBatch, FollowsTheNoiseScaleAndNeverShrinks) {
  const TrainingPlan plan = plan_of(NoiseRampBatch{1024, 0.5, 8}, BatchLrRule::sqrt);
  PlanCursor cursor(plan);
  EXPECT_EQ(cursor.next()->batch_size, 64);
  cursor.observe_noise_scale(100);  // half of it is under 64
  EXPECT_EQ(cursor.next()->batch_size, 64);
  cursor.observe_noise_scale(531);  // 265.5, down to 64 + 25·8
  const PlannedStep step = *cursor.next();
  EXPECT_EQ(step.batch_size, 264);
  EXPECT_DOUBLE_EQ(step.lr, 0.1 * std::sqrt(264.0 / 64));
  cursor.observe_noise_scale(200);
  EXPECT_EQ(cursor.next()->batch_size, 264);
  cursor.observe_noise_scale(1e9);
  EXPECT_EQ(cursor.next()->batch_size, 1024);
  EXPECT_THROW(cursor.observe_noise_scale(std::nan("")), InputError);
}

TEST(TrainingPlan, EndsItsDecayWhereItShouldWhateverTheRamp) {
  TrainingPlan plan = plan_of(LinearRampBatch{2048, 200000, 64}, BatchLrRule::linear);
  plan.lr.shape = PolynomialShape{500000, 1, 0};
  const auto steps = walk(plan);
  EXPECT_LT(steps.size(), 500000u / 64 / 4);
  for (const PlannedStep& step : steps) {
    const double whole = static_cast<double>(plan.batch.at(step.before.examples));
    ASSERT_NEAR(step.lr, 0.1 * (1 - step.before.examples / 500000) * whole / 64, 1e-12);
  }
  // One more step would end past the end of the decay.
  const double end = steps.back().before.examples + static_cast<double>(steps.back().batch_size);
  EXPECT_LE(end, 500000);
  EXPECT_GT(end + static_cast<double>(steps.back().batch_size), 500000);
}

TEST(TrainingPlan, RefusesToCountInSteps) {
  TrainingPlan plan = plan_of(LinearRampBatch{128, 1000, 1}, BatchLrRule::sqrt);
  plan.lr.unit = DurationUnit::steps;
  EXPECT_THROW(plan.validate(), InputError);
  plan.lr = convert(plan.lr, DurationUnit::examples, 64, 50000);
  EXPECT_NO_THROW(plan.validate());
  plan.batch.unit = DurationUnit::steps;
  EXPECT_THROW(plan.validate(), InputError);
}

TEST(BatchSchedule, RefusesValuesOutOfRange) {
  const BatchCourse bad[] = {StepBatch{{10, 5}, 2, 1024},
                             StepBatch{{10}, 1, 1024},
                             StepBatch{{10}, 2, 32},
                             LinearRampBatch{32, 100, 1},
                             LinearRampBatch{128, 0, 1},
                             LinearRampBatch{128, 100, 0},
                             NoiseRampBatch{128, 0, 1},
                             NoiseRampBatch{128, std::nan(""), 1},
                             LinearRampBatch{kGreatestBatchSize + 1, 10, 1}};
  for (const BatchCourse& course : bad) {
    EXPECT_THROW((BatchSchedule{64, DurationUnit::examples, course}.validate()), InputError);
  }
  EXPECT_THROW((BatchSchedule{0, DurationUnit::examples, ConstantBatch{}}.validate()), InputError);
}

TEST(PlanCursor, ResumesWhereAnInterruptedWalkStood) {
  const TrainingPlan plan = plan_of(NoiseRampBatch{1024, 1, 1}, BatchLrRule::linear);
  PlanCursor cursor(plan);
  cursor.observe_noise_scale(300);
  for (int i = 0; i < 100; ++i) cursor.next();
  PlanCursor resumed(plan_from_json(to_json(plan)), cursor.progress(), cursor.noise_scale());
  while (const auto step = cursor.next()) {
    const auto same = resumed.next();
    ASSERT_TRUE(same.has_value());
    ASSERT_EQ(same->batch_size, step->batch_size);
    ASSERT_EQ(same->lr, step->lr);
  }
  EXPECT_FALSE(resumed.next().has_value());
}

BatchCourse any_course(std::int64_t first) {
  const std::int64_t last = first + *rc::gen::inRange<std::int64_t>(0, 4096);
  const std::int64_t multiple = *rc::gen::inRange<std::int64_t>(1, 64);
  const double length = *rc::gen::inRange(1000, 200000);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return ConstantBatch{};
    case 1:
      return StepBatch{{length, 2 * length}, 1.5, last};
    case 2:
      return LinearRampBatch{last, length, multiple};
    default:
      return NoiseRampBatch{last, 0.7, multiple};
  }
}

RC_GTEST_PROP(EveryPlan, SpendsAllOfItsBudgetThatIsWholeBatchesAndNeverShrinksThem, ()) {
  const std::int64_t first = *rc::gen::inRange<std::int64_t>(16, 512);
  const BatchCourse course = any_course(first);
  const TrainingPlan plan = plan_of(
      course, std::holds_alternative<StepBatch>(course) ? BatchLrRule::fixed : BatchLrRule::linear,
      first);
  RC_ASSERT(plan_from_json(to_json(plan)) == plan);
  PlanCursor cursor(plan);
  std::int64_t examples = 0, last = 0;
  double noise = 1;
  while (const auto step = cursor.next()) {
    examples += step->batch_size;
    RC_ASSERT(step->batch_size >= last);
    RC_ASSERT(step->lr > 0);
    last = step->batch_size;
    cursor.observe_noise_scale(noise *= 1.01);
  }
  RC_ASSERT(examples <= plan.budget_examples);
  RC_ASSERT(examples + plan.batch.at(static_cast<double>(examples), cursor.noise_scale()) >
            plan.budget_examples);
}

}  // namespace
}  // namespace etalon
