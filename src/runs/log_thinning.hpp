// Which rows of a log of many runs are kept where there are more than memory should hold: of each
// run its last one, the one of its greatest learning rate, and some that are evenly spaced between.
#pragma once

#include <cstddef>
#include <vector>

#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

// The rows to keep, ascending, about `most` of them; all where the table is no log, or cannot be
// read as one. Pure.
std::vector<std::size_t> thin_log(const Table& table, const RequestedColumns& requested,
                                  std::size_t most);

}  // namespace etalon
