#include "cli/noise_training.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "cli/noise_course.hpp"
#include "cli/number_checks.hpp"
#include "cli/own_model.hpp"
#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "core/interval.hpp"
#include "etalon/error.hpp"
#include "report/train/train_output.hpp"
#include "train/training_run.hpp"

namespace etalon::cli {
namespace {

// To the end of the run; false where it was asked to stop.
bool run_course(TrainingRun& run, NoiseCourse& course, bool quiet) {
  const StopFlag& stop = interrupt_flag();
  TrainProgress progress(stderr, quiet);
  course.measure(weights_at(run));
  while (run.state() == TrialState::pending) {
    if (stop.requested()) return false;
    const bool is_point = run.step();
    progress.on_step(run);
    if (!is_point) continue;
    progress.on_point(run);
    course.measure(weights_at(run));
  }
  progress.finish();
  return !stop.requested();
}

void say_stopped(const TrainingRun& run) {
  print_message(
      fmt::format("etalon: stopped after {} of {} examples", run.examples(), run.total_examples()));
}

NoiseAnswer about(const TrainingData& data, const RunOptions& run) {
  NoiseAnswer answer;
  answer.source =
      fmt::format("{}, {}, {}", run.training.dataset, data.model.name, run.training.optimizer.name);
  answer.lr = run.lr;
  answer.batch_size = static_cast<double>(run.batch_size);
  return answer;
}

}  // namespace

void add_noise_training_flags(CLI::App& app, NoiseTrainingFlags& flags) {
  app.option_defaults()->group("Without LOG: what is trained");
  app.add_option("--seed", flags.seed, "Initial weights and order of examples")
      ->check(natural_number())
      ->capture_default_str();
  app.add_option("--points", flags.points, "Measurements, evenly over the training")
      ->check(whole_number())
      ->capture_default_str();
  app.add_option("--noise-examples", flags.noise.examples,
                 "Examples of a measurement, a multiple of 32")
      ->check(whole_number())
      ->capture_default_str();
  app.add_flag("--layers", flags.layers,
               "Also of each layer, at the end; of a LOG, of each parameter that was logged");
  app.add_option(
         "--one-step", flags.one_step.batch_sizes,
         "Batch sizes, separated by commas, whose best learning rate of one step is measured "
         "at each point by branches from its weights")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->check(whole_number());
  app.add_flag("--curvature", flags.curvature,
               "Measure B_noise and the sharpness at each point too, which takes longer than the "
               "rest; with --one-step and of a checkpoint always");
  app.add_option("--checkpoint", flags.checkpoint,
                 "Measure at the weights that etalon train left in this file, and train nothing");
  add_data_flags(app, flags.training);
  app.remove_option(app.get_option("--objective"));
  add_budget_flags(app, flags.training);
  add_optimizer_flag(app, flags.training);
  add_optimizer_settings(app, flags.training);
  add_schedule_flags(app, flags.training.schedule);
}

RunOptions noise_run_options(const CLI::App& app, const NoiseTrainingFlags& flags,
                             std::optional<double> lr, std::optional<double> batch_size) {
  RunOptions run;
  check_in("--points", static_cast<double>(flags.points), {.least = 1.0, .most = 1e6});
  run.training = training_options(app, flags.training);
  keep_layers(run.training);
  run.lr = lr.value_or(run.training.optimizer.info().first_lr);
  if (batch_size) run.batch_size = static_cast<std::int64_t>(*batch_size);
  run.seed = flags.seed;
  run.evaluations = flags.points;
  return run;
}

std::optional<NoiseAnswer> train_and_measure(const RunOptions& options,
                                             const NoiseTrainingFlags& flags, bool quiet) {
  const StopFlag& stop = interrupt_flag();  // heard while data is read
  options.validate();
  const TrainingData data = load_training_data(options.training);
  TrainingRun run(data, options);
  NoiseCourse course(data, options, flags, stop);
  for (const std::string& warning : run.warnings()) print_message("etalon: " + warning);
  if (!run_course(run, course, quiet)) {
    say_stopped(run);
    return std::nullopt;
  }
  NoiseAnswer answer = about(data, options);
  course.put_into(answer, weights_at(run));
  if (stop.requested()) {
    say_stopped(run);
    return std::nullopt;
  }
  if (run.state() == TrialState::diverged) {
    answer.said.push_back(fmt::format("the training diverged after {} steps", run.steps()));
    print_message("etalon: " + answer.said.back());
  }
  return answer;
}

std::optional<NoiseAnswer> measure_checkpoint(const TrainedWeights& trained,
                                              const RunOptions& options,
                                              const NoiseTrainingFlags& flags) {
  const StopFlag& stop = interrupt_flag();
  options.validate();
  const TrainingData data = load_training_data(options.training);
  trained.check_are_of(options.training, data, flags.checkpoint);
  NoiseCourse course(data, options, flags, stop);
  const WeightsAt at{trained.weights, trained.steps, trained.lr};
  course.measure(at);
  NoiseAnswer answer = about(data, options);
  if (!stop.requested()) course.put_into(answer, at);
  if (!stop.requested()) return answer;
  print_message("etalon: stopped before all was measured");
  return std::nullopt;
}

}  // namespace etalon::cli
