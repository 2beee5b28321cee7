// Deviations that a few absurd values do not change. Pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

namespace etalon {

// The middle one, the lower of two; `values` must not be empty.
inline double middle_of(std::vector<double> values) {
  const auto middle = values.begin() + (std::ssize(values) - 1) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// The standard deviation of what lies `apart` from its middle, as if it were normal.
inline double robust_deviation(std::vector<double> apart) {
  constexpr double kMedianDeviate = 0.6745;  // of a normal
  for (double& each : apart) each = std::abs(each);
  return middle_of(std::move(apart)) / kMedianDeviate;
}

}  // namespace etalon
