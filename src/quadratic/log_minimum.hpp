// The least of a function of a positive number that is looked for by its ratio.
#pragma once

#include <cmath>
#include <functional>
#include <limits>

namespace etalon {

// Where in [low, high], 0 < low < high, `value` is least: a scan of ln x, then golden section
// between the neighbours of its best point (Kiefer 1953). Infinite values are allowed anywhere;
// exact for a function that has one minimum at the scan's scale.
inline double log_argmin(const std::function<double(double)>& value, double low, double high) {
  constexpr int kScan = 64, kSections = 48;  // 48: a neighbourhood of half an e-fold to 1e-10
  const double start = std::log(low), step = (std::log(high) - start) / kScan;
  int best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i <= kScan; ++i) {
    const double here = value(std::exp(start + step * i));
    if (here < least) least = here, best = i;
  }
  const double ratio = 0.5 * (std::sqrt(5.0) - 1.0);
  double left = start + step * std::max(best - 1, 0);
  double right = start + step * std::min(best + 1, kScan);
  double a = right - ratio * (right - left), b = left + ratio * (right - left);
  double at_a = value(std::exp(a)), at_b = value(std::exp(b));
  for (int i = 0; i < kSections; ++i) {
    if (at_a < at_b) {
      right = b, b = a, at_b = at_a;
      at_a = value(std::exp(a = right - ratio * (right - left)));
    } else {
      left = a, a = b, at_a = at_b;
      at_b = value(std::exp(b = left + ratio * (right - left)));
    }
  }
  return std::exp(0.5 * (left + right));
}

}  // namespace etalon
