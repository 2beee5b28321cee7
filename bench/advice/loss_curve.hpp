// The loss over the learning rate at one batch size, as far as it was measured: the truth that a
// method of advice is scored against.
//
// Between measurements it is the monotone cubic (PCHIP, Fritsch and Butland 1984) over log2 η;
// beyond them it continues along the edge's slope, but never downward, and at least 0.02 an octave
// above the top.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>

#include "etalon/trial.hpp"

namespace etalon::bench {

class LossCurve {
 public:
  // Of observations at one batch size; replicates are averaged, and a learning rate at which one of
  // them diverged has no loss.
  explicit LossCurve(std::span<const Observation> observations);

  // Loss at `lr` minus the least loss.
  double regret(double lr) const;
  double least() const { return least_; }
  double best_lr() const { return best_lr_; }
  // Whether the best is the lowest or the highest learning rate that was run: then the optimum may
  // lie beyond.
  bool is_best_at_edge() const { return best_lr_ == *lrs_.begin() || best_lr_ == *lrs_.rbegin(); }
  // The learning rate nearest to `lr` that was run, and its loss unless it diverged.
  double nearest_lr(double lr) const;
  std::optional<double> loss_at(double measured_lr) const;
  const std::map<double, double>& losses() const { return losses_; }
  const std::set<double>& lrs() const { return lrs_; }

 private:
  std::set<double> lrs_;             // also of diverged runs
  std::map<double, double> losses_;  // by lr
  double least_ = 0.0;
  double best_lr_ = 0.0;
};

// The vertex of a parabola through the best point and its two neighbours on either side, within the
// learning rates measured: how an optimum is read off by eye.
double parabola_optimum(const LossCurve& curve);

}  // namespace etalon::bench
