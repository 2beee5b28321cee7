// What is known near the best tried learning rate: the fit through the losses around it, and the
// learning rate at which that fit is least. Shared by the estimates of the optimum and of regrets.
#pragma once

#include <cstddef>
#include <optional>

#include "optimum/local_fit.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {

struct FitAroundBest {
  std::size_t best = 0;          // row of the table
  double low = 0.0, high = 0.0;  // ln(lr / best lr) of the outermost rows that did not diverge
  std::optional<LocalFit> fit;   // centred on the best row
  std::size_t observations = 0;  // that the fit used
  double octaves = 0.0;          // half-width of the window that the fit used
  double vertex = 0.0;           // ln(lr / best lr) where the fit is least; 0 without one
  // The loss turns up too sharply just above the best for any smooth fit to see: rows of
  // the window lie beyond a cliff, or divergence lies within an octave and a half.
  bool cliff_above = false;
  double place(const LossTable& table, std::size_t row) const;  // ln(lr / best lr)
};

// Rows within `window_octaves` of the best enter the fit; the window widens by half-octaves while
// it holds too few losses for a fit. Rows beyond a cliff on the high side, where losses rise far
// more steeply than on the rest of the window, do not. `table.best()` must have a value.
FitAroundBest fit_around_best(const LossTable& table, double window_octaves);

}  // namespace etalon
