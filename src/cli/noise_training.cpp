#include "cli/noise_training.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "cli/number_checks.hpp"
#include "cli/standard_streams.hpp"
#include "core/interrupt.hpp"
#include "etalon/error.hpp"
#include "report/train/train_output.hpp"
#include "train/training_run.hpp"

namespace etalon::cli {
namespace {

// Measures at one point of a training after another.
class NoiseCourse {
 public:
  NoiseCourse(const TrainingData& data, const RunOptions& run, const NoiseTrainingFlags& flags)
      : noise_(*data.splits, data.model, run.seed, flags.noise) {}

  void measure(const TrainingRun& run) {
    MeasuredNoise measured = noise_.measure(run.weights(), run.steps());
    const std::string place = fmt::format("step {}", run.steps());
    parts_.push_back({place, place, measured.whole});
    layers_ = std::move(measured.layers);
  }

  // At the last point.
  void put_into(NoiseAnswer& answer, const TrainingRun& run, bool with_layers) {
    answer.noise.scale = parts_.back().scale;
    answer.noise.method = fmt::format("{:.0f} training examples at {}, with the gradient of each",
                                      answer.noise.scale.examples, parts_.back().last);
    answer.noise.parts = std::move(parts_);
    answer.variances = noise_.variances(run.weights(), run.steps());
    if (with_layers) answer.layers = std::move(layers_);
  }

 private:
  GradientNoise noise_;
  std::vector<NoisePart> parts_;
  std::vector<LayerNoise> layers_;
};

// To the end of the run; false where it was asked to stop.
bool run_course(TrainingRun& run, NoiseCourse& course, bool quiet) {
  const StopFlag& stop = interrupt_flag();
  TrainProgress progress(stderr, quiet);
  course.measure(run);
  while (run.state() == TrialState::pending) {
    if (stop.requested()) return false;
    const bool is_point = run.step();
    progress.on_step(run);
    if (!is_point) continue;
    progress.on_point(run);
    course.measure(run);
  }
  progress.finish();
  return true;
}

NoiseAnswer about(const RunOptions& run) {
  NoiseAnswer answer;
  answer.source = fmt::format("{}, {}, {}", run.training.dataset, run.training.model,
                              run.training.optimizer.name);
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
  app.add_flag("--layers", flags.layers, "Also of each layer, at the end");
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
  run.training = training_options(app, flags.training);
  run.lr = lr.value_or(run.training.optimizer.info().first_lr);
  if (batch_size) run.batch_size = static_cast<std::int64_t>(*batch_size);
  run.seed = flags.seed;
  run.evaluations = flags.points;
  return run;
}

std::optional<NoiseAnswer> train_and_measure(const RunOptions& options,
                                             const NoiseTrainingFlags& flags, bool quiet) {
  options.validate();
  const TrainingData data = load_training_data(options.training);
  TrainingRun run(data, options);
  NoiseCourse course(data, options, flags);
  for (const std::string& warning : run.warnings()) print_message("etalon: " + warning);
  if (!run_course(run, course, quiet)) {
    print_message(fmt::format("etalon: stopped after {} of {} examples", run.examples(),
                              run.total_examples()));
    return std::nullopt;
  }
  NoiseAnswer answer = about(options);
  course.put_into(answer, run, flags.layers);
  if (run.state() == TrialState::diverged) {
    answer.said.push_back(fmt::format("the training diverged after {} steps", run.steps()));
    print_message("etalon: " + answer.said.back());
  }
  return answer;
}

}  // namespace etalon::cli
