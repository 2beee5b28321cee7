// What range tests from several initial weights say together: each landmark's geometric mean, with
// Student's interval over the restarts in ln η. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "range/ramp.hpp"
#include "range/range_curve.hpp"

namespace etalon {

// A learning rate; without an interval from one restart alone.
struct RangedLr {
  double lr = 0.0;
  std::optional<double> low, high;
};

struct NamedLr {
  std::string name;
  RangedLr lr;
};

struct RangeSummary {
  std::size_t restarts = 0;  // in which the loss fell
  RangedLr falls_from, falls_fastest, least, stable_to;
  std::size_t stay_stable = 0;  // restarts whose `stable_to` is a bound
  std::vector<NamedLr> suggestions;
};

// `lrs` > 0, at least one.
RangedLr ranged(std::span<const double> lrs, double level);

// Of a ramp: landmarks are read to a fiftieth of it, whatever its steps.
RangeReading reading_of(const RampOptions& ramp);

// Empty where the loss fell in none of the curves.
std::optional<RangeSummary> summarize(std::span<const RangeCurve> curves, double level,
                                      const RangeReading& reading = {});

}  // namespace etalon
