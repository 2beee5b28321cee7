// Pruning: which trials are stopped before their end, since they will not tell where the best
// learning rate is.
//
// A trial is compared with others of its batch size at equal examples, each by the mean of its
// curve, linear between its points, over the last fifth of the way that the trial has come; a curve
// that does not span that is not compared, and what is not finite is no point of a curve. It is
// pruned where the rule says so, by what it has said alone, but never
//
// - before the grace period is over, in a budget that is as long as finished trials took;
// - where fewer than three learning rates of its batch size have finished, or three others are
//   compared with it;
// - where it is no worse than the best that has finished was at equal examples;
// - where it brackets an optimum: unless a learning rate that has ended, and is worse, lies between
//   its own and the best one that has finished, and so for every trial under way that is doing
//   better than that.
//
// Decisions alone: no I/O, no clock. Values; safe from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/trial.hpp"

namespace etalon {

enum class PruningRule {
  // Worse than the median of the others (Golovin et al. 2017, "Google Vizier", 3.2.2).
  median,
  // At shares grace, 3 grace, 9 grace, ... of the budget: not among the best third of those that
  // have come so far, whether or not others come later (Li et al. 2020, arXiv 1810.05934).
  halving,
};

struct PruningOptions {
  PruningRule rule = PruningRule::median;
  double grace = 0.25;    // share of the budget before which nothing is pruned, in (0, 1)
  void validate() const;  // throws InputError naming field, value and constraint
};

// What a trial has said so far, at one learning rate.
class TrialCurve {
 public:
  explicit TrialCurve(double lr) : lr_(lr) {}

  // Keeps it where it lies beyond the last one and has a finite validation loss. Of a long curve
  // every second point goes.
  void add(const CurvePoint& point);
  // What the trial came to; `loss` is set where it finished.
  void end(TrialState state, std::optional<double> loss);

  double lr() const { return lr_; }
  TrialState state() const { return state_; }           // pending: under way
  std::optional<double> loss() const { return loss_; }  // of a finished one
  const std::vector<CurvePoint>& points() const { return points_; }

  // Examples of the first and the last point; where a program counts none, its steps, and where it
  // counts nothing, how often it said its loss. 0 without points.
  double first() const;
  double last() const;
  // The mean over [from, to], or the value there where they are one; nothing unless the curve
  // spans it.
  std::optional<double> level(double from, double to) const;

 private:
  double value_at(double examples) const;

  double lr_;
  TrialState state_ = TrialState::pending;
  std::optional<double> loss_;
  std::vector<CurvePoint> points_;
  std::size_t stride_ = 1, skipped_ = 0;
};

// How long trials of a batch size are: the median of those that finished; nothing without any.
std::optional<double> budget_of(std::span<const TrialCurve> curves);

// How a trial stood that is to be stopped.
struct Pruning {
  PruningRule rule = PruningRule::median;
  double share = 0.0;      // of the budget, at which it was compared
  double loss = 0.0;       // its mean there
  double median = 0.0;     // that of the others; `median` alone
  std::size_t others = 0;  // that it was compared with
  std::size_t better = 0;  // of these; `halving` alone
  std::size_t go_on = 0;   // of them and it; `halving` alone
};

// One clause, "at 25% of the budget: 2.6 against 2.3, the median of 4"; of a metric that is
// maximized losses are negatives.
std::string describe(const Pruning& pruning, bool maximizes = false);

// Whether to stop the trial under way that is `curves[trial]`, all of one batch size, where it is
// now; nothing: it goes on. `since` is where it was when that was last asked, so that of each rung
// it is asked once.
std::optional<Pruning> find_pruning(std::span<const TrialCurve> curves, std::size_t trial,
                                    const PruningOptions& options, double since = 0.0);

}  // namespace etalon
