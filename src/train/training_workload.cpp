#include "train/training_workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "etalon/error.hpp"
#include "nn/network.hpp"
#include "train/evaluator.hpp"
#include "train/trainer.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kCurvePoints = 24;         // of the training loss
constexpr std::int64_t kPointsPerEvaluation = 4;  // the validation loss at every fourth of them

// A trial in progress: the training, its evaluations and the curve so far.
class Run {
 public:
  Run(const DataSplits& data, const ModelSpec& model, const TrainingOptions& options,
      const TrialSpec& spec, std::int64_t steps)
      : trainer_(data, model,
                 {options.optimizer, spec.batch_size, 0, options.clipping, options.ema}, spec.seed),
        evaluator_(data.validation, data.normalization, model),
        objective_(options.objective),
        spec_(spec),
        steps_(steps),
        schedule_(fit_schedule(options.schedule, spec.lr, steps, spec.batch_size,
                               static_cast<std::int64_t>(data.train.size()))),
        examples_per_epoch_(static_cast<double>(data.train.size())) {}

  TrialResult run(TrialMonitor& monitor) {
    result_.curve.reserve(kCurvePoints + 1);
    record_start();
    monitor.report(result_.curve.back());
    std::int64_t next_point = 1;
    for (std::int64_t step = 1; step <= steps_; ++step) {
      if (monitor.should_stop()) return finish(TrialState::interrupted, step - 1);
      const double loss = scheduled_step(step - 1).loss_sum;
      if (!std::isfinite(loss)) return diverge(step);
      loss_sum_ += loss;
      loss_examples_ += spec_.batch_size;
      if (step < point_step(next_point)) continue;
      if (!record(step, next_point)) return diverge(step);
      monitor.report(result_.curve.back());
      while (next_point < kCurvePoints && point_step(next_point) <= step) ++next_point;
    }
    return conclude();
  }

 private:
  // One step, `before` steps into the training.
  BatchLoss scheduled_step(std::int64_t before) {
    const auto time = static_cast<double>(before);
    if (const auto momentum = schedule_.momentum_at(time)) trainer_.set_momentum(*momentum);
    return trainer_.step(static_cast<float>(schedule_.lr_at(time)));
  }

  // The step at which point 1, ..., kCurvePoints of the curve is taken.
  std::int64_t point_step(std::int64_t point) const {
    return std::max<std::int64_t>(1, steps_ * point / kCurvePoints);
  }

  void record_start() {
    const Evaluation evaluation = evaluator_.evaluate(trainer_.weights());
    result_.curve.push_back({0, 0, 0.0, std::nullopt, evaluation.loss, evaluation.accuracy});
    untrained_ = evaluation;
  }

  // Adds a point; false if the validation loss is not finite.
  bool record(std::int64_t step, std::int64_t point) {
    CurvePoint entry;
    entry.step = step;
    entry.examples = step * spec_.batch_size;
    entry.epoch = static_cast<double>(entry.examples) / examples_per_epoch_;
    entry.train_loss = loss_sum_ / static_cast<double>(loss_examples_);
    loss_sum_ = 0.0;
    loss_examples_ = 0;
    if (point % kPointsPerEvaluation == 0 || step == steps_) {
      const Evaluation evaluation = evaluator_.evaluate(trainer_.averaged_weights());
      if (!std::isfinite(evaluation.loss)) return false;
      entry.validation_loss = evaluation.loss;
      entry.validation_accuracy = evaluation.accuracy;
    }
    result_.curve.push_back(entry);
    return true;
  }

  TrialResult conclude() {
    const CurvePoint& last = result_.curve.back();
    double value = 0.0;
    double untrained = untrained_.loss;
    switch (objective_) {
      case Objective::validation_loss:
        value = last.validation_loss.value();
        break;
      case Objective::validation_error:
        value = 1.0 - last.validation_accuracy.value();
        untrained = 1.0 - untrained_.accuracy;
        break;
      case Objective::train_loss:
        value = last_train_loss();
        break;
    }
    if (value > untrained) return diverge(steps_);
    result_.objective = value;
    result_.validation_accuracy = last.validation_accuracy;
    return finish(TrialState::finished, steps_);
  }

  // Mean of the last two points, a twelfth of the budget: one alone may hold a single batch.
  double last_train_loss() const {
    const auto& curve = result_.curve;
    const double last = curve.back().train_loss.value();
    const auto& before = curve[curve.size() - 2].train_loss;
    return before ? (last + *before) / 2.0 : last;
  }

