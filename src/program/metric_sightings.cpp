#include "program/metric_sightings.hpp"

#include <fmt/format.h>

#include <utility>

#include "etalon/error.hpp"
#include "etalon/program.hpp"

namespace etalon {

TrialEvent MetricSightings::event_of(std::int64_t trial, TrialResult result) {
  const bool never = result.state == TrialState::failed && !seen_ &&
                     failure_kind(result) == FailureKind::no_metric;
  const bool cannot_start =
      result.state == TrialState::failed && !seen_ && result.message.starts_with("cannot start ");
  if (cannot_start) {
    const std::string what = result.message.substr(0, result.message.find('\n'));
    return {trial, InputError(what, "", "name a program that can be run, by its path or on PATH")};
  }
  seen_ = seen_ || result.state == TrialState::finished || !result.curve.empty();
  if (!never) return {trial, std::move(result)};
  return {trial,
          InputError(result.message, "", fmt::format("choose one by {}", field_name("metric")))};
}

}  // namespace etalon
