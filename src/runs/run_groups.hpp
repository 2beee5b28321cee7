// Runs out of a table: which columns mean what, and the observations of each group.
//
// A group is one setting (model, data, budget): rows that agree in every `group_by` column. Rows
// whose loss is NaN, infinite or empty are divergences. Rows that agree in batch size and learning
// rate are replicates, numbered in order where there is no seed column. Values only.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "etalon/law.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunColumns {
  std::string batch_size;
  std::string lr;
  std::string loss;
  std::optional<std::string> seed;
  std::optional<std::string> state;  // as etalon writes it: "diverged" has no loss, others but
                                     // "finished" are left out
  // To check that a group has one budget: its steps times the batch size, and columns that state
  // a budget themselves (tokens, examples, epochs).
  std::optional<std::string> steps;
  std::vector<std::string> budgets = {};
  std::vector<std::string> group_by;
};

// Columns that the user named; what is empty is to be guessed.
struct RequestedColumns {
  std::optional<std::string> batch_size = std::nullopt;
  std::optional<std::string> lr = std::nullopt;
  std::optional<std::string> loss = std::nullopt;
  std::optional<std::string> seed = std::nullopt;
  std::optional<std::vector<std::string>> group_by = std::nullopt;
};

struct GuessedColumns {
  RunColumns columns;
  std::vector<std::string> guesses;  // a sentence for each
};

// Throws InputError for a column that does not exist or cannot be guessed.
GuessedColumns guess_columns(const Table& table, const RequestedColumns& requested);

struct RunGroup {
  std::vector<std::pair<std::string, std::string>> key;  // column and value
  std::vector<Observation> observations;
};

// In order of first appearance. Throws InputError naming line and column for a value that is no
// number, a batch size or learning rate that is not positive, or a group whose budgets differ by
// more than a twentieth.
std::vector<RunGroup> group_runs(const Table& table, const RunColumns& columns);

}  // namespace etalon
