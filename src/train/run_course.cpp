#include "train/run_course.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "etalon/error.hpp"
#include "train/require.hpp"

namespace etalon {
namespace {

std::int64_t budget_of(const RunOptions& options, std::int64_t dataset_size) {
  const TrainingOptions& training = options.training;
  if (!options.batch_schedule.is_constant() && training.budget_examples == 0 &&
      training.budget_steps > 0) {
    throw InputError(with_fields("`steps` is no number of examples where the batch size changes"),
                     "", with_fields("give `epochs` or `examples` with `batch_schedule`"));
  }
  return training.examples_at(options.batch_size, dataset_size);
}

Schedule lr_schedule(const RunOptions& options, std::int64_t examples, std::int64_t dataset_size) {
  const ScheduleOptions& schedule = options.training.schedule;
  if (!options.batch_schedule.is_constant()) {
    return fit_schedule_in_examples(schedule, options.lr, examples, dataset_size);
  }
  return fit_schedule(schedule, options.lr, examples / options.batch_size, options.batch_size,
                      dataset_size);
}

}  // namespace

RunCourse::RunCourse(const RunOptions& options, std::int64_t dataset_size) {
  options.training.check_fits(options.batch_size, dataset_size);
  plan_.dataset_size = dataset_size;
  plan_.budget_examples = budget_of(options, dataset_size);
  plan_.batch = fit_batch_schedule(options.batch_schedule, options.batch_size,
                                   plan_.budget_examples, dataset_size);
  largest_batch_size_ = std::max(
      plan_.batch.batch_size, batch_end(options.batch_schedule, options.batch_size, dataset_size));
  options.training.check_fits(plan_.batch.batch_size, dataset_size);
  options.training.check_fits(largest_batch_size_, dataset_size);
  plan_.reference_batch_size = options.batch_size;
  plan_.rule = batch_rule(options.batch_schedule, options.training.optimizer.name);
  plan_.lr = lr_schedule(options, plan_.budget_examples, dataset_size);
  const ScheduleOptions& schedule = options.training.schedule;
  if (schedule.is_plateau()) plateau_.emplace(plateau_options(schedule, options.lr));
  total_examples_ = plan_.budget_examples;
  if (options.batch_schedule.is_constant()) {
    total_steps_ = plan_.budget_examples / options.batch_size;
    total_examples_ = *total_steps_ * options.batch_size;
  } else {
    plan_.validate();
  }
}

std::vector<std::string> RunCourse::warnings() const {
  const double end = static_cast<double>(total_steps_.value_or(total_examples_));
  std::vector<std::string> warnings;
  const auto check = [&](const char* what, double at, double last, const char* unit) {
    if (at < last) return;
    warnings.push_back(fmt::format("{} at {:.6g} {} comes after the end of the training, at {:.6g}",
                                   what, at, unit, last));
  };
  const char* unit = total_steps_ ? "steps" : "examples";
  if (const auto* steps = std::get_if<MultiStepShape>(&plan_.lr.shape)) {
    for (const double milestone : steps->milestones) check("the milestone", milestone, end, unit);
  }
  if (const auto* steps = std::get_if<StepShape>(&plan_.lr.shape)) {
    check("the first decay", steps->length, end, unit);
  }
  if (const auto* steps = std::get_if<StepBatch>(&plan_.batch.course)) {
    for (const double milestone : steps->milestones) {
      check("the batch milestone", milestone, static_cast<double>(total_examples_), "examples");
    }
  }
  return warnings;
}

Progress RunCourse::progress_after(std::int64_t steps, std::int64_t examples) const {
  const auto seen = static_cast<double>(examples);
  return {.steps = static_cast<double>(steps),
          .epochs = seen / static_cast<double>(plan_.dataset_size),
          .examples = seen};
}

std::optional<CourseStep> RunCourse::next(std::int64_t steps, std::int64_t examples) const {
  const Progress progress = progress_after(steps, examples);
  const auto batch_size = plan_.batch_size_at(progress, noise_scale_);
  if (!batch_size) return std::nullopt;
  CourseStep step;
  step.batch_size = *batch_size;
  step.lr = plan_.lr_for(progress, step.batch_size);
  step.momentum = plan_.lr.momentum(progress);
  if (plan_.rule != BatchLrRule::fixed) {
    step.average_steps =
        static_cast<double>(step.batch_size) / static_cast<double>(plan_.reference_batch_size);
  }
  return step;
}

std::int64_t RunCourse::points_due(std::int64_t count, std::int64_t examples) const {
  // A batch size is a matter of examples alone.
  const auto next = plan_.batch_size_at(progress_after(0, examples), noise_scale_);
  if (!next) return count;
  // Point k of n is due where E + b > k/n of the total T: those below n(E + b)/T.
  return (count * (examples + *next) - 1) / total_examples_;
}

void RunCourse::observe_loss(double validation_loss, std::int64_t steps, std::int64_t examples) {
  const double time = progress_after(steps, examples).in(plan_.lr.unit);
  const bool counts = plateau_ && time >= plan_.lr.warmup.length;
  if (counts) plan_.lr.peak_lr = plateau_->observe(validation_loss);
}

bool RunCourse::wants_noise_scale() const {
  return std::holds_alternative<NoiseRampBatch>(plan_.batch.course);
}

void RunCourse::observe_noise_scale(double noise_scale) {
  noise_scale_ = std::max(noise_scale_.value_or(0.0), noise_scale);
}

}  // namespace etalon
