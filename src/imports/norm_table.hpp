// What runs logged of gradient norms, as the table that a log in CSV would have been: a row for
// each run and step.
#pragma once

#include <filesystem>

#include "imports/logged_runs.hpp"
#include "runs/norm_log.hpp"
#include "runs/table.hpp"

namespace etalon {

// Whether the file is a log of another tool that is no table by itself.
bool is_norm_log(const std::filesystem::path& file);

// Columns are what norms may need of the metrics and settings, and `step` and `run`. Throws
// InputError where there are no runs.
Table norm_table(const LoggedRuns& logged, const RequestedNorms& requested);

}  // namespace etalon
