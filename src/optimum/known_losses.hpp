// What is known at one batch size, made ready: outliers left out, the best row, the rows of a bowl.
// Shared by the estimates of optima and regrets. Values only.
#pragma once

#include <cstddef>
#include <span>

#include "etalon/optimum.hpp"
#include "etalon/regret.hpp"
#include "optimum/bowl_data.hpp"
#include "optimum/bowl_posterior.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {

struct KnownLosses {
  LossTable table;
  std::size_t best = 0;  // row of the table
  BowlData data;
  std::size_t outliers = 0;  // left out
  bool has_bowl() const;     // whether there are enough rows for one, and numbers for their span
};

// Of observations at one batch size that do not contradict each other. Throws InputError when there
// is no learning rate at which every run has a loss.
KnownLosses know(std::span<const Observation> observations);

// `bowl` may be null: then only what needs none is told.
Optimum optimum_of(const KnownLosses& known, const BowlPosterior* bowl, double level);

// `observations` as they were given, with what contradicts.
Regret regret_of(std::span<const Observation> observations, const KnownLosses& known,
                 const BowlPosterior* bowl, double lr, const RegretOptions& options);

}  // namespace etalon
