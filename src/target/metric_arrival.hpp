// When a program's metric first comes to a target. For one thread.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "etalon/target.hpp"
#include "target/arrival.hpp"

namespace etalon {

class MetricArrival {
 public:
  // Points whose step is not said count the values, and have no examples.
  void hear(const Target& target, const CurvePoint& point);

  // Whether the trial may be stopped: one point alone may be the only one there is.
  bool is_over() const { return arrival_.has_arrived() && points_ > 1; }

  // What a trial comes to that ended with `result`, whether it was stopped here or by itself.
  // Throws InputError where its points cannot tell of a target, naming the metric.
  TrialResult judged(const Target& target, const std::string& metric, TrialResult result) const;

 private:
  void check(const Target& target, const std::string& metric, const TrialResult& result) const;

  Arrival arrival_;
  std::int64_t points_ = 0, without_step_ = 0;
  double greatest_ = -std::numeric_limits<double>::infinity();  // of an accuracy
};

}  // namespace etalon
