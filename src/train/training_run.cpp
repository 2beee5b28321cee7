#include "train/training_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/error.hpp"

namespace etalon {
namespace {

std::int64_t budget_examples(const RunOptions& options, const WorkloadInfo& info) {
  const TrainingOptions& training = options.training;
  if (training.budget_examples == 0 && training.budget_steps > 0) {
    return training.budget_steps * options.batch_size;
  }
  return info.budget_examples;
}

const TrainingOptions& validated(const RunOptions& options) {
  options.validate();
  return options.training;
}

void require(bool holds, const char* flag, double value, const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", flag, value), "",
                   fmt::format("it must be {}", constraint));
}

}  // namespace

const char* to_string(RunState state) {
  constexpr const char* kNames[] = {"running", "finished", "stopped_early", "diverged"};
  return kNames[static_cast<int>(state)];
}

void RunOptions::validate() const {
  training.validate();
  TrainerOptions{training.optimizer, batch_size, micro_batch, training.clipping, training.ema}
      .validate();
  require(std::isfinite(lr) && lr > 0.0, "--lr", lr, "finite and > 0");
  require(evaluations >= 1, "--evaluations", static_cast<double>(evaluations), ">= 1");
  require(patience >= 0, "--patience", static_cast<double>(patience), ">= 0");
  require(std::isfinite(min_delta) && min_delta >= 0.0, "--min-delta", min_delta,
          "finite and >= 0");
}

std::vector<std::pair<std::string, std::string>> RunOptions::settings(
    const WorkloadInfo& info) const {
  auto all = info.settings;
  const auto add = [&](const char* name, auto value) {
    all.emplace_back(name, fmt::format("{}", value));
  };
  add("batch_size", batch_size);
  add("micro_batch", micro_batch == 0 ? batch_size : micro_batch);
  add("lr", lr);
  add("seed", seed);
  add("evaluations", evaluations);
  add("patience", patience);
  add("min_delta", min_delta);
  return all;
}

TrainingRun::TrainingRun(const RunOptions& options)
    : options_(options),
      workload_(validated(options)),
      settings_(options.settings(workload_.info())),
      total_examples_(budget_examples(options, workload_.info())),
      total_steps_((total_examples_ + options.batch_size - 1) / options.batch_size),
      schedule_(fit_schedule(options.training.schedule, options.lr, total_steps_,
                             options.batch_size, workload_.info().examples_per_epoch)),
      trainer_(workload_.data(), workload_.model(),
               {options.training.optimizer, options.batch_size, options.micro_batch,
                options.training.clipping, options.training.ema},
               options.seed),
      evaluator_(workload_.data().validation, workload_.data().normalization, workload_.model()) {
  if (options.batch_size > total_examples_) {
    throw InputError(fmt::format("--batch-size is {}, but the budget is {} examples",
                                 options.batch_size, total_examples_),
                     "", "raise the budget or lower the batch size");
  }
}

// The step at which evaluation 1, ..., `evaluations` is made.
std::int64_t TrainingRun::evaluation_step(std::int64_t evaluation) const {
  const double share = static_cast<double>(evaluation) / static_cast<double>(options_.evaluations);
  return std::max<std::int64_t>(1, std::llround(share * static_cast<double>(total_steps_)));
}

bool TrainingRun::step() {
  const auto time = static_cast<double>(steps_);
  const std::int64_t count = std::min(options_.batch_size, total_examples_ - examples_);
  if (const auto momentum = schedule_.momentum_at(time)) trainer_.set_momentum(*momentum);
  lr_ = schedule_.lr_at(time);
  const double loss = trainer_.step(static_cast<float>(lr_), count).loss_sum;
  ++steps_;
  examples_ += count;
  if (!std::isfinite(loss)) {
    state_ = RunState::diverged;
    return false;
  }
  loss_sum_ += loss;
  loss_examples_ += count;
  if (steps_ < total_steps_) {
    std::int64_t next = 1;
    while (evaluation_step(next) < steps_) ++next;
    if (evaluation_step(next) != steps_) return false;
  }
  return evaluate();
}

bool TrainingRun::evaluate() {
  const Evaluation evaluation = evaluator_.evaluate(trainer_.averaged_weights());
  if (!std::isfinite(evaluation.loss)) {
    state_ = RunState::diverged;
    return false;
  }
  curve_.push_back({steps_, examples_, lr_, loss_sum_ / static_cast<double>(loss_examples_),
                    evaluation.loss, evaluation.accuracy, trainer_.clipped_fraction()});
  loss_sum_ = 0.0;
  loss_examples_ = 0;
  judge(evaluation.loss);
  return true;
}

void TrainingRun::judge(double loss) {
  if (!best_loss_ || loss < *best_loss_ - options_.min_delta) {
    best_loss_ = loss;
    bad_evaluations_ = 0;
  } else {
    ++bad_evaluations_;
  }
  if (steps_ == total_steps_) {
    state_ = RunState::finished;
  } else if (options_.patience > 0 && bad_evaluations_ >= options_.patience) {
    state_ = RunState::stopped_early;
  }
}

}  // namespace etalon
