// What a decision knows of one batch size: what was run there, what that bounds, and what is not to
// be asked for again. Everybody who plans runs looks at them through it, so that all mean the same
// by the best, by a divergence that bounds, and by what is taken. Immutable; safe from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "etalon/contradiction.hpp"
#include "etalon/trial.hpp"
#include "plan/run_point.hpp"

namespace etalon {

class KnownRuns {
 public:
  // `all` at one batch size, perhaps none. `others` have no result: under way, failed, pruned. A
  // divergence that is contradicted (contradiction.hpp) bounds nothing, and its learning rate has
  // no loss, but it was run.
  explicit KnownRuns(std::span<const Observation> all, std::span<const RunPoint> others = {});

  // Mean loss by learning rate, as if every seed had run there; infinite where a run diverged.
  const std::map<double, double>& losses() const { return losses_; }
  // The learning rate of the least mean loss, the lower of equals; empty where none has one.
  std::optional<double> best() const { return best_; }
  double least() const { return losses_.at(*best_); }
  // The lowest learning rate that diverged; infinite where none did.
  double ceiling() const;
  // Of those with a loss that lie below it.
  double lowest() const { return *finished_.begin(); }
  double highest() const { return *finished_.rbegin(); }

  // Whether a run at `lr` ended, with a loss or a divergence.
  bool was_run(double lr) const { return run_.contains(lr); }
  bool is_taken(const RunPoint& run) const { return taken_.contains(run); }
  // Of all learning rates taken, how many runs they have.
  const std::map<double, int>& counts() const { return counts_; }
  int count(double lr) const;
  // Whether something between the two was run or is under way, without them.
  bool is_any_between(double low, double high) const;

  const std::vector<Contradiction>& contradictions() const { return contradictions_; }

 private:
  void take(const RunPoint& run);

  std::map<double, double> losses_;
  std::set<double> finished_, run_;
  std::optional<double> best_;
  std::set<RunPoint> taken_;
  std::map<double, int> counts_;
  std::vector<Contradiction> contradictions_;
};

}  // namespace etalon
