#include "program/metric_sightings.hpp"

#include <fmt/format.h>

#include <utility>

#include "etalon/error.hpp"
#include "etalon/program.hpp"

namespace etalon {

TrialEvent MetricSightings::event_of(std::int64_t trial, TrialResult result) {
  const bool never = result.state == TrialState::failed && !seen_ &&
                     failure_kind(result) == FailureKind::no_metric;
  seen_ = seen_ || result.state == TrialState::finished || !result.curve.empty();
  if (!never) return {trial, std::move(result)};
  return {trial,
          InputError(result.message, "", fmt::format("choose one by {}", field_name("metric")))};
}

}  // namespace etalon
