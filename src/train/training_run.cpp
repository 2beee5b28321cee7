#include "train/training_run.hpp"

#include <cmath>

namespace etalon {
namespace {

const TrainingOptions& validated(const RunOptions& options) {
  options.validate();
  return options.training;
}

TrainerOptions trainer_options(const RunOptions& options, const RunCourse& course,
                               const WorkloadInfo& info) {
  TrainerOptions trainer{options.training.optimizer, course.first_batch_size(), options.micro_batch,
                         options.training.clipping, options.training.ema};
  trainer.largest_batch =
      batch_end(options.batch_schedule, options.batch_size, info.examples_per_epoch);
  return trainer;
}

}  // namespace

const char* to_string(RunState state) {
  constexpr const char* kNames[] = {"running", "finished", "stopped_early", "diverged"};
  return kNames[static_cast<int>(state)];
}

TrainingRun::TrainingRun(const RunOptions& options)
    : options_(options),
      workload_(validated(options)),
      settings_(options.settings(workload_.info())),
      course_(options, workload_.info()),
      trainer_(workload_.data(), workload_.model(),
               trainer_options(options, course_, workload_.info()), options.seed),
      evaluator_(workload_.data().validation, workload_.data().normalization, workload_.model()) {
  if (course_.wants_noise_scale()) {
    noise_probe_.emplace(workload_.data(), workload_.model(), options.seed);
  }
}

bool TrainingRun::step() {
  const CourseStep step = course_.next(steps_, examples_);
  if (step.momentum) trainer_.set_momentum(*step.momentum);
  trainer_.set_batch_size(step.batch_size, step.average_steps);
  batch_size_ = step.batch_size;
  lr_ = step.lr;
  const double loss = trainer_.step(static_cast<float>(lr_), step.examples).loss_sum;
  const std::int64_t due = options_.evaluations * examples_ / total_examples();
  ++steps_;
  examples_ += step.examples;
  if (!std::isfinite(loss)) {
    state_ = RunState::diverged;
    return false;
  }
  loss_sum_ += loss;
  loss_examples_ += step.examples;
  return options_.evaluations * examples_ / total_examples() > due && evaluate();
}

bool TrainingRun::evaluate() {
  const Evaluation evaluation = evaluator_.evaluate(trainer_.averaged_weights());
  if (!std::isfinite(evaluation.loss)) {
    state_ = RunState::diverged;
    return false;
  }
  curve_.push_back({steps_, examples_, batch_size_, lr_,
                    loss_sum_ / static_cast<double>(loss_examples_), evaluation.loss,
                    evaluation.accuracy, trainer_.clipped_fraction(), measure_noise_scale()});
  loss_sum_ = 0.0;
  loss_examples_ = 0;
  course_.observe_loss(evaluation.loss);
  judge(evaluation.loss);
  return true;
}

std::optional<double> TrainingRun::measure_noise_scale() {
  if (!noise_probe_) return std::nullopt;
  const std::optional<double> noise_scale = noise_probe_->measure(trainer_.weights(), steps_);
  if (noise_scale) course_.observe_noise_scale(*noise_scale);
  return noise_scale;
}

void TrainingRun::judge(double loss) {
  if (!best_loss_ || loss < *best_loss_ - options_.min_delta) {
    best_loss_ = loss;
    bad_evaluations_ = 0;
  } else {
    ++bad_evaluations_;
  }
  if (examples_ == total_examples()) {
    state_ = RunState::finished;
  } else if (options_.patience > 0 && bad_evaluations_ >= options_.patience) {
    state_ = RunState::stopped_early;
  }
}

}  // namespace etalon
