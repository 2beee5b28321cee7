#include "etalon/schedule.hpp"

#include <algorithm>

#include "core/interval.hpp"
#include "etalon/bounds.hpp"
#include "schedule/shapes.hpp"

namespace etalon {
namespace {

double warmup_factor(const Warmup& warmup, double time) {
  if (time >= warmup.length) return 1;
  if (warmup.kind == WarmupKind::constant) return warmup.start;
  return warmup.start + (1 - warmup.start) * time / warmup.length;
}

// When the shape sees `time`.
double shape_time(const Warmup& warmup, double time) {
  return warmup.beneath ? time : std::max(0.0, time - warmup.length);
}

// Examples in one unit of time.
double examples_per(DurationUnit unit, std::int64_t batch_size, std::int64_t dataset_size) {
  switch (unit) {
    case DurationUnit::steps:
      return static_cast<double>(batch_size);
    case DurationUnit::epochs:
      return static_cast<double>(dataset_size);
    case DurationUnit::examples:
      return 1;
  }
  return 1;
}

}  // namespace

double Progress::in(DurationUnit unit) const {
  switch (unit) {
    case DurationUnit::steps:
      return steps;
    case DurationUnit::epochs:
      return epochs;
    case DurationUnit::examples:
      return examples;
  }
  return steps;
}

void Progress::advance(std::int64_t batch_size, std::int64_t dataset_size) {
  steps += 1;
  examples += static_cast<double>(batch_size);
  epochs = examples / static_cast<double>(dataset_size);
}

void Schedule::validate() const {
  check_lr(peak_lr, "peak_lr", "in a schedule");
  check_in("warm-up length", warmup.length, kNotNegative, "in a schedule");
  check_in("warm-up start", warmup.start, kShare, "in a schedule");
  validate_shape(shape);
}

double Schedule::lr(const Progress& progress) const { return lr_at(progress.in(unit)); }

std::optional<double> Schedule::momentum(const Progress& progress) const {
  return momentum_at(progress.in(unit));
}

double Schedule::lr_at(double time) const {
  return peak_lr * warmup_factor(warmup, time) * shape_factor(shape, shape_time(warmup, time));
}

std::optional<double> Schedule::momentum_at(double time) const {
  return shape_momentum(shape, shape_time(warmup, time));
}

std::optional<double> Schedule::end() const {
  const std::optional<double> shape_ends = shape_end(shape);
  if (!shape_ends) return std::nullopt;
  return warmup.beneath ? std::max(*shape_ends, warmup.length) : *shape_ends + warmup.length;
}

Schedule convert(const Schedule& schedule, DurationUnit unit, std::int64_t batch_size,
                 std::int64_t dataset_size) {
  check_batch_size(static_cast<double>(batch_size));
  check_in("dataset_size", static_cast<double>(dataset_size), kAtLeastOne);
  schedule.validate();
  if (unit == schedule.unit) return schedule;
  const double ratio = examples_per(schedule.unit, batch_size, dataset_size) /
                       examples_per(unit, batch_size, dataset_size);
  Schedule converted = schedule;
  converted.unit = unit;
  converted.warmup.length *= ratio;
  converted.shape = stretch(schedule.shape, ratio);
  return converted;
}

}  // namespace etalon
