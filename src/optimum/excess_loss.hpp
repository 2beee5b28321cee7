// How far the expected loss at one tried learning rate, or of other runs with the same seeds, lies
// above the least, with an interval. Shared by the estimates of regrets and optima. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "optimum/fit_around_best.hpp"
#include "optimum/loss_table.hpp"
#include "optimum/paired_differences.hpp"

namespace etalon {

struct ExcessLoss {
  double estimate = 0.0;
  double low = 0.0, high = 0.0;  // the interval of two-sided coverage `level`
};

// All >= 0. `around` must come from `table` and `row` must not have diverged. Empty where there is
// no fit within `octaves` of the best, or the row lies outside it with fewer than two seeds of the
// fit.
std::optional<ExcessLoss> excess_of_row(const LossTable& table, const FitAroundBest& around,
                                        std::size_t row, double level, double octaves);

// The same for `losses` that are no row of the table: runs that differ in more than the learning
// rate, so that their excess may be negative. Empty without a fit, or with fewer than two of its
// seeds.
std::optional<ExcessLoss> excess_of_losses(const FitAroundBest& around, const SeedLosses& losses,
                                           double level, double octaves);

}  // namespace etalon
