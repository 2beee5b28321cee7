// Which runs are asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "imports/logged_run.hpp"
#include "imports/run_cells.hpp"
#include "runs/run_columns.hpp"
#include "runs/run_source.hpp"

namespace etalon {

// Lets go of runs whose settings are not as the request's conditions say, and says so. What is no
// run's setting is left to `chosen_rows`, which knows what was logged. Throws InputError where none
// is left.
void keep_where(std::vector<LoggedRun>& runs, const RequestedColumns& requested, const Say& say);

// The rows of which the request's conditions hold. Throws InputError where there are none.
std::vector<std::size_t> chosen_rows(const std::vector<Cells>& rows, const std::string& source,
                                     const RequestedColumns& requested, const Say& say);

}  // namespace etalon
