// How many examples every run of a group saw, by its columns. Pure functions.
#pragma once

#include <optional>

#include "runs/run_columns.hpp"
#include "runs/run_groups.hpp"
#include "runs/table.hpp"

namespace etalon {

// By its steps, or a column that counts examples; those that count tokens are left out, since a
// batch size may count others. None where no column tells, or where runs with a loss saw different
// numbers, by more than a twentieth or a step.
std::optional<double> examples_of(const Table& table, const RunGroup& group,
                                  const RunColumns& columns);

}  // namespace etalon
