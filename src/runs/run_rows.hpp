// Which rows of a table are runs that ended, and what became of those that are not. Values only.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunRow {
  std::size_t row = 0;
  double lr = 0.0;  // the greatest of the run's rows
  bool has_diverged = false;
};

struct RunRows {
  std::vector<RunRow> rows;       // in the order of the table
  std::vector<std::string> said;  // what was left out, with its count, and what was taken as what
};

// Rows whose state, exit code or blank value says that they did not end as they should are left
// out: a value that they have is that of another budget, and their failure bounds nothing. Where
// nothing else tells of failures, a blank value is a divergence. Throws InputError naming line and
// column for a learning rate outside bounds.hpp, and where no row is left.
RunRows find_run_rows(const Table& table, const RunColumns& columns);

}  // namespace etalon
