#include "etalon/batch_schedule.hpp"

#include <algorithm>
#include <cmath>

#include "etalon/bounds.hpp"
#include "schedule/shape_fields.hpp"

namespace etalon {
namespace {

// What the fields of a course must be to the batch size that it starts from.
void check_end(std::string_view field, std::int64_t end, std::int64_t first) {
  if (end >= first) return;
  refuse_value(field, static_cast<double>(end), fmt::format("at least batch_size, {}", first),
               "in a schedule");
}
void check_course(const ConstantBatch&, std::int64_t) {}
void check_course(const StepBatch& course, std::int64_t first) {
  check_end("largest", course.largest, first);
}
void check_course(const LinearRampBatch& course, std::int64_t first) {
  check_end("last", course.last, first);
}
void check_course(const NoiseRampBatch& course, std::int64_t first) {
  check_end("last", course.last, first);
}

// `value` down to first + k·multiple.
std::int64_t round_down(double value, std::int64_t first, std::int64_t multiple) {
  const double first_real = static_cast<double>(first);
  const double steps = std::floor((value - first_real) / static_cast<double>(multiple));
  return first + static_cast<std::int64_t>(steps) * multiple;
}

double milestones_passed(const StepBatch& course, double time) {
  return static_cast<double>(
      std::upper_bound(course.milestones.begin(), course.milestones.end(), time) -
      course.milestones.begin());
}

std::int64_t size_at(const ConstantBatch&, std::int64_t first, double, std::optional<double>) {
  return first;
}

std::int64_t size_at(const StepBatch& course, std::int64_t first, double time,
                     std::optional<double>) {
  const double start = static_cast<double>(first);
  for (double k = milestones_passed(course, time); k > 0; k -= 1) {
    const double size = std::round(start * std::pow(course.factor, k));
    if (size <= static_cast<double>(course.largest)) return static_cast<std::int64_t>(size);
  }
  return first;
}

std::int64_t size_at(const LinearRampBatch& course, std::int64_t first, double time,
                     std::optional<double>) {
  if (time >= course.length) return course.last;
  const double start = static_cast<double>(first);
  const double size =
      start + (static_cast<double>(course.last) - start) * std::max(0.0, time / course.length);
  return round_down(size, first, course.multiple);
}

std::int64_t size_at(const NoiseRampBatch& course, std::int64_t first, double,
                     std::optional<double> noise_scale) {
  if (!noise_scale) return first;
  const double size = std::clamp(course.fraction * *noise_scale, static_cast<double>(first),
                                 static_cast<double>(course.last));
  return size >= static_cast<double>(course.last) ? course.last
                                                  : round_down(size, first, course.multiple);
}

double power_of(BatchLrRule rule) {
  switch (rule) {
    case BatchLrRule::fixed:
      return 0;
    case BatchLrRule::sqrt:
      return 0.5;
    case BatchLrRule::linear:
      return 1;
  }
  return 0;
}

void refuse_steps(DurationUnit unit, const char* what) {
  if (unit != DurationUnit::steps) return;
  throw InputError(fmt::format("{} is counted in steps", what), "in a training plan",
                   "count it in epochs or examples, since the length of a step changes");
}

}  // namespace

void BatchSchedule::validate() const {
  check_batch_size(static_cast<double>(batch_size), "batch_size", "in a schedule");
  refuse_steps(unit, "the batch schedule");
  check_fields(course);
  std::visit([this](const auto& c) { check_course(c, batch_size); }, course);
}

std::int64_t BatchSchedule::at(double time, std::optional<double> noise_scale) const {
  return std::visit([&](const auto& c) { return size_at(c, batch_size, time, noise_scale); },
                    course);
}

double BatchSchedule::lr_factor(double time) const {
  const StepBatch* steps = std::get_if<StepBatch>(&course);
  if (steps == nullptr) return 1;
  return static_cast<double>(at(time)) / (static_cast<double>(batch_size) *
                                          std::pow(steps->factor, milestones_passed(*steps, time)));
}

void TrainingPlan::validate() const {
  lr.validate();
  batch.validate();
  refuse_steps(lr.unit, "the learning-rate schedule");
  check_batch_size(static_cast<double>(reference_batch_size), "reference_batch_size",
                   "in a training plan");
  check_in("dataset_size", static_cast<double>(dataset_size), kAtLeastOne, "in a training plan");
  check_in("budget_examples", static_cast<double>(budget_examples), kAtLeastOne,
           "in a training plan");
  if (std::holds_alternative<StepBatch>(batch.course) && rule != BatchLrRule::fixed) {
    throw InputError("a step batch schedule grows B in place of decaying η", "in a training plan",
                     "use rule fixed with it");
  }
}

std::optional<std::int64_t> TrainingPlan::batch_size_at(const Progress& progress,
                                                        std::optional<double> noise_scale) const {
  const std::int64_t left =
      budget_examples - static_cast<std::int64_t>(std::llround(progress.examples));
  const std::int64_t whole = batch.at(progress.in(batch.unit), noise_scale);
  return whole <= left ? std::optional(whole) : std::nullopt;
}

double TrainingPlan::lr_for(const Progress& progress, std::int64_t batch_size) const {
  const double ratio = static_cast<double>(batch_size) / static_cast<double>(reference_batch_size);
  return lr.lr(progress) * std::pow(ratio, power_of(rule)) *
         batch.lr_factor(progress.in(batch.unit));
}

PlanCursor::PlanCursor(const TrainingPlan& plan, const Progress& start,
                       std::optional<double> noise_scale)
    : plan_(plan), progress_(start), noise_scale_(noise_scale) {
  plan_.validate();
}

std::optional<PlannedStep> PlanCursor::next() {
  const auto batch_size = plan_.batch_size_at(progress_, noise_scale_);
  if (!batch_size) return std::nullopt;
  const PlannedStep step{*batch_size, plan_.lr_for(progress_, *batch_size),
                         plan_.lr.momentum(progress_), progress_};
  progress_.advance(step.batch_size, plan_.dataset_size);
  return step;
}

void PlanCursor::observe_noise_scale(double noise_scale) {
  check_in("noise_scale", noise_scale, kNotNegative, "in a training plan");
  noise_scale_ = std::max(noise_scale_.value_or(0.0), noise_scale);
}

}  // namespace etalon
