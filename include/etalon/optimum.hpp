// The best learning rate at one batch size, from losses measured there, with an interval. Pure
// functions: observations in, estimates out, no I/O; safe from any thread.
//
// Losses are minimized. Observations with the same seed (and batch size) are paired: they share
// initial weights and data order, so differences between learning rates are taken within a seed.
// Those without a seed are paired with none: what their seeds add is part of their noise, and the
// order in which they are given says nothing.
// A diverged run is an observation without a loss: it bounds the optimum from above, and its
// learning rate enters no mean and no fit, whatever the other seeds did there; unless other runs
// contradict it (contradiction.hpp), when that learning rate is left out. `level` is the
// two-sided coverage of an interval, in (0, 1). The expected loss is taken to fall to its least and
// to rise again in ln lr, each side at a rate of its own (a bowl, see src/optimum/bowl.hpp), as far
// as that explains it: the interval allows for what the learning rates leave open of its shape.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

// Whether the optimum lies inside the learning rates that were tried.
enum class Censoring {
  none,   // interior: worse points (or divergence) on both sides
  below,  // the best learning rate is the lowest tried: the optimum is at or below it
  above,  // the best is the highest tried: the optimum is at or above it
  both    // only one was tried, or both ends are as good as any: nothing says where it is
};

struct Optimum {
  double batch_size = 0.0;
  double lr = 0.0;               // η* at least expected loss; the edge itself when censored
  std::optional<double> lr_low;  // interval for η*; empty: unbounded on that side
  std::optional<double> lr_high;
  double fitted_loss = 0.0;  // expected at `lr`, as the fitted curve has it; `loss` without one
  double best_lr = 0.0;      // the tried learning rate of least mean loss, the lower of equals
  // Mean loss over seeds measured at `best_lr`; where not all seeds ran there, as if they had.
  double loss = 0.0;
  Censoring censored = Censoring::none;
  // Second derivative of the loss in ln η at the optimum, > 0; empty if none was fitted.
  std::optional<double> curvature;
  std::int64_t observations = 0;  // that the fit goes through
  std::string explanation;        // how the estimate came about, one sentence
};

struct OptimumOptions {
  double level = 0.90;
  void validate() const;  // throws InputError naming field, value and constraint
};

// Whether there is a learning rate at which every run has a loss: what an optimum needs.
bool has_optimum(std::span<const Observation> observations);

// The optimum at one batch size. All observations must share one batch size. Throws InputError when
// there is no learning rate at which every run has a loss, or for what bounds.hpp refuses.
Optimum estimate_optimum(std::span<const Observation> observations, const OptimumOptions& options);

// The optima at all batch sizes of one setting, ascending, without those where there is none. What
// they show of the noise and of the bowl's shape is shared between them, as far as they agree, so
// that each is told more closely than by itself. Throws InputError for what bounds.hpp refuses.
std::vector<Optimum> estimate_optima(std::span<const Observation> observations,
                                     const OptimumOptions& options);

}  // namespace etalon
