// What is measured at one point of a training after another: noise, curvature, one-step branches.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/noise_training.hpp"
#include "etalon/stop_flag.hpp"
#include "train/curvature.hpp"
#include "train/gradient_noise.hpp"
#include "train/training_run.hpp"

namespace etalon::cli {

// The weights at a point of a training.
struct WeightsAt {
  std::span<const float> weights;
  std::int64_t step = 0;
  double lr = 0.0;            // of the last update; 0: none yet
  std::string place() const;  // "step 429"
};

WeightsAt weights_at(const TrainingRun& run);

class NoiseCourse {
 public:
  // All must outlive it.
  NoiseCourse(const TrainingData& data, const RunOptions& run, const NoiseTrainingFlags& flags,
              const StopFlag& stop);

  // What is measured after `stop` was requested is of no use.
  void measure(const WeightsAt& at);
  // After the last measurement, at `last`.
  void put_into(NoiseAnswer& answer, const WeightsAt& last);

 private:
  void measure_curvature(const WeightsAt& at);
  void measure_branches(const WeightsAt& at, CurvaturePoint& point);

  const RunOptions& run_;
  const NoiseTrainingFlags& flags_;
  const StopFlag& stop_;
  GradientNoise noise_;
  std::optional<Curvature> curvature_;
  std::optional<OneStepBranches> branches_;
  std::vector<NoisePart> parts_;
  std::vector<LayerNoise> layers_;
  CurvatureAnswer curvature_answer_;
};

}  // namespace etalon::cli
