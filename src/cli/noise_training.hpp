// The noise scale along a training of a built-in network: the flags, and the work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/cli11.hpp"
#include "cli/training_flags.hpp"
#include "report/noise/noise_answer.hpp"
#include "train/one_step_branches.hpp"
#include "train/run_options.hpp"
#include "train/trained_weights.hpp"

namespace etalon::cli {

struct NoiseTrainingFlags {
  TrainingFlags training;
  std::uint64_t seed = 1;
  std::int64_t points = 8;
  GradientNoiseOptions noise;
  OneStepOptions one_step;
  std::string checkpoint;
  bool layers = false;
  bool curvature = false;
  bool measures_curvature() const {
    return curvature || !one_step.batch_sizes.empty() || !checkpoint.empty();
  }
};

// Groups of flags that go without a log.
void add_noise_training_flags(CLI::App& app, NoiseTrainingFlags& flags);

// What a training is that these flags and `--lr`, `--batch-size` describe.
RunOptions noise_run_options(const CLI::App& app, const NoiseTrainingFlags& flags,
                             std::optional<double> lr, std::optional<double> batch_size);

// Trains and measures at the start and at each point. Empty where it was interrupted. Progress goes
// to standard error unless `quiet`.
std::optional<NoiseAnswer> train_and_measure(const RunOptions& run, const NoiseTrainingFlags& flags,
                                             bool quiet);

// Measures at the weights of `flags.checkpoint`, which `trained` is read from. Throws InputError
// where they are of other data or another model than `run` has. Empty where it was interrupted.
std::optional<NoiseAnswer> measure_checkpoint(const TrainedWeights& trained, const RunOptions& run,
                                              const NoiseTrainingFlags& flags);

}  // namespace etalon::cli
