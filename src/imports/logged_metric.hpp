// Which of the metrics that runs log they are compared by. Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "imports/logged_run.hpp"
#include "runs/run_columns.hpp"

namespace etalon {

// That which is requested, however it is spelled; else the likeliest by its name among those that
// at least half as many runs have as the commonest one; else, by the same rule, one of which the
// runs' tool says which way it is better. Throws InputError listing the names.
std::string choose_metric(std::span<const LoggedRun> runs, const std::string& source,
                          const RequestedColumns& requested);

// Which way it is better, where the request or a log says so. Throws InputError where the runs
// contradict each other, as those of two studies do.
std::optional<MetricMode> mode_of(const std::string& metric, std::span<const LoggedRun> runs,
                                  const RequestedColumns& requested);

// The curve of a name, however it is spelled; null where the run has none.
const LoggedCurve* find_curve(const LoggedRun& run, const std::string& name);

// Whether the run's last value of the metric, or of a loss as a whole that it logs beyond that, is
// not finite.
bool has_diverged(const LoggedRun& run, const std::string& metric);

}  // namespace etalon
