// Which columns make a table a log: rows of one run at several steps. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

struct CourseColumns {
  std::vector<std::string> run;      // that together tell runs apart; none: every row is a run
  std::optional<std::string> order;  // steps, epochs or examples, that differ within each run
};

// Of the run columns that the user names.
CourseColumns make_courses(const Table& table, const RunColumns& columns,
                           std::vector<std::string> run);
// A column named as runs are, whose rows that agree have one batch size and seed, at different
// steps, and of which some agree.
CourseColumns guess_courses(const Table& table, const RunColumns& columns);

}  // namespace etalon
