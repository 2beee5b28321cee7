#include "cli/noise_course.hpp"

#include <fmt/format.h>

#include <utility>

namespace etalon::cli {

std::string WeightsAt::place() const { return fmt::format("step {}", step); }

WeightsAt weights_at(const TrainingRun& run) { return {run.weights(), run.steps(), run.lr()}; }

NoiseCourse::NoiseCourse(const TrainingData& data, const RunOptions& run,
                         const NoiseTrainingFlags& flags, const StopFlag& stop)
    : run_(run),
      flags_(flags),
      stop_(stop),
      noise_(*data.splits, data.model, run.seed, flags.noise) {
  curvature_answer_.level = flags.noise.scale.level;
  curvature_answer_.limit = stability_limit(run.training.optimizer);
  if (flags.measures_curvature())
    curvature_.emplace(*data.splits, data.model, run.seed, flags.noise);
  if (!flags.one_step.batch_sizes.empty()) {
    branches_.emplace(*data.splits, data.model, run.seed, flags.one_step);
  }
}

void NoiseCourse::measure(const WeightsAt& at) {
  auto measured = noise_.measure(at.weights, at.step, stop_);
  if (!measured) return;
  parts_.push_back({at.place(), at.place(), measured->whole});
  layers_ = std::move(measured->layers);
  if (curvature_) measure_curvature(at);
}

void NoiseCourse::put_into(NoiseAnswer& answer, const WeightsAt& last) {
  answer.noise.scale = parts_.back().scale;
  answer.noise.method = fmt::format("{:.0f} training examples at {}, with the gradient of each",
                                    answer.noise.scale.examples, parts_.back().last);
  answer.noise.parts = std::move(parts_);
  answer.curvature = std::move(curvature_answer_);
  answer.variances = noise_.variances(last.weights, last.step, stop_);
  if (flags_.layers) answer.layers = std::move(layers_);
}

void NoiseCourse::measure_curvature(const WeightsAt& at) {
  std::optional<MeasuredCurvature> measured = curvature_->measure(at.weights, at.step, stop_);
  if (!measured) return;
  CurvaturePoint point{at.place(), at.lr, *std::move(measured)};
  if (branches_) measure_branches(at, point);
  curvature_answer_.points.push_back(std::move(point));
}

// The search for each best rate begins at the predicted one, or at that of the training.
void NoiseCourse::measure_branches(const WeightsAt& at, CurvaturePoint& point) {
  const auto first_lr = [&](double batch_size) {
    return point.measured.noise.best_lr(batch_size).value.value_or(run_.lr);
  };
  const double level = flags_.noise.scale.level;
  for (const Branches& each : branches_->measure(at.weights, at.step, first_lr, stop_)) {
    point.one_step.push_back(one_step_optimum(each, level));
  }
  if (stop_.requested()) return;
  point.curve = fit_one_step_curve(point.one_step, level);
}

}  // namespace etalon::cli
