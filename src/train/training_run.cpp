#include "train/training_run.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "etalon/bounds.hpp"

namespace etalon {
namespace {

const RunOptions& validated(const RunOptions& options) {
  options.validate();
  return options;
}

TrainerOptions trainer_options(const RunOptions& options, const RunCourse& course) {
  TrainerOptions trainer{options.training.optimizer, course.first_batch_size(), options.micro_batch,
                         options.training.clipping, options.training.ema};
  trainer.largest_batch = course.largest_batch_size();
  trainer.augmentation = options.training.augmentation;
  return trainer;
}

// Of a mean loss in single precision: a training that moved nothing is not worse by it.
constexpr double kRounding = 1e-6;

bool is_lost(const std::optional<double>& loss) { return loss && !is_valid_loss(*loss); }

double value_of(Objective objective, const CurvePoint& point) {
  return objective == Objective::validation_error ? 1.0 - point.validation_accuracy.value()
                                                  : point.validation_loss.value();
}

}  // namespace

std::string_view to_string(StopReason reason) {
  constexpr std::string_view kNames[] = {"budget", "patience", "loss_not_finite",
                                         "worse_than_untrained"};
  return kNames[static_cast<std::size_t>(reason)];
}

TrainingRun::TrainingRun(const RunOptions& options)
    : TrainingRun(load_training_data(validated(options).training), options) {}

TrainingRun::TrainingRun(const TrainingData& data, const RunOptions& options)
    : options_(validated(options)),
      data_(data),
      settings_(options.settings(training_info(options.training, data))),
      course_(options, data.size()),
      trainer_(*data_.splits, data_.model, trainer_options(options, course_), options.seed),
      evaluator_(data_.splits->validation, data_.splits->normalization, data_.model),
      start_(untrained()) {
  if (course_.wants_noise_scale()) {
    noise_probe_.emplace(*data_.splits, data_.model, options.seed);
  }
}

std::vector<std::string> TrainingRun::warnings() const {
  std::vector<std::string> all = data_.splits->notes;
  for (std::string& warning : course_.warnings()) all.push_back(std::move(warning));
  return all;
}

CurvePoint TrainingRun::untrained() {
  const Evaluation evaluation = evaluator_.evaluate(trainer_.weights());
  return {0, 0, 0.0, std::nullopt, evaluation.loss, evaluation.accuracy};
}

bool TrainingRun::step() {
  const CourseStep step = course_.next(steps_, examples_).value();
  if (step.momentum) trainer_.set_momentum(*step.momentum);
  trainer_.set_batch_size(step.batch_size, step.average_steps);
  batch_size_ = step.batch_size;
  lr_ = step.lr;
  const double loss = trainer_.step(static_cast<float>(lr_)).loss_sum;
  ++steps_;
  examples_ += step.batch_size;
  if (!std::isfinite(loss)) {
    stop(TrialState::diverged, StopReason::loss_not_finite);
    return false;
  }
  loss_sum_ += loss;
  const std::int64_t points = options_.evaluations * options_.points_per_evaluation;
  const std::int64_t due = course_.points_due(points, examples_);
  return due > points_ && record(due);
}

// Adds a point, of `due` that should be there now; false where the validation loss is not finite.
bool TrainingRun::record(std::int64_t due) {
  const std::int64_t before = curve_.empty() ? 0 : curve_.back().examples;
  RunPoint point;
  point.step = steps_;
  point.examples = examples_;
  point.epoch = static_cast<double>(examples_) / static_cast<double>(data_.size());
  point.train_loss = loss_sum_ / static_cast<double>(examples_ - before);
  point.batch_size = batch_size_;
  point.lr = lr_;
  point.clipped_fraction = trainer_.clipped_fraction();
  loss_sum_ = 0.0;
  const std::int64_t each = options_.points_per_evaluation;
  if (due / each > points_ / each) evaluate(point);
  points_ = due;
  if (is_lost(point.train_loss) || is_lost(point.validation_loss)) {
    stop(TrialState::diverged, StopReason::loss_not_finite);
    return false;
  }
  curve_.push_back(point);
  learn_from(point);
  conclude();
  return true;
}

void TrainingRun::evaluate(RunPoint& point) {
  const Evaluation evaluation = evaluator_.evaluate(trainer_.averaged_weights());
  point.validation_loss = evaluation.loss;
  point.validation_accuracy = evaluation.accuracy;
  if (is_valid_loss(evaluation.loss)) point.noise_scale = measure_noise_scale();
}

double TrainingRun::measure_train_loss() {
  const std::size_t examples =
      std::min(data_.splits->validation.size(), data_.splits->train.size());
  Evaluator evaluator(data_.splits->train, static_cast<std::int64_t>(examples),
                      data_.splits->normalization, data_.model);
  return evaluator.evaluate(trainer_.averaged_weights()).loss;
}

std::optional<double> TrainingRun::measure_noise_scale() {
  return noise_probe_ ? noise_probe_->measure(trainer_.weights(), steps_) : std::nullopt;
}

// What the rest of the course, and early stopping, take from a point.
void TrainingRun::learn_from(const RunPoint& point) {
  if (point.noise_scale) course_.observe_noise_scale(*point.noise_scale);
  if (!point.validation_loss) return;
  const double loss = *point.validation_loss;
  course_.observe_loss(loss, point.step, point.examples);
  if (!best_loss_ || loss < *best_loss_ - options_.min_delta) {
    best_loss_ = loss;
    bad_evaluations_ = 0;
  } else {
    ++bad_evaluations_;
  }
}

// A training loss is that of a few batches, whose luck says nothing: the held-out losses decide.
bool TrainingRun::is_worse_than_untrained() const {
  const Objective objective = options_.training.objective;
  const double untrained = value_of(objective, start_);
  return value_of(objective, curve_.back()) > untrained * (1.0 + kRounding);
}

// Ends the training at a point where the budget or the patience is spent.
void TrainingRun::conclude() {
  const bool spent = !course_.next(steps_, examples_);
  const bool impatient = options_.patience > 0 && bad_evaluations_ >= options_.patience;
  if (!spent && !impatient) return;
  if (is_worse_than_untrained()) {
    stop(TrialState::diverged, StopReason::worse_than_untrained);
  } else if (spent) {
    stop(TrialState::finished, StopReason::budget);
  } else {
    stop(TrialState::pruned, StopReason::patience);
  }
}

void TrainingRun::stop(TrialState state, StopReason reason) {
  state_ = state;
  stop_reason_ = reason;
}

std::optional<double> TrainingRun::objective() const {
  if (curve_.empty()) return std::nullopt;
  const RunPoint& last = curve_.back();
  if (options_.training.objective != Objective::train_loss) {
    if (!last.validation_loss) return std::nullopt;
    return value_of(options_.training.objective, last);
  }
  // Mean of the last two points, a twelfth of a trial's budget: one alone may hold a single batch.
  if (curve_.size() < 2) return last.train_loss;
  return (last.train_loss.value() + curve_[curve_.size() - 2].train_loss.value()) / 2.0;
}

}  // namespace etalon
