#include "train/range_run.hpp"

#include <cmath>

#include "train/curvature.hpp"
#include "train/trainer.hpp"

namespace etalon {
namespace {

Trainer trainer_of(const TrainingData& data, const RangeRunOptions& options, std::uint64_t seed) {
  return Trainer(*data.splits, data.model,
                 {options.training.optimizer, options.batch_size, options.micro_batch,
                  options.training.clipping},
                 seed);
}

double step_of(Trainer& trainer, const RangeRunOptions& options, std::int64_t step) {
  const auto lr = static_cast<float>(ramp_lr(options.ramp, step));
  return trainer.step(lr).loss_sum / static_cast<double>(options.batch_size);
}

}  // namespace

void RangeRunOptions::validate() const {
  training.validate();
  ramp.validate();
  TrainerOptions{training.optimizer, batch_size, micro_batch, training.clipping}.validate();
}

std::optional<RangeCurve> run_ramp(const TrainingData& data, const RangeRunOptions& options,
                                   std::uint64_t seed, const StopFlag& stop) {
  Trainer trainer = trainer_of(data, options, seed);
  RampStop rule(options.ramp);
  RangeCurve curve;
  for (std::int64_t step = 0; step < options.ramp.steps; ++step) {
    if (stop.requested()) return std::nullopt;
    const double loss = step_of(trainer, options, step);
    curve.blew_up = rule.is_due(loss);
    curve.blew_up_at = ramp_lr(options.ramp, step);
    if (curve.blew_up) break;
    curve.lrs.push_back(ramp_lr(options.ramp, step));
    curve.losses.push_back(loss);
  }
  return curve;
}

std::optional<LargestEigenvalue> sharpness_after(const TrainingData& data,
                                                 const RangeRunOptions& options, std::uint64_t seed,
                                                 std::int64_t steps, const StopFlag& stop) {
  Trainer trainer = trainer_of(data, options, seed);
  for (std::int64_t step = 0; step < steps; ++step) {
    if (stop.requested()) return std::nullopt;
    step_of(trainer, options, step);
  }
  return Curvature(*data.splits, data.model, seed)
      .measure_sharpness(trainer.weights(), steps, stop);
}

}  // namespace etalon
