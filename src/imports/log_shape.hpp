// Whether rows are the log of one run, or a table of runs with a row each. Pure; never throws.
#pragma once

#include <span>
#include <vector>

#include "metrics/metric_text.hpp"

namespace etalon {

using LogRow = std::vector<NamedValue>;

// From the first rows of a file, and perhaps its last: a log counts its steps or epochs, upward;
// and what a run is set to, such as its batch size, stays as it is.
bool are_rows_of_log(std::span<const LogRow> rows);

}  // namespace etalon
