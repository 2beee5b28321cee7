// Known answers where PyTorch has no such schedule, and the refusals.
#include "etalon/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

Schedule schedule_of(const Shape& shape, double peak_lr = 1.0) {
  Schedule schedule;
  schedule.peak_lr = peak_lr;
  schedule.shape = shape;
  return schedule;
}

TEST(WarmupStableDecay, RisesHoldsAndFalls) {
  Schedule schedule = schedule_of(StableDecayShape{60, 30, DecayForm::linear, 0.1}, 0.4);
  schedule.warmup = {WarmupKind::linear, 10, 0.0, false};
  EXPECT_DOUBLE_EQ(schedule.lr_at(0), 0.0);
  EXPECT_DOUBLE_EQ(schedule.lr_at(5), 0.2);
  EXPECT_DOUBLE_EQ(schedule.lr_at(10), 0.4);
  EXPECT_DOUBLE_EQ(schedule.lr_at(70), 0.4);
  EXPECT_DOUBLE_EQ(schedule.lr_at(85), 0.4 * 0.55);
  EXPECT_DOUBLE_EQ(schedule.lr_at(100), 0.04);
  EXPECT_DOUBLE_EQ(schedule.lr_at(1e9), 0.04);
  EXPECT_EQ(schedule.end(), 100);
}

// 1 − √s at s = ¼ is ½.
TEST(WarmupStableDecay, FallsAsOneMinusTheRootWhereAsked) {
  const Schedule schedule = schedule_of(StableDecayShape{0, 4, DecayForm::one_minus_sqrt, 0});
  EXPECT_DOUBLE_EQ(schedule.lr_at(1), 0.5);
  EXPECT_DOUBLE_EQ(schedule.lr_at(4), 0.0);
}

// Goyal et al. 2017: from 0.1 to 3.2 over 5 epochs, tenths at 30, 60 and 80 counted from the start.
TEST(Schedule, IsGoyalsForABatchOf8192) {
  Schedule schedule = schedule_of(MultiStepShape{{30, 60, 80}, 0.1}, 3.2);
  schedule.unit = DurationUnit::epochs;
  schedule.warmup = {WarmupKind::linear, 5, 0.1 / 3.2, true};
  EXPECT_DOUBLE_EQ(schedule.lr_at(0), 0.1);
  EXPECT_DOUBLE_EQ(schedule.lr_at(2.5), 1.65);
  EXPECT_DOUBLE_EQ(schedule.lr_at(29.999), 3.2);
  EXPECT_DOUBLE_EQ(schedule.lr_at(30), 0.32);
  EXPECT_NEAR(schedule.lr_at(89), 0.0032, 1e-15);
}

TEST(Schedule, EvaluatesAtWhicheverUnitItIsCountedIn) {
  Progress progress;
  for (int step = 0; step < 50; ++step) progress.advance(40, 1000);
  EXPECT_DOUBLE_EQ(progress.steps, 50);
  EXPECT_DOUBLE_EQ(progress.epochs, 2);
  EXPECT_DOUBLE_EQ(progress.examples, 2000);
  Schedule schedule = schedule_of(PolynomialShape{100, 1, 0});
  EXPECT_DOUBLE_EQ(schedule.lr(progress), 0.5);
  schedule.unit = DurationUnit::epochs;
  EXPECT_DOUBLE_EQ(schedule.lr(progress), 0.98);
}

TEST(Schedule, HasNoEndWhereItsShapeHasNone) {
  EXPECT_FALSE(schedule_of(ExponentialShape{0.9}).end().has_value());
  EXPECT_FALSE(schedule_of(InverseSqrtShape{9}).end().has_value());
  EXPECT_FALSE(schedule_of(WarmRestartsShape{10, 2, 0}).end().has_value());
  EXPECT_EQ(schedule_of(CosineShape{90, 0}).end(), 90);
}

TEST(Schedule, MovesTheMomentumOnlyInCycles) {
  EXPECT_FALSE(schedule_of(CosineShape{10, 0}).momentum_at(5).has_value());
  OneCycleShape cycle;
  cycle.length = 100;
  cycle.rise = 30;
  EXPECT_DOUBLE_EQ(schedule_of(cycle).momentum_at(0).value(), 0.95);
  EXPECT_DOUBLE_EQ(schedule_of(cycle).momentum_at(30).value(), 0.85);
  EXPECT_DOUBLE_EQ(schedule_of(cycle).momentum_at(100).value(), 0.95);
}

