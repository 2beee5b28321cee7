// What holds for every schedule: bounds, ends, continuity, units, and the way through JSON.
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/schedule.hpp"
#include "support/seeded_properties.hpp"

namespace etalon {
namespace {

double between(double low, double high) {
  return low + (high - low) * *rc::gen::inRange(0, 1000001) * 1e-6;
}

// Shapes that fall to a floor.
Shape any_decay(double floor) {
  const double length = between(1, 1000);
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      return PolynomialShape{length, between(1, 4), floor};
    case 1:
      return CosineShape{length, floor};
    default:
      return StableDecayShape{between(0, 100), length,
                              *rc::gen::element(DecayForm::linear, DecayForm::cosine), floor};
  }
}

OneCycleShape any_one_cycle() {
  const double length = between(1, 1000);
  return {length,
          length * between(0.1, 0.9),
          between(1, 100),
          between(1, 1e5),
          *rc::gen::element(DecayForm::linear, DecayForm::cosine),
          between(0, 0.8),
          between(0.8, 0.99)};
}

Shape any_ending_shape() {
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return ConstantShape{};
    case 1:
      return any_one_cycle();
    default:
      return any_decay(between(0, 1));
  }
}

Shape any_continuous_shape() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return ExponentialShape{between(0.5, 1)};
    case 4:
      return InverseSqrtShape{between(1, 1000)};
    case 1:
      return CyclicalShape{
          between(1, 500), between(1, 500), between(0, 1), CycleMode::triangular, 1.0, {}, {}};
    default:
      return any_ending_shape();
  }
}

Shape any_shape() {
  switch (*rc::gen::inRange(0, 5)) {
    case 0:
      return StepShape{between(1, 100), between(0.1, 1)};
    case 1:
      return MultiStepShape{{between(1, 10), between(11, 20), between(21, 300)}, between(0.1, 1)};
    case 2:
      return WarmRestartsShape{between(1, 100), between(1, 3), between(0, 1)};
    case 3:
      return CyclicalShape{
          between(1, 500),  between(1, 500),
          between(0, 1),    *rc::gen::element(CycleMode::halving, CycleMode::exponential),
          between(0.9, 1),  between(0, 0.5),
          between(0.5, 0.9)};
    default:
      return any_continuous_shape();
  }
}

Schedule any_schedule(const Shape& shape) {
  Schedule schedule;
  schedule.peak_lr = std::exp(between(-10, 2));
  schedule.unit =
      *rc::gen::element(DurationUnit::steps, DurationUnit::epochs, DurationUnit::examples);
  schedule.shape = shape;
  schedule.warmup = {*rc::gen::element(WarmupKind::linear, WarmupKind::constant), between(0, 100),
                     between(0, 1), *rc::gen::arbitrary<bool>()};
  schedule.validate();
  return schedule;
}

RC_GTEST_PROP(EverySchedule, StaysBetweenZeroAndItsPeak, ()) {
  const Schedule schedule = any_schedule(any_shape());
  const double time = between(0, 3000);
  RC_ASSERT(schedule.lr_at(time) >= 0);
  RC_ASSERT(schedule.lr_at(time) <= schedule.peak_lr * (1 + 1e-12));
  if (const auto momentum = schedule.momentum_at(time)) {
    RC_ASSERT(*momentum >= 0);
    RC_ASSERT(*momentum < 1);
  }
}

RC_GTEST_PROP(EverySchedule, ReadsBackFromJsonExactly, ()) {
  const Schedule schedule = any_schedule(any_shape());
  RC_ASSERT(schedule_from_json(to_json(schedule)) == schedule);
}

RC_GTEST_PROP(EveryScheduleThatEnds, KeepsItsLastValue, ()) {
  const Schedule schedule = any_schedule(any_ending_shape());
  const double end = schedule.end().value();
  RC_ASSERT(schedule.lr_at(end + 1e-6) == schedule.lr_at(end + between(1, 1e6)));
}

// Counted in another unit it gives the same η at the same moment, away from jumps.
RC_GTEST_PROP(EveryContinuousSchedule, GivesTheSameLearningRateInAnyUnit, ()) {
  Schedule schedule = any_schedule(any_continuous_shape());
  schedule.warmup.kind = WarmupKind::linear;
  const auto unit =
      *rc::gen::element(DurationUnit::steps, DurationUnit::epochs, DurationUnit::examples);
  const Schedule converted = convert(schedule, unit, 64, 50000);
  Progress progress;
  progress.examples = between(0, 1e6);
  progress.steps = progress.examples / 64;
  progress.epochs = progress.examples / 50000;
  const double expected = schedule.lr(progress);
  RC_ASSERT(std::abs(converted.lr(progress) - expected) <= 1e-8 * schedule.peak_lr);
}

// Lengths are >= 1 and slopes bounded, so a step of 1e-7 moves η by little, warm-up included.
RC_GTEST_PROP(EveryContinuousSchedule, HasNoJumps, ()) {
  Schedule schedule = any_schedule(any_continuous_shape());
  schedule.warmup.kind = WarmupKind::linear;
  schedule.warmup.length += 0.5;
  const double end = schedule.end().value_or(1000.0);
  for (const double time : {between(0, 2000), schedule.warmup.length, end}) {
    const double jump = schedule.lr_at(time + 1e-7) - schedule.lr_at(std::max(0.0, time - 1e-7));
    RC_ASSERT(std::abs(jump) <= 1e-5 * schedule.peak_lr);
  }
}

RC_GTEST_PROP(EveryScheduleWithoutWarmUp, StartsAtItsPeakUnlessItCycles, ()) {
  Schedule schedule = any_schedule(any_shape());
  schedule.warmup = {};
  if (const auto* cycle = std::get_if<OneCycleShape>(&schedule.shape)) {
    RC_ASSERT(std::abs(schedule.lr_at(0) * cycle->start_divisor / schedule.peak_lr - 1) < 1e-9);
    RC_ASSERT(schedule.lr_at(cycle->rise) == schedule.peak_lr);
    RC_ASSERT(std::abs(schedule.lr_at(cycle->length) * cycle->start_divisor * cycle->end_divisor /
                           schedule.peak_lr -
                       1) < 1e-6);
  } else if (const auto* cyclical = std::get_if<CyclicalShape>(&schedule.shape)) {
    RC_ASSERT(std::abs(schedule.lr_at(0) - cyclical->low * schedule.peak_lr) <=
              1e-12 * schedule.peak_lr);
  } else {
    RC_ASSERT(std::abs(schedule.lr_at(0) / schedule.peak_lr - 1) < 1e-12);
  }
}

RC_GTEST_PROP(EveryDecay, EndsAtItsFloor, ()) {
  const double floor = between(0, 1);
  const Schedule schedule = any_schedule(any_decay(floor));
  const double last = schedule.lr_at(*schedule.end() + 1e-9);
  RC_ASSERT(std::abs(last - floor * schedule.peak_lr) <= 1e-9 * schedule.peak_lr);
}

}  // namespace
}  // namespace etalon
