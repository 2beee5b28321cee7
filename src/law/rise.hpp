// How far the expected loss at one tried learning rate lies above the least, with an interval.
// Shared by the estimates of regrets and optima. Pure.
#pragma once

#include <cstddef>
#include <optional>

#include "law/loss_table.hpp"
#include "law/neighbourhood.hpp"

namespace etalon {

struct Rise {
  double estimate = 0.0;         // >= 0
  double low = 0.0, high = 0.0;  // >= 0; the interval of two-sided coverage `level`
};

// `around` must come from `table` and `row` must not have diverged. Empty where there is no fit
// within `octaves` of the best, or the row lies outside it with fewer than two seeds of the fit.
std::optional<Rise> rise_above_least(const LossTable& table, const Neighbourhood& around,
                                     std::size_t row, double level, double octaves);

}  // namespace etalon
