// The noise scale along a training of a built-in network: the flags, and the work.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/cli11.hpp"
#include "cli/training_flags.hpp"
#include "report/noise/noise_answer.hpp"
#include "train/run_options.hpp"

namespace etalon::cli {

struct NoiseTrainingFlags {
  TrainingFlags training;
  std::uint64_t seed = 1;
  std::int64_t points = 8;
  GradientNoiseOptions noise;
  bool layers = false;
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

}  // namespace etalon::cli
