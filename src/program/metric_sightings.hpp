// Whether any trial of a study ever printed the metric.
#pragma once

#include <cstdint>

#include "etalon/runner.hpp"

namespace etalon {

class MetricSightings {
 public:
  // How a trial ended, as the study is told it: where none has printed the metric so far, a trial
  // that ended well without it, or could not be started, means that no trial can run.
  TrialEvent event_of(std::int64_t trial, TrialResult result);

 private:
  bool seen_ = false;
};

}  // namespace etalon
