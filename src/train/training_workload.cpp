#include "train/training_workload.hpp"

#include <chrono>

#include "etalon/bounds.hpp"
#include "etalon/error.hpp"
#include "train/require.hpp"
#include "train/training_run.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kPointsPerEvaluation = 4;  // of the training loss

TrialResult result_of(const TrainingRun& run) {
  TrialResult result;
  result.state = run.state() == TrialState::pending ? TrialState::interrupted : run.state();
  result.steps = run.steps();
  result.curve = {run.start()};
  result.curve.insert(result.curve.end(), run.curve().begin(), run.curve().end());
  if (run.state() == TrialState::diverged) result.diverged_step = run.steps();
  if (run.state() != TrialState::finished) return result;
  result.objective = run.objective();
  result.validation_accuracy = run.curve().back().validation_accuracy;
  return result;
}

// Of a finished training that is judged by the same loss on held-out examples.
std::optional<double> final_train_loss(TrainingRun& run, Objective objective) {
  const bool is_compared = objective == Objective::validation_loss;
  if (!is_compared || run.state() != TrialState::finished) return std::nullopt;
  const double loss = run.measure_train_loss();
  return is_valid_loss(loss) ? std::optional(loss) : std::nullopt;
}

}  // namespace

TrainingWorkload::TrainingWorkload(const TrainingOptions& options,
                                   const TrialMeasurements& measurements)
    : options_(options), measurements_(measurements), data_(load_training_data(options)) {}

WorkloadInfo TrainingWorkload::info() const { return training_info(options_, data_); }

void TrainingWorkload::check_batch_size(std::int64_t batch_size) const {
  if (options_.schedule.is_plateau()) {
    throw InputError(
        with_fields("`schedule` plateau follows the losses of one training, so that the trials of "
                    "a study would each follow another schedule"),
        "",
        "take a schedule that is fixed beforehand, or run a training that is no trial of a study");
  }
  options_.check_fits(batch_size, data_.size());
  fit_schedule(options_.schedule, 1.0, options_.examples_at(batch_size, data_.size()) / batch_size,
               batch_size, data_.size());
}

std::vector<std::string> TrainingWorkload::warnings(std::int64_t batch_size) const {
  return RunCourse(run_options({batch_size, 1.0, 1, {}}), data_.size()).warnings();
}

RunOptions TrainingWorkload::run_options(const TrialSpec& spec) const {
  RunOptions options;
  options.training = options_.with(spec.moved);
  options.batch_size = spec.batch_size;
  options.lr = spec.lr;
  options.seed = spec.seed;
  options.evaluations = measurements_.evaluations;
  options.points_per_evaluation = kPointsPerEvaluation;
  return options;
}

TrialResult TrainingWorkload::run(const TrialSpec& spec, TrialMonitor& monitor) const {
  const auto start = std::chrono::steady_clock::now();
  check_batch_size(spec.batch_size);
  TrainingRun run(data_, run_options(spec));
  monitor.report(run.start());
  while (run.state() == TrialState::pending && !monitor.should_stop()) {
    if (run.step()) monitor.report(run.curve().back());
  }
  TrialResult result = result_of(run);
  if (measurements_.train_loss) result.train_loss = final_train_loss(run, options_.objective);
  result.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace etalon
