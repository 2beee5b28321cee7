// Advice: the learning rate to use at a batch size, from runs at this and other batch sizes.
//
// An `Advisor` fits one loss surface to all observations of one setting (same model, data and
// budget) and averages over what they leave open: the costs that make the surface, their
// coefficients, the surface's own misfit, and how far the optimum may wander beyond the batch sizes
// that were run. The learning rate that it recommends is the one of least expected regret, which
// lies below the middle of the posterior where overshooting costs more than undershooting; it never
// lies between the first learning rate that diverged at the nearest batch size and the highest
// below it that was run, but at the latter; where none was run below it, it lies two octaves below
// or more, of a divergence that is raised in proportion to a larger batch size. A divergence below
// a good run (contradiction.hpp) bounds nothing. A few strays move nothing: noise has heavy tails,
// and a batch size where all was lost says nothing by its level. Losses that are all positive are
// expected to stay so. Neither the order of the observations nor their
// seeds matter. It takes no I/O, and the same observations, options and seed give the same advice.
// Immutable once made; safe from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/optimizers.hpp"
#include "etalon/trial.hpp"

namespace etalon {

// What is believed of d ln η*/d ln B before any run, such as what happened elsewhere (atlas.hpp).
struct ExponentPrior {
  double mean = 0.5;
  double deviation = 0.3;  // > 0
};

// An optimizer whose first steps are longer than its later ones at the same learning rate. RMSprop
// divides by the root of a mean of squares that starts at zero and is not corrected for that, as
// Adam's is (Kingma and Ba 2015, arXiv 1412.6980, section 3): step t is 1/√(1 − β2^t) times as
// long. Larger batches leave fewer steps, so that the same learning rate acts as a higher one.
struct UncorrectedStart {
  double beta2 = 0.99;    // of the mean of squares, in [0, 1)
  double examples = 0.0;  // that every run saw, > 0

  // What a learning rate is multiplied by, in the mean over the steps of a run at this batch size;
  // >= 1.
  double gain(double batch_size) const;
};

struct AdviceOptions {
  // Whose updates: shifts the priors of how progress and gradient noise depend on the batch size.
  UpdateKind update = UpdateKind::adaptive;
  // Where runs have one batch size, which tells no exponent, it is this beyond it; empty: what
  // those priors make of the form of the one bowl, with intervals that are too narrow far beyond
  // it.
  std::optional<ExponentPrior> exponent{};
  // Batch sizes are compared by learning rates as they act; those that are told are as they are
  // set.
  std::optional<UncorrectedStart> start{};
  double level = 0.80;     // two-sided coverage of intervals, in (0, 1)
  std::uint64_t seed = 1;  // of the draws
  void validate() const;   // throws InputError naming field, value and constraint
};

// What a trial that was stopped before its end says: its loss would have been no less. It is no
// Observation, so that nothing can take it for a loss or a divergence.
struct LossBound {
  double batch_size = 0.0;  // see bounds.hpp
  double lr = 0.0;          // see bounds.hpp
  double at_least = 0.0;    // finite

  auto operator<=>(const LossBound&) const = default;
};

// Two witnesses of where the best learning rate of a batch size lies that are not to be reconciled:
// their intervals have nothing in common.
struct Disagreement {
  double laws_low = 0.0;  // of the laws of law.hpp
  double laws_high = 0.0;
  double surface_low = 0.0;  // of the loss surface
  double surface_high = 0.0;

  std::string text() const;  // a sentence that says so
};

// A learning rate for one batch size and what it rests on.
struct Forecast {
  double batch_size = 0.0;
  double lr = 0.0;               // of least expected regret
  double lr_low = 0.0;           // between these the best learning rate of a sweep at this batch
  double lr_high = 0.0;          // size falls with probability `level`, the noise of runs included
  double expected_loss = 0.0;    // at `lr`
  double expected_regret = 0.0;  // loss at `lr` minus the least loss at this batch size, expected
  double nearest_batch_size = 0.0;  // that has a loss
  double extrapolation = 1.0;  // batch_size over the nearest end of those with a loss; 1 inside
  // Of a Forecaster: where the laws and the loss surface contradict one another. `lr_low` to
  // `lr_high` covers the intervals of both then.
  std::optional<Disagreement> disagreement;
};

// What a learning rate may lose at a batch size against the best learning rate there, in units of
// the loss.
struct RegretForecast {
  double lr = 0.0;
  double expected = 0.0;  // as Advisor::expected_regret
  double low = 0.0;       // between these it lies with probability `level`
  double high = 0.0;
};

class Advisor {
 public:
  // Observations may hold several batch sizes, or one. `bounds` are what runs say that were stopped
  // early: the surface is held to lie no lower there, as surely as it and a run agree, and their
  // learning rates count as run. Throws InputError when there is no learning rate at which every
  // run has a loss, or for a batch size or learning rate outside bounds.hpp, as do the functions
  // below.
  Advisor(std::span<const Observation> observations, const AdviceOptions& options,
          std::span<const LossBound> bounds = {});
  ~Advisor();
  Advisor(Advisor&&) noexcept;
  Advisor& operator=(Advisor&&) noexcept;

  Forecast forecast(double batch_size) const;

  // What `lr` is expected to lose at `batch_size` against the best learning rate there, > 0. Where
  // runs at `batch_size` enclose their best, it agrees with those around `lr`, but for noise: no
  // less than the nearer to the best lost, no more than the farther. What may be
  // lost to a learning rate that is too low counts up to 12 times the typical rise of the loss one
  // octave from the optimum; what is lost at or above a divergence with nothing run below it, from
  // there on.
  double expected_regret(double batch_size, double lr) const;
  // The same with its interval.
  RegretForecast regret(double batch_size, double lr) const;

  // The learning rate to try next at `batch_size`: the one of least expected regret among those
  // that keep the spacing of the learning rates that were run, and that are not close to one that
  // was run at this batch size or is listed in `pending`; where all of these are taken, of those in
  // between. The greatest expected improvement was tried instead; it needs no fewer trials.
  double next_lr(double batch_size, std::span<const double> pending = {}) const;

 private:
  class State;
  std::unique_ptr<const State> state_;
};

}  // namespace etalon
