// What the loss surface behind some runs lets expect over the learning rate at one batch size.
//
// Beyond the batch sizes that were run, every draw's surface is shifted along ln η by a normal
// deviate that grows with the distance; where one batch size was run, its bowl is moved to where
// the exponent's prior has it. The same observations, options and seed give the same curves.
// Immutable once made; safe from any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "etalon/advice.hpp"
#include "surface/predictive_curves.hpp"
#include "surface/standardized_sweep.hpp"
#include "surface/surface_posterior.hpp"

namespace etalon {

// Throws InputError for a batch size or learning rate outside bounds.hpp.
void check_observations(std::span<const Observation> observations);
// The same, and for a bound that is not finite.
void check_loss_bounds(std::span<const LossBound> bounds);

class FittedSurface {
 public:
  // Resolution of optima, in ln η.
  static constexpr double kStep = 0.08664339756999316;  // an eighth of an octave

  // Throws InputError when no observation has a loss. A misfit that is known is not estimated.
  FittedSurface(std::span<const Observation> observations, UpdateKind update,
                const SamplingOptions& sampling, const MisfitModel* misfit = nullptr,
                std::span<const LossBound> bounds = {},
                const std::optional<ExponentPrior>& exponent = std::nullopt);

  // The learning rates tried at each batch size, ascending and without repeats.
  const std::map<double, std::vector<double>>& tried() const { return tried_; }
  double spacing() const { return spacing_; }  // of learning rates, in ln η
  const StandardizedSweep& sweep() const { return sweep_; }
  const MisfitModel& misfit() const { return posterior_.misfit(); }

  // Evenly spaced v, `kStep` apart or more, over everything where an optimum may lie.
  std::vector<double> grid(double batch_size) const;
  Prediction predict(double batch_size, std::span<const double> v) const;
  // The curves at one batch size, equally likely, over the grid.
  PredictiveCurves curves_at(double batch_size) const;
  // The same over any ascending v.
  PredictiveCurves curves_over(double batch_size, std::vector<double> v) const;
  // Equally likely ln η* at one batch size.
  std::vector<double> draw_optima(double batch_size) const;
  double nearest(double batch_size) const;  // that has a loss
  // `batch_size` over the nearest end of those that have a loss, >= 1; 1 inside.
  double extrapolation(double batch_size) const;
  // Between these learning rates no run tells whether training diverges: the first that diverged
  // at the nearest batch size, and the highest below it.
  struct Edge {
    double finished, diverged;
  };
  std::optional<Edge> edge(double batch_size) const;
  // Where nothing was run below the lowest learning rate that diverged at the nearest batch size:
  // that one, raised in proportion to a larger batch size. No optimum lies there or above.
  std::optional<double> ceiling(double batch_size) const;
  // What the runs at and around a learning rate say by themselves that it loses there against the
  // best of them, in rises: between rates on one side of the best the loss lies between theirs, but
  // for noise. Without an upper limit where the best is an edge.
  struct Shown {
    double low = 0.0;
    double high = std::numeric_limits<double>::infinity();
  };
  Shown shown_regret(double batch_size, double lr) const;
  // The learning rate of least mean loss at a batch size, if it was run.
  std::optional<double> best_run(double batch_size) const;
  // The standard deviation by which ln η* may leave a law fitted to the runs.
  double drift(double batch_size) const;

 private:
  // Fitted to those that are consistent; all were tried.
  FittedSurface(std::span<const Observation> all, std::span<const Observation> consistent,
                UpdateKind update, const SamplingOptions& sampling, const MisfitModel* misfit,
                std::span<const LossBound> bounds, const std::optional<ExponentPrior>& exponent);

  // Whether its optimum is where the exponent's prior has it.
  bool rests_on_prior(double batch_size) const;
  // By how much each draw's surface is moved along v.
  std::vector<double> shifts(double batch_size) const;
  // The points and bounds of a batch size, by ascending v.
  std::vector<SweepPoint> rows_at(double batch_size) const;
  double nearest_run(double batch_size) const;  // whether it has a loss or not

  std::uint64_t seed_;
  std::vector<double> drifts_;  // normal deviates, one per draw of the posterior
  std::map<double, std::vector<double>> tried_;
  std::vector<double> measured_;       // batch sizes that have a loss, ascending
  std::map<double, double> diverged_;  // the least learning rate, by batch size
  std::map<double, double> bare_;      // of those, where none was run below it
  double spacing_;
  std::optional<ExponentPrior> exponent_;
  StandardizedSweep sweep_;
  SurfacePosterior posterior_;
};

// What is advised at one batch size, read off the curves that may hold there. They are in the units
// of the surface's sweep. For one thread; the surface must outlive it.
class BatchSizeAdvice {
 public:
  BatchSizeAdvice(const FittedSurface& surface, PredictiveCurves curves, double batch_size,
                  const AdviceOptions& options);

  Forecast forecast() const;
  // In units of the loss: what a learning rate is expected to lose.
  double expected_regret(double lr) const;
  RegretForecast regret(double lr) const;

 private:
  double best_lr() const;
  double choose_lr() const;
  double least_regret(double lr) const;
  double highest_possible(double lr) const;
  double expected_loss() const;

  const FittedSurface& surface_;
  PredictiveCurves curves_;
  double batch_size_;
  AdviceOptions options_;
  ExpectedRegrets regrets_;
  double hidden_gain_;
};

}  // namespace etalon
