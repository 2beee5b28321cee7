#include "cli/measured_noise.hpp"

#include <fmt/format.h>

#include <string>

#include "cli/noise_training.hpp"
#include "cli/standard_streams.hpp"
#include "core/plain_number.hpp"
#include "etalon/error.hpp"

namespace etalon::cli {
namespace {

constexpr int kDigits = 3;

RunOptions base_run(const TrainingOptions& training, const StudyOptions& study,
                    const NoiseTrainingFlags& flags) {
  RunOptions run;
  run.training = training;
  run.lr = study.first_lr();
  run.batch_size = study.base_batch_size;
  run.seed = study.first_seed;
  run.evaluations = flags.points;
  return run;
}

double checked(const NoiseScale& scale) {
  if (scale.value) return *scale.value;
  throw RunError(
      "the gradient noise scale is undefined: |G|² cannot be told from zero", "",
      "etalon noise says how many examples would tell; give --noise-scale, or go without");
}

}  // namespace

std::optional<double> measured_noise_scale(const TrainingOptions& training,
                                           const StudyOptions& study, bool quiet) {
  NoiseTrainingFlags flags;
  flags.noise.scale.level = study.level;
  const RunOptions run = base_run(training, study, flags);
  const auto answer = train_and_measure(run, flags, quiet);
  if (!answer) return std::nullopt;
  const NoiseScale& scale = answer->noise.scale;
  const double value = checked(scale);
  if (!quiet) {
    const auto text = [](double number) { return rounded_number(number, kDigits); };
    const std::string high = scale.high ? text(*scale.high) : "without bound";
    print_message(
        fmt::format("etalon: the gradient noise scale is {} examples ({:g}% interval {} to {}), at "
                    "the end of a "
                    "training at batch size {} and learning rate {}",
                    text(value), 100.0 * study.level, text(scale.low.value_or(0.0)), high,
                    run.batch_size, text(run.lr)));
  }
  return value;
}

}  // namespace etalon::cli
