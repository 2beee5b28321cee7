#include "train/run_course.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "etalon/error.hpp"

namespace etalon {
namespace {

std::int64_t budget_examples(const RunOptions& options, const WorkloadInfo& info) {
  const TrainingOptions& training = options.training;
  if (training.budget_examples > 0 || training.budget_steps == 0) return info.budget_examples;
  if (!options.batch_schedule.is_constant()) {
    throw InputError("--steps is no number of examples where the batch size changes", "",
                     "give --epochs or --examples with --batch-schedule");
  }
  return training.budget_steps * options.batch_size;
}

Schedule lr_schedule(const RunOptions& options, std::int64_t examples, std::int64_t dataset_size) {
  const ScheduleOptions& schedule = options.training.schedule;
  if (!options.batch_schedule.is_constant()) {
    return fit_schedule_in_examples(schedule, options.lr, examples, dataset_size);
  }
  const std::int64_t steps = (examples + options.batch_size - 1) / options.batch_size;
  return fit_schedule(schedule, options.lr, steps, options.batch_size, dataset_size);
}

}  // namespace

RunCourse::RunCourse(const RunOptions& options, const WorkloadInfo& info) {
  const std::int64_t dataset_size = info.examples_per_epoch;
  plan_.dataset_size = dataset_size;
  plan_.budget_examples = budget_examples(options, info);
  plan_.batch = fit_batch_schedule(options.batch_schedule, options.batch_size,
                                   plan_.budget_examples, dataset_size);
  if (plan_.batch.batch_size > plan_.budget_examples) {
    throw InputError(fmt::format("--batch-size is {}, but the budget is {} examples",
                                 plan_.batch.batch_size, plan_.budget_examples),
                     "", "raise the budget or lower the batch size");
  }
  plan_.reference_batch_size = options.batch_size;
  plan_.rule = batch_rule(options.batch_schedule, options.training.optimizer.name);
  plan_.lr = lr_schedule(options, plan_.budget_examples, dataset_size);
  const ScheduleOptions& schedule = options.training.schedule;
  if (schedule.is_plateau()) plateau_.emplace(plateau_options(schedule, options.lr));
  if (options.batch_schedule.is_constant()) {
    total_steps_ = (plan_.budget_examples + options.batch_size - 1) / options.batch_size;
  } else {
    plan_.validate();
  }
}

CourseStep RunCourse::next(std::int64_t steps, std::int64_t examples) const {
  Progress progress;
  progress.steps = static_cast<double>(steps);
  progress.examples = static_cast<double>(examples);
  progress.epochs = progress.examples / static_cast<double>(plan_.dataset_size);
  CourseStep step;
  step.batch_size = plan_.batch.at(progress.in(plan_.batch.unit), noise_scale_);
  step.examples = std::min(step.batch_size, plan_.budget_examples - examples);
  step.lr = plan_.lr_for(progress, step.batch_size);
  step.momentum = plan_.lr.momentum(progress);
  if (plan_.rule != BatchLrRule::fixed) {
    step.average_steps =
        static_cast<double>(step.batch_size) / static_cast<double>(plan_.reference_batch_size);
  }
  return step;
}

void RunCourse::observe_loss(double validation_loss) {
  if (plateau_) plan_.lr.peak_lr = plateau_->observe(validation_loss);
}

bool RunCourse::wants_noise_scale() const {
  return std::holds_alternative<NoiseRampBatch>(plan_.batch.course);
}

void RunCourse::observe_noise_scale(double noise_scale) {
  noise_scale_ = std::max(noise_scale_.value_or(0.0), noise_scale);
}

nlohmann::ordered_json RunCourse::state() const {
  nlohmann::ordered_json state = nlohmann::ordered_json::object();
  if (plateau_) state["plateau"] = nlohmann::ordered_json::parse(plateau_->to_json());
  if (noise_scale_) state["noise_scale"] = *noise_scale_;
  return state;
}

void RunCourse::restore(const nlohmann::ordered_json& state) {
  if (plateau_) {
    plateau_ = ReduceOnPlateau::from_json(state.at("plateau").dump());
    plan_.lr.peak_lr = plateau_->lr();
  }
  if (state.contains("noise_scale")) noise_scale_ = state.at("noise_scale").get<double>();
}

}  // namespace etalon
