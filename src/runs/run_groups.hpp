// Runs out of a table: the observations of each group.
//
// A group is one setting (model, data, budget): rows that agree in every `group_by` column. Rows
// whose loss is NaN, infinite or empty are divergences. Rows that agree in batch size and learning
// rate are replicates, numbered in order where there is no seed column. Values only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "etalon/trial.hpp"
#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunGroup {
  std::vector<std::pair<std::string, std::string>> key;  // column and value
  std::vector<Observation> observations;
};

// In order of first appearance. Throws InputError naming line and column for a value that is no
// number, a batch size or learning rate that is not positive, or a group whose budgets differ, as
// run_budgets.hpp says.
std::vector<RunGroup> group_runs(const Table& table, const RunColumns& columns);

}  // namespace etalon
