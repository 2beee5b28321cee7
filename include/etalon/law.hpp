// What measured losses say about the learning rate: optima, regrets and the exponent of η*(B), each
// with an interval. Pure functions: observations in, estimates out, no I/O; safe from any thread.
//
// Losses are minimized. Observations with the same seed (and batch size) are paired: they share
// initial weights and data order, so differences between learning rates are taken within a seed.
// A diverged run is an observation without a loss: it bounds the optimum from above, and its
// learning rate enters no mean and no fit, whatever the other seeds did there. `level` is the
// two-sided coverage of an interval, in (0, 1). The expected loss is taken to be unimodal in ln lr,
// and smooth within an octave or two of its least, except where it turns up into divergence; its
// noise may grow with it above the optimum.
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
  both    // only one was tried, which says nothing of where the optimum is
};

struct Optimum {
  double batch_size = 0.0;
  double lr = 0.0;               // η* at least expected loss; the edge itself when censored
  std::optional<double> lr_low;  // interval for η*; empty: unbounded on that side
  std::optional<double> lr_high;
  // Mean loss over seeds at `best_lr`; where not all seeds ran there, as if they had.
  double loss = 0.0;
  double best_lr = 0.0;  // the tried learning rate of least mean loss, the lower of equals
  Censoring censored = Censoring::none;
  // Second derivative of the loss in ln η at `lr`, > 0; empty if none was fitted.
  std::optional<double> curvature;
  std::int64_t observations = 0;  // that the fit used
  std::string explanation;        // how the estimate came about, one sentence
};

struct OptimumOptions {
  double level = 0.90;
  double window_octaves = 1.5;  // points this far from the best enter the local fit, > 0
  void validate() const;        // throws InputError naming field, value and constraint
};

// The optimum at one batch size. All observations must share one batch size. Throws InputError when
// there is none with a loss.
Optimum estimate_optimum(std::span<const Observation> observations, const OptimumOptions& options);

enum class Verdict {
  holds,       // the interval of the regret lies below the tolerance (equivalence)
  fails,       // the interval lies above the tolerance, or the rule's runs diverged
  cannot_tell  // the interval straddles the tolerance, or there are too few pairs
};

// What a rule's learning rate or recipe loses against the tuned optimum of the same batch size.
struct Regret {
  double lr = 0.0;
  std::optional<double> loss;  // mean over seeds at `lr`; empty if any run diverged
  // How far the expected loss lies above the least over learning rates; empty if any run diverged.
  // >= 0 for a learning rate; below 0 for a recipe that beats them all by what else it moves.
  std::optional<double> regret;
  std::optional<double> regret_low;  // its interval, >= 0 for a learning rate
  std::optional<double> regret_high;
  std::int64_t pairs = 0;  // seeds that both learning rates share
  Verdict verdict = Verdict::cannot_tell;
  std::string explanation;  // one sentence
};

struct RegretOptions {
  double level = 0.90;  // a 90% interval is the two one-sided tests at 5% (TOST)
  // Loss that counts as "the same", > 0, in the loss's own units. Losses of three seeds that
  // deviate by 0.007 to 0.015, as those of small image classifiers do, resolve no less than about
  // 0.02.
  double tolerance = 0.02;
  void validate() const;
};

// The regret of `lr`, which must be among the observations of this one batch size. Near the best it
// is read from a smooth curve in ln lr through all losses around it, with one offset per seed;
// elsewhere from the differences to that curve within the seeds, and it is at least what it is at
// any tried learning rate nearer to the best. Where the losses allow no such curve, it is the mean
// difference from the tuned learning rate, which is chosen anew for every seed, on the other seeds,
// so that it is not flattered by the noise it was chosen on. A regret with one seed in common
// with the best, or none, has no interval.
Regret estimate_regret(std::span<const Observation> observations, double lr,
                       const RegretOptions& options);

// The regret of a recipe that differs from those of `sweep` in more than its learning rate, such as
// other betas: how far its expected loss lies above the least that `sweep`, the learning rates with
// the settings as they are, has to offer; negative where it is better. `runs` are those of the
// recipe, at one learning rate and the batch size of `sweep`, with the same seeds. They enter no
// fit: their losses are compared within the seeds with the curve through the sweep near its best,
// or, where the losses allow no such curve, with the best tried one chosen on the other seeds.
// A recipe whose interval lies below 0 holds, and the explanation says that it is better.
Regret estimate_recipe_regret(std::span<const Observation> sweep, std::span<const Observation> runs,
                              const RegretOptions& options);

// ln η* = intercept + exponent · ln B over the ladder of batch sizes.
struct Exponent {
  double exponent = 0.0;
  std::optional<double> low;
  std::optional<double> high;
  double level = 0.90;
  std::int64_t interior = 0;                           // optima that were used as points
  std::int64_t censored = 0;                           // optima that were bounds only
  double batch_size_low = 0.0, batch_size_high = 0.0;  // range it was fitted over
  std::string explanation;
};

// Empty when fewer than two batch sizes have an interior optimum; no interval with two. Censored
// optima are counted, not fitted. `level` is the coverage of the intervals of `optima` too.
std::optional<Exponent> fit_exponent(std::span<const Optimum> optima, double level);

}  // namespace etalon
