// Runs from wherever they are: a file of runs, which may be a pipe, "-" for standard input, a
// study's directory (study.db, or trials.csv where only that is there) or its study.db.
//
// Trials of a study that move more than the learning rate (momentum, betas, epsilon, weight decay,
// averaged weights) are left out: they are no points of the sweep.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "runs/metric.hpp"
#include "runs/run_columns.hpp"
#include "runs/run_groups.hpp"
#include "runs/table.hpp"

namespace etalon {

struct RunSource {
  std::string name;  // for messages
  std::vector<RunGroup> groups;
  std::optional<Metric> metric;  // empty: a study's objective
  // What makes a study's updates: the optimizer that was given to it, else that of its trials.
  std::optional<std::string> study_optimizer;
};

// Hears what was guessed and left out, a sentence each, also where an error follows.
using Say = std::function<void(const std::string& sentence)>;

// Whether it is a study's trials.csv, by its header.
bool holds_trials(const std::filesystem::path& file);

// Out of a table: what its columns are is guessed where it is not requested.
RunSource runs_of_table(const Table& table, const RequestedColumns& requested, const Say& say);

// Throws InputError for what is none of these, naming what it is: a database of another tool, a
// directory of other files.
// `on_bytes` is told how much of a table was read, now and then.
RunSource read_runs(const std::filesystem::path& path, const RequestedColumns& requested = {},
                    const Say& say = nullptr,
                    const std::function<void(std::size_t)>& on_bytes = nullptr);

}  // namespace etalon
