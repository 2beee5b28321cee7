// Which point of each run's course is the run's result, so that runs are compared at one point of
// their training. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "runs/measured_at.hpp"
#include "runs/metric.hpp"

namespace etalon {

struct CoursePoint {
  double step = 0.0;   // as the log counts: updates, mostly; or epochs
  double value = 0.0;  // of the metric; may be NaN or infinite
};

struct Course {
  std::string group;  // of runs that were meant to be equally long, where their batch size is one
  double batch_size = 0.0;
  std::vector<CoursePoint> points;  // by step
  bool has_diverged = false;        // its last point counts, wherever it is
};

struct CourseChoices {
  std::vector<std::optional<std::size_t>> points;  // one a course; none: it ended too early
  std::vector<std::string> said;                   // what was left out or cut, a sentence each
};

// Courses of a batch size and group are compared where the last third or more of them end, within a
// twentieth: those that end before are left out, those that go on are read there. Where `at` names
// a step, those that have no point within a twentieth before it are left out.
CourseChoices choose_points(std::span<const Course> courses, const MeasuredAt& at, MetricMode mode);

}  // namespace etalon