  TrialResult diverge(std::int64_t step) {
    result_.diverged_step = step;
    return finish(TrialState::diverged, step);
  }

  TrialResult finish(TrialState state, std::int64_t steps) {
    result_.state = state;
    result_.steps = steps;
    return std::move(result_);
  }

  Trainer trainer_;
  Evaluator evaluator_;
  const Objective objective_;
  const TrialSpec spec_;
  const std::int64_t steps_;
  const Schedule schedule_;
  const double examples_per_epoch_;
  Evaluation untrained_;
  double loss_sum_ = 0.0;  // since the last point
  std::int64_t loss_examples_ = 0;
  TrialResult result_;
};

}  // namespace

TrainingWorkload::TrainingWorkload(const TrainingOptions& options) : options_(options) {
  options_.validate();
  data_ = load_splits(options_.dataset, {options_.validation_size, options_.split_seed});
  const Dataset& train = data_->train;
  model_ = parse_model(options_.model, {train.channels, train.height, train.width}, train.classes);
}

WorkloadInfo TrainingWorkload::info() const {
  WorkloadInfo info;
  const OptimizerOptions optimizer = options_.optimizer.with_defaults();
  info.name = fmt::format("{}, {}, {}", options_.dataset, options_.model, optimizer.name);
  info.objective_name = objective_name(options_.objective);
  info.examples_per_epoch = static_cast<std::int64_t>(data_->train.size());
  info.budget_examples =
      options_.budget_examples > 0 ? options_.budget_examples
      : options_.budget_steps > 0
          ? 0
          : std::llround(options_.budget_epochs * static_cast<double>(info.examples_per_epoch));
  info.settings = {
      {"dataset", options_.dataset},
      {"train_examples", std::to_string(data_->train.size())},
      {"validation_examples", std::to_string(data_->validation.size())},
      {"split_seed", std::to_string(options_.split_seed)},
      {"model", options_.model},
      {"optimizer", optimizer.name},
      {"weight_decay", fmt::format("{}", optimizer.weight_decay.value())},
      {"objective", info.objective_name},
      {"budget", options_.budget_steps > 0 && options_.budget_examples == 0
                     ? fmt::format("{} steps", options_.budget_steps)
                     : fmt::format("{} examples", info.budget_examples)},
      {"engine", engine_version()},
  };
  const auto add = [&](const char* name, const std::optional<double>& value) {
    if (value) info.settings.emplace_back(name, fmt::format("{}", *value));
  };
  add("momentum", optimizer.momentum);
  add("beta1", optimizer.beta1);
  add("beta2", optimizer.beta2);
  add("eps", optimizer.eps);
  add("trust", optimizer.trust);
  if (!options_.schedule.is_default()) {
    for (auto& setting : schedule_settings(options_.schedule)) info.settings.push_back(setting);
  }
  add("clip_norm", options_.clipping.norm);
  add("clip_value", options_.clipping.value);
  add("ema", options_.ema);
  return info;
}

std::int64_t TrainingWorkload::steps_of(std::int64_t batch_size) const {
  if (options_.budget_examples == 0 && options_.budget_steps > 0) return options_.budget_steps;
  return info().budget_examples / batch_size;
}

void TrainingWorkload::check_batch_size(std::int64_t batch_size) const {
  const auto refuse = [&](const std::string& what, const char* what_to_do) {
    throw InputError(fmt::format("--batch-sizes has {}, but {}", batch_size, what), "", what_to_do);
  };
  if (options_.schedule.is_plateau()) {
    throw InputError(
        "--schedule plateau follows the losses of one training, so that the trials of a study "
        "would each follow another schedule",
        "", "take a schedule that is fixed beforehand, or train once with etalon train");
  }
  const WorkloadInfo known = info();
  if (batch_size > known.examples_per_epoch) {
    refuse(fmt::format("the training set has {} examples", known.examples_per_epoch),
           "drop this batch size");
  }
  if (steps_of(batch_size) < 1) {
    refuse(fmt::format("the budget is {} examples", known.budget_examples),
           "raise the budget or drop this batch size");
  }
  fit_schedule(options_.schedule, 1.0, steps_of(batch_size), batch_size, known.examples_per_epoch);
}

TrialResult TrainingWorkload::run(const TrialSpec& spec, TrialMonitor& monitor) const {
  const auto start = std::chrono::steady_clock::now();
  check_batch_size(spec.batch_size);
  TrialResult result =
      Run(*data_, model_, options_.with(spec.moved), spec, steps_of(spec.batch_size)).run(monitor);
  result.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace etalon
