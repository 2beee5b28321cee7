// The exponent of the power law η*(B), from the optima of several batch sizes, with an interval.
// Pure functions; safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "etalon/optimum.hpp"

namespace etalon {

// ln η* = intercept + exponent · ln B over the ladder of batch sizes.
struct Exponent {
  double exponent = 0.0;
  std::optional<double> low;
  std::optional<double> high;
  double level = 0.90;
  std::int64_t interior = 0;                           // optima that were used as points
  std::int64_t censored = 0;                           // optima that were bounds only
  double batch_size_low = 0.0, batch_size_high = 0.0;  // range it was fitted over
  std::string explanation;
};

// Empty when fewer than two batch sizes have an interior optimum; no interval with two. Censored
// optima are counted, not fitted. `level` is the coverage of the intervals of `optima` too.
std::optional<Exponent> fit_exponent(std::span<const Optimum> optima, double level);

}  // namespace etalon
