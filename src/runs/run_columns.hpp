// Which columns of a table of runs mean what: named by the user, else guessed by their names and by
// what they hold, and said.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "runs/batch_size_columns.hpp"
#include "runs/measured_at.hpp"
#include "runs/metric.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunColumns {
  BatchSizeColumns batch_size;
  std::string lr;
  Metric metric;
  std::optional<std::string> seed;  // none: replicates are not paired
  std::optional<std::string>
      state;  // see foreign_states.hpp; only what ended as it should is a run
  std::optional<std::string> exit_code;  // other than 0: it failed
  std::optional<std::string> diverged;   // a flag
  std::optional<std::string> failed;     // a flag
  std::optional<std::string> optimizer;
  // Columns that together tell runs apart which have a row for every step of `order`: the last row
  // is the run's, and the greatest learning rate. Empty: every row is a run.
  std::vector<std::string> run;
  std::optional<std::string> order;
  // Rows that hold anything here are left out: they are recipes of their own, no points of a sweep.
  std::vector<std::string> recipes;
  // To check that a group has one budget: its steps, times the batch size, and columns that state a
  // budget themselves (tokens, examples, epochs).
  std::optional<std::string> steps;
  std::vector<std::string> budgets;
  std::vector<std::string> group_by;
  std::vector<std::string> nuisances;  // settings of a random search; see scattered_runs.hpp
  std::vector<std::pair<std::string, std::string>> where;  // only rows that hold this are runs
  MeasuredAt at{};                                         // of a run with several rows
};

// Columns that the user named; what is empty is to be guessed.
struct RequestedColumns {
  std::optional<std::string> batch_size = std::nullopt;
  std::optional<std::string> batch_is = std::nullopt;  // a product of columns
  std::optional<std::string> lr = std::nullopt;
  std::optional<std::string> loss = std::nullopt;
  std::optional<MetricMode> mode = std::nullopt;
  std::optional<std::string> seed = std::nullopt;              // or "none"
  std::optional<std::string> state = std::nullopt;             // or "none"
  std::optional<std::string> budget = std::nullopt;            // or "none": budgets are not checked
  std::optional<std::vector<std::string>> run = std::nullopt;  // or "none"
  std::optional<std::vector<std::string>> group_by = std::nullopt;
  std::vector<std::string> where = {};  // "model=large"
  MeasuredAt at = {};

  bool leaves_out_recipes = false;  // rows that move momentum, betas, epsilon, weight decay

  bool names_any() const;
  // Whether a column of this name may be needed, for reading no others.
  bool is_wanted(std::string_view column) const;

 private:
  bool is_factor(std::string_view column) const;  // of `batch_is`
  bool is_condition(std::string_view column) const;
};

// "model=large", in its parts. Throws InputError of field "where".
struct Condition {
  std::string name, value;
};
Condition parse_condition(const std::string& text, const std::string& source);
// Whether a cell holds it: as text, or as a number.
bool is_same_value(const std::string& cell, const std::string& wanted);

struct GuessedColumns {
  RunColumns columns;
  std::vector<std::string> guesses;  // a sentence for each, those of the table first
};

// Throws InputError for a column that does not exist or cannot be guessed.
GuessedColumns guess_columns(const Table& table, const RequestedColumns& requested);

}  // namespace etalon
