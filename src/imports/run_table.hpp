// Logged runs as a table with a row for each run, for what reads tables: which column is what, and
// which rows belong together.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "imports/logged_run.hpp"
#include "runs/run_columns.hpp"
#include "runs/run_source.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunTable {
  Table table;
  RequestedColumns columns;       // what was requested, and what is known besides
  std::string metric;             // whose curves were read
  std::vector<std::size_t> runs;  // of each row
};

// Columns are the runs' settings; the metric at the point that is asked for; the greatest value of
// a logged learning rate, where no setting is one; the last values of what else was requested by
// name; steps and epochs, where the log counts them; and what became of the run. Runs that ended
// before the others have no row. Throws InputError where no run logs such a metric, or nothing
// tells the batch size.
RunTable tabulate(std::span<const LoggedRun> runs, const std::filesystem::path& root,
                  const RequestedColumns& requested, const Say& say);

}  // namespace etalon
