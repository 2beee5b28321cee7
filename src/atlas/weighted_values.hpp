// Values that do not weigh alike. Pure functions.
#pragma once

#include <span>

namespace etalon {

struct WeightedValue {
  double value = 0.0;   // may be infinite
  double weight = 0.0;  // > 0
};

// The least value such that values up to it have at least `share` of the weight, `share` in [0, 1];
// the mean of it and the next where that share is met exactly, so that weights that are all alike
// give the usual median. `values` must not be empty.
double weighted_quantile(std::span<const WeightedValue> values, double share);

}  // namespace etalon
