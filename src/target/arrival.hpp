// When a trial first comes to its target, and what its objective then is. For one thread.
#pragma once

#include <optional>

#include "etalon/target.hpp"

namespace etalon {

class Arrival {
 public:
  // A point of the curve, in order of steps: how far it is from the target, 1 at it.
  void hear(double step, double distance);

  bool has_arrived() const { return steps_.has_value(); }
  double last_step() const { return last_step_; }  // of the points that were heard

  // Makes ln S the objective of a trial that ended, with what was heard of it; `steps` of the
  // result are all its updates. Throws InputError where the target was met before the first, and
  // where a trial ended without a point.
  void judge(const Target& target, TrialResult& result) const;

 private:
  double steps_at_one(double step, double distance) const;

  void need_a_point(const Target& target) const;

  std::optional<double> steps_;
  double last_step_ = 0.0;
  std::optional<double> distance_;  // of the last point
};

}  // namespace etalon
