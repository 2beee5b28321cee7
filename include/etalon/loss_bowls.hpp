// What the losses of one setting say at every batch size: each one's bowl about its optimum, fitted
// once, with the noise and the shape that batch sizes share (see optimum.hpp). Optima and regrets
// of learning rates are read from the same bowls, so that they never contradict each other.
// Immutable once made; safe from any thread.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "etalon/optimum.hpp"
#include "etalon/regret.hpp"

namespace etalon {

class LossBowls {
 public:
  // Batch sizes without an optimum are passed over. Throws InputError for what bounds.hpp refuses.
  explicit LossBowls(std::span<const Observation> observations);
  ~LossBowls();
  LossBowls(LossBowls&&) noexcept;
  LossBowls& operator=(LossBowls&&) noexcept;

  // By ascending batch size.
  std::vector<Optimum> optima(const OptimumOptions& options) const;
  // See `estimate_regret`; `batch_size` must be among the observations.
  Regret regret(double batch_size, double lr, const RegretOptions& options) const;

 private:
  struct State;
  std::unique_ptr<const State> state_;
};

}  // namespace etalon
