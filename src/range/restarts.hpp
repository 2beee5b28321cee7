// What range tests from several initial weights say together: each landmark's geometric mean, with
// an interval in ln η. Pure functions.
//
// A landmark is seen between two rates. With c the middle between them and w their distance, both
// the mean over the restarts, and s half of Student's interval over them, the interval is
//   c ± √((w/2)² + s²):
// what rounding to the rates hides is the same in all restarts where they agree, and part of their
// spread where they do not.
//
// One that lies beyond the last rate in some restart is never averaged: what is known there is a
// bound, and the median over the restarts is one of the true median.
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
  // Of a bound one end at most: the outermost of the restarts, where there are so many that all of
  // them lie on one side of the median with a probability of at most (1 − level)/2.
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

// At least one of them.
RangedLr ranged(std::span<const LrOnGrid> lrs, double level);

// Of numbers that no grid rounds; `lrs` > 0, at least one.
RangedLr ranged(std::span<const double> lrs, double level);

// Of a ramp: landmarks are read to a fiftieth of it, whatever its steps.
RangeReading reading_of(const RampOptions& ramp);

// Empty where the loss fell in none of the curves.
std::optional<RangeSummary> summarize(std::span<const RangeCurve> curves, double level,
                                      const RangeReading& reading = {});

}  // namespace etalon
