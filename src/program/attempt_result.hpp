// What an attempt that has ended comes to as a trial.
#pragma once

#include <string_view>

#include "etalon/program.hpp"
#include "program/attempt.hpp"
#include "program/metric_watch.hpp"

namespace etalon {

// `status` is what the supervisor left; without one it was killed. `printed` is the end of what the
// program printed, stderr last. One that was stopped because it
// had diverged is diverged.
TrialResult attempt_result(const std::optional<AttemptStatus>& status, MetricWatch& watch,
                           const WatchedMetric& metric, std::string_view printed);

}  // namespace etalon
