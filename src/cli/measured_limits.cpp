#include "cli/measured_limits.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "core/plain_number.hpp"
#include "etalon/error.hpp"
#include "optim/stability_limit.hpp"
#include "report/train/train_output.hpp"
#include "train/curvature.hpp"
#include "train/training_run.hpp"

namespace etalon::cli {
namespace {

// Of each training.
constexpr std::int64_t kLimitPoints = 5;

RunOptions run_at(const TrainingOptions& training, const StudyResult& study,
                  const Optimum& optimum) {
  RunOptions run;
  run.training = training;
  run.lr = optimum.best_lr;
  run.batch_size = static_cast<std::int64_t>(optimum.batch_size);
  run.seed = study.options.first_seed;
  run.evaluations = kLimitPoints;
  return run;
}

LimitPoint limit_point(const RunOptions& options, const TrainingRun& run,
                       const MeasuredCurvature& measured) {
  return {.batch_size = options.batch_size,
          .lr = options.lr,
          .step = run.steps(),
          .sharpness = measured.sharpness.value,
          .noise_scale = measured.noise.noise_scale().value,
          .greatest_lr = measured.noise.greatest_lr().value};
}

// False where it was interrupted.
bool measure_along(const TrainingData& data, const RunOptions& options, bool quiet,
                   std::vector<LimitPoint>& points) {
  const StopFlag& stop = interrupt_flag();
  TrainingRun run(data, options);
  Curvature curvature(*data.splits, data.model, options.seed);
  TrainProgress progress(stderr, quiet);
  while (run.state() == TrialState::pending && !stop.requested()) {
    const bool is_point = run.step();
    progress.on_step(run);
    if (!is_point) continue;
    progress.on_point(run);
    const auto measured = curvature.measure(run.weights(), run.steps(), stop);
    if (measured && measured->sharpness.value > 0.0) {
      points.push_back(limit_point(options, run, *measured));
    }
  }
  progress.finish();
  return !stop.requested();
}

void say_what_is_measured(const RunOptions& run) {
  print_message(
      fmt::format("etalon: measuring the curvature along a training at batch size {} and learning "
                  "rate {}",
                  run.batch_size, rounded_number(run.lr, 3)));
}

}  // namespace

void refuse_limits(const TrainingOptions& training) {
  if (stability_limit(training.optimizer)) return;
  throw InputError(
      fmt::format("--measure-curvature says nothing of {}, which rescales the gradient",
                  training.optimizer.name),
      "", "leave it out; it is for sgd, momentum and nesterov");
}

std::optional<MeasuredLimits> measured_limits(const TrainingOptions& training,
                                              const StudyResult& study, bool quiet) {
  const auto stability = stability_limit(training.optimizer);
  MeasuredLimits limits{.stable_product = stability->product,
                        .share_of_sgd = stability->share_of_sgd,
                        .stable_formula = stability->formula};
  const TrainingData data = load_training_data(training);
  for (const Optimum& each : study.optima) {
    const RunOptions run = run_at(training, study, each);
    if (!quiet) say_what_is_measured(run);
    if (!measure_along(data, run, quiet, limits.points)) return std::nullopt;
  }
  return limits;
}

}  // namespace etalon::cli
