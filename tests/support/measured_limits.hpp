// Limits of the learning rates of the synthetic study: noise that allows what its optima ask for up
// to B = 128, and a sharpness that holds them from there.
#pragma once

#include "etalon/limits.hpp"

namespace etalon::testing {

inline MeasuredLimits synthetic_limits() {
  MeasuredLimits limits;
  for (const double factor : {0.9, 1.0, 1.1}) {
    limits.points.push_back({32, 0.2, static_cast<std::int64_t>(1000 * factor), 2.5 * factor,
                             400.0 * factor, 2.0 * factor});
  }
  limits.points.push_back({2048, 2.8, 53, 2.0, {}, {}});
  return limits;
}

}  // namespace etalon::testing
