// A sweep: the mean losses of one setting over batch sizes and learning rates, in units in which
// priors can be stated.
//
// Logarithms are natural and relative to a reference point in the middle of the data; losses are
// relative to the least mean loss and divided by `loss_scale`, the typical rise of the loss one
// octave away from the best learning rate. Nothing that is derived from a StandardizedSweep depends
// on the unit of the loss, of the batch size or of the learning rate. Values only; safe from any
// thread.
#pragma once

#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/trial.hpp"

namespace etalon {

// A loss that exceeds the best of its batch size by more than this many scales says only that the
// learning rate is bad: how bad is chaotic, and no smooth surface explains it.
inline constexpr double kExplainedExcess = 12.0;

struct SweepPoint {
  double u = 0.0;       // ln B - log_batch_size
  double v = 0.0;       // ln lr - log_lr
  double loss = 0.0;    // (mean loss - least_loss) / loss_scale; for a bound: at least this
  double excess = 0.0;  // loss - the least loss to be expected at its batch size, >= 0
  double runs = 1.0;    // replicates in the mean
  // Of the level of its batch size, common to its points: 0 unless the best there lies too far
  // above the least for its level to say anything.
  double level_deviation = 0.0;
  double doubt = 1.0;    // by which the variance of its noise is multiplied
  bool is_soft = false;  // of a bound: it is inferred, and as uncertain as a loss
};

struct StandardizedSweep {
  double log_batch_size = 0.0;
  double log_lr = 0.0;
  double least_loss = 0.0;
  double loss_scale = 1.0;
  std::vector<SweepPoint> points;  // measured losses that the surface must explain
  // Diverged, far too high or stopped early: the loss there is at least `loss`.
  std::vector<SweepPoint> bounds;

  double u_of(double batch_size) const;
  double v_of(double lr) const;
  double lr_of(double v) const;  // within bounds.hpp
};

// Of more than 200 points, neighbours are merged. A bound at a batch size without a loss says
// nothing. Throws InputError when no observation has a loss.
StandardizedSweep standardize(std::span<const Observation> observations,
                              std::span<const LossBound> bounds = {});

}  // namespace etalon