TEST(Schedule, RefusesValuesOutOfRangeWithFieldAndConstraint) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Shape bad[] = {
      StepShape{0, 0.1},
      StepShape{10, 1.5},
      StepShape{nan, 0.1},
      MultiStepShape{{30, 20}, 0.1},
      MultiStepShape{{0}, 0.1},
      ExponentialShape{0},
      InverseSqrtShape{0},
      PolynomialShape{10, 0, 0},
      CosineShape{10, -0.1},
      CosineShape{std::numeric_limits<double>::infinity(), 0},
      WarmRestartsShape{10, 0.5, 0},
      StableDecayShape{-1, 10, DecayForm::linear, 0},
      OneCycleShape{10, 10, 25, 1e4, DecayForm::cosine, 0.85, 0.95},
      OneCycleShape{10, 3, 25, 1e4, DecayForm::one_minus_sqrt, 0.85, 0.95},
      OneCycleShape{10, 3, 25, 1e4, DecayForm::cosine, 0.95, 0.85},
      CyclicalShape{10, 0, 0.1, CycleMode::triangular, 1, {}, {}},
      CyclicalShape{10, 10, 0.1, CycleMode::triangular, 1, 0.8, {}},
  };
  for (const Shape& shape : bad) EXPECT_THROW(schedule_of(shape).validate(), InputError);
  EXPECT_THROW(schedule_of(ConstantShape{}, 0).validate(), InputError);
  EXPECT_THROW(schedule_of(ConstantShape{}, nan).validate(), InputError);
  try {
    schedule_of(ExponentialShape{2}).validate();
    FAIL() << "accepted";
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(), "gamma is 2, in a schedule, it must be in (0, 1]");
  }
}

TEST(ScheduleJson, SaysWhatIsWrongWithBrokenText) {
  const std::pair<const char*, const char*> broken[] = {
      {"{", "not JSON"},
      {"[]", "is no object"},
      {R"({"peak_lr":1})", "has no 'shape'"},
      {R"({"peak_lr":1,"shape":{"kind":"zigzag"}})", "use one of constant, step"},
      {R"({"peak_lr":1,"shape":{"kind":"cosine","lenght":5}})", "unknown key 'lenght'"},
      {R"({"peak_lr":"1","shape":{"kind":"constant"}})", "wrong type at 'peak_lr'"},
      {R"({"peak_lr":1,"unit":"weeks","shape":{"kind":"constant"}})", "use one of steps"},
      {R"({"peak_lr":-1,"shape":{"kind":"constant"}})", "peak_lr is -1"},
  };
  for (const auto& [text, message] : broken) {
    try {
      schedule_from_json(text);
      ADD_FAILURE() << "accepted " << text;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(message)) << text;
    }
  }
}

TEST(ReduceOnPlateau, ForgivesAsManyObservationsAsItsPatience) {
  PlateauOptions options;
  options.lr = 1.0;
  options.patience = 2;
  ReduceOnPlateau plateau(options);
  EXPECT_EQ(plateau.observe(1.0), 1.0);
  EXPECT_EQ(plateau.observe(1.0), 1.0);
  EXPECT_EQ(plateau.observe(std::numeric_limits<double>::quiet_NaN()), 1.0);
  EXPECT_DOUBLE_EQ(plateau.observe(1.0), 0.1);
}

TEST(ReduceOnPlateau, GoesOnFromItsJsonAsIfNothingHadHappened) {
  PlateauOptions options;
  options.lr = 0.3;
  options.patience = 3;
  ReduceOnPlateau plateau(options);
  for (const double loss : {3.0, 2.0, 2.5, 2.5}) plateau.observe(loss);
  ReduceOnPlateau copy = ReduceOnPlateau::from_json(plateau.to_json());
  EXPECT_EQ(copy, plateau);
  for (const double loss : {2.5, 2.5, 1.0, 1.0, 1.0, 1.0, 1.0}) {
    EXPECT_EQ(copy.observe(loss), plateau.observe(loss));
  }
  EXPECT_LT(plateau.lr(), 0.3);
}

}  // namespace
}  // namespace etalon
