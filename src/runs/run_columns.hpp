// Which columns of a table of runs mean what: named by the user, else guessed by their names.
// Names are compared without regard to case, and with blanks and hyphens as underscores.
#pragma once

#include <optional>
#include <string>
#include <vector>

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
  std::optional<std::string> budget = std::nullopt;  // or "none": budgets are not checked
  std::optional<std::vector<std::string>> group_by = std::nullopt;
};

struct GuessedColumns {
  RunColumns columns;
  std::vector<std::string> guesses;  // a sentence for each, those of the table first
};

// Throws InputError for a column that does not exist or cannot be guessed.
GuessedColumns guess_columns(const Table& table, const RequestedColumns& requested);

}  // namespace etalon
