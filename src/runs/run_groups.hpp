// Runs out of a table: the observations of each group.
//
// A group is one setting (model, data, budget): rows that agree in every `group_by` column. Rows
// that agree in batch size and learning rate are replicates, paired by the seed column where there
// is one. The order of rows makes no difference. Values only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/trial.hpp"
#include "runs/run_columns.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunGroup {
  std::vector<std::pair<std::string, std::string>> key;  // column and value
  std::vector<Observation> observations;                 // by batch size, learning rate and seed
  std::vector<std::size_t> rows{};                       // of the table, one an observation
  // What the optimizer column says in every row; empty where there is none, or several.
  std::optional<std::string> optimizer{};
  std::optional<double> examples{};  // that every run saw, where that is known
  bool holds_steps = false;          // whether every run took as many steps, not as many examples
  std::optional<double> beta2{};     // of its optimizer, where that is known
};

struct GroupedRuns {
  std::vector<RunGroup> groups;   // in order of first appearance
  std::vector<std::string> said;  // what was left out and what the budget is, a sentence each
};

// Throws InputError naming line and column for a value that is no number or out of its range, or a
// group whose budgets differ, as run_budgets.hpp says.
GroupedRuns group_runs(const Table& table, const RunColumns& columns);

}  // namespace etalon
