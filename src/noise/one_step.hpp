// The best learning rate of one step, from branches that were taken from the same weights: what
// each learning rate did to the loss, over many batches. Pure functions.
//
// Each batch was tried with every learning rate, so that rates are compared within batches. The
// optimum is that of the mean over the batches, by a parabola in η through the best rate and its
// neighbours, which is exact where the loss is a parabola along the step. Its interval is the
// percentile bootstrap's over batches (Efron 1979). With the optima of several batch sizes the
// curve η*(B) = η_max / (1 + B_noise/B) is fitted by least squares in ln η, weighted by the
// optima's errors, again in each bootstrap sample.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "noise/curvature_noise.hpp"

namespace etalon {

// The branches of one batch size.
struct Branches {
  std::int64_t batch_size = 0;
  std::vector<double> lrs;  // ascending
  // For each batch and each of `lrs`: the loss after the step less that before it, on examples of
  // its own; one that is not finite counts as infinite.
  std::vector<std::vector<double>> changes;
};

struct OneStepOptimum {
  std::int64_t batch_size = 0;
  std::int64_t batches = 0;
  // Empty where the best rate is an end of those that were tried, or may be any of them; so are
  // ends of the interval.
  std::optional<double> lr, low, high;
  double change = 0.0;            // mean change of the loss at the best rate that was tried
  std::vector<double> resampled;  // ln η* in bootstrap samples, ends of the rates among them
};

// The index in `lrs` at which the mean change is least. `branches` must have batches and rates.
std::size_t best_of(const Branches& branches);

// Of at least 3 rates and 2 batches, else InputError.
OneStepOptimum one_step_optimum(const Branches& branches, double level = 0.90);

struct OneStepCurve {
  EstimatedRatio noise_scale;  // B_noise in examples
  EstimatedRatio greatest_lr;  // η_max
};

// Empty for fewer than 3 batch sizes with an optimum.
std::optional<OneStepCurve> fit_one_step_curve(std::span<const OneStepOptimum> optima,
                                               double level = 0.90);

}  // namespace etalon
