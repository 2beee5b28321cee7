#include "etalon/schedule_options.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kSteps = 200;

ScheduleOptions named(const std::string& name) {
  ScheduleOptions options;
  options.name = name;
  if (name == "step") options.milestones = {{100.0, DurationUnit::steps}};
  if (name == "exponential") options.floor = 0.01;
  if (name == "inverse-sqrt") options.decay_scale = {40.0, DurationUnit::steps};
  return options;
}

double lr_at(const ScheduleOptions& options, double step) {
  return fit_schedule(options, 0.5, kSteps, 50, 1000).lr_at(step);
}

class EverySchedule : public ::testing::TestWithParam<std::string> {};

TEST_P(EverySchedule, StaysBetweenZeroAndThePeakAndReachesThePeak) {
  double highest = 0.0;
  for (double step = 0.0; step < kSteps; ++step) {
    const double lr = lr_at(named(GetParam()), step);
    EXPECT_GE(lr, 0.0);
    EXPECT_LE(lr, 0.5 + 1e-12);
    highest = std::max(highest, lr);
  }
  EXPECT_NEAR(highest, 0.5, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Schedules, EverySchedule, ::testing::ValuesIn(schedule_names()));

TEST(ScheduleOptions, CosineAfterWarmUpEndsWithTheTraining) {
  ScheduleOptions options = named("cosine");
  options.floor = 0.1;
  options.warmup = Duration{2.0, DurationUnit::epochs};  // 40 steps of 50 of 1000 examples
  EXPECT_NEAR(lr_at(options, 20), 0.25, 1e-12);
  EXPECT_NEAR(lr_at(options, 40), 0.5, 1e-12);
  const double half = 0.1 + 0.9 * (1.0 + std::cos(std::numbers::pi / 2.0)) / 2.0;
  EXPECT_NEAR(lr_at(options, 120), 0.5 * half, 1e-12);
  EXPECT_NEAR(lr_at(options, 200), 0.05, 1e-12);
}

TEST(ScheduleOptions, MilestonesCountFromTheStartInAnyUnit) {
  ScheduleOptions options = named("step");
  options.gamma = 0.2;
  options.warmup = Duration{10.0, DurationUnit::steps};
  for (const Duration at :
       {Duration{100.0, DurationUnit::steps}, Duration{5.0, DurationUnit::epochs},
        Duration{5000.0, DurationUnit::examples}}) {
    options.milestones = {at};
    EXPECT_NEAR(lr_at(options, 99), 0.5, 1e-12);
    EXPECT_NEAR(lr_at(options, 100), 0.1, 1e-12);
  }
}

TEST(ScheduleOptions, ADecayEndsWhereItIsToldAndKeepsItsLastValue) {
  ScheduleOptions options = named("linear");
  options.floor = 0.1;
  options.warmup = Duration{20.0, DurationUnit::steps};
  for (const Duration end :
       {Duration{120.0, DurationUnit::steps}, Duration{6.0, DurationUnit::epochs},
        Duration{6000.0, DurationUnit::examples}}) {
    options.decay_end = end;
    EXPECT_NEAR(lr_at(options, 20), 0.5, 1e-12);
    EXPECT_NEAR(lr_at(options, 70), 0.5 * 0.55, 1e-12);
    EXPECT_NEAR(lr_at(options, 120), 0.05, 1e-12);
    EXPECT_NEAR(lr_at(options, 199), 0.05, 1e-12);
  }
  options.decay_end = Duration{20.0, DurationUnit::steps};
  EXPECT_THROW(lr_at(options, 0), InputError);
  options.name = "cyclical";
  EXPECT_THROW(options.validate(), InputError);
}

// Vaswani et al. 2017, equation 3: η·√(w/t) from the warm-up's end on, whatever the unit.
TEST(ScheduleOptions, InverseSqrtFallsWithTheTimeSinceTheStart) {
  for (const Duration warmup :
       {Duration{20.0, DurationUnit::steps}, Duration{1.0, DurationUnit::epochs}}) {
    ScheduleOptions options;
    options.name = "inverse-sqrt";
    options.warmup = warmup;
    EXPECT_NEAR(lr_at(options, 10), 0.25, 1e-12);
    for (const double step : {20.0, 21.0, 80.0, 180.0, 2000.0}) {
      EXPECT_NEAR(lr_at(options, step), 0.5 * std::sqrt(20.0 / step), 1e-12);
    }
  }
}

TEST(ScheduleOptions, InverseSqrtHasAScaleOfItsOwnWhereOneIsGiven) {
  ScheduleOptions options = named("inverse-sqrt");
  EXPECT_NEAR(lr_at(options, 40), 0.5 / std::sqrt(2.0), 1e-12);
  options.warmup = Duration{10.0, DurationUnit::steps};
  EXPECT_NEAR(lr_at(options, 10), 0.5, 1e-12);
  EXPECT_NEAR(lr_at(options, 130), 0.25, 1e-12);
  options.warmup.reset();
  options.decay_scale.reset();
  EXPECT_THROW(options.validate(), InputError);
}

TEST(ScheduleOptions, InExamplesGiveTheRatesThatTheyGiveInSteps) {
  for (const std::string& name : schedule_names()) {
    ScheduleOptions options = named(name);
    if (name == "step") options.milestones = {{5000.0, DurationUnit::examples}};
    if (name == "inverse-sqrt") options.decay_scale.reset();  // as long as the warm-up
    if (name != "one-cycle") options.warmup = Duration{1.0, DurationUnit::epochs};
    const Schedule steps = fit_schedule(options, 0.5, kSteps, 50, 1000);
    const Schedule examples = fit_schedule_in_examples(options, 0.5, kSteps * 50, 1000);
    for (int step = 0; step < kSteps; ++step) {
      EXPECT_NEAR(examples.lr_at(50.0 * step), steps.lr_at(step), 1e-12) << name << ' ' << step;
    }
  }
}

TEST(ScheduleOptions, RefuseWhatCannotBeMeant) {
  EXPECT_THROW(named("cosin").validate(), InputError);
  ScheduleOptions options = named("step");
  options.milestones.clear();
  EXPECT_THROW(options.validate(), InputError);
  options = named("exponential");
  options.floor = 0.0;
  EXPECT_THROW(options.validate(), InputError);
  options = named("cosine");
  options.warmup = Duration{200.0, DurationUnit::steps};
  EXPECT_THROW(lr_at(options, 0), InputError);
  options.warmup = Duration{-1.0, DurationUnit::steps};
  EXPECT_THROW(options.validate(), InputError);
}

}  // namespace
}  // namespace etalon
