// Tables as other tools and other people write them, read to groups of runs.
#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "etalon/error.hpp"
#include "runs/run_groups.hpp"

namespace etalon::testing {

struct Read {
  std::vector<RunGroup> groups;
  std::vector<std::string> said;

  const std::vector<Observation>& runs() const { return groups.at(0).observations; }
};

inline Read take(const Table& table, const RequestedColumns& requested = {}) {
  GuessedColumns guessed = guess_columns(table, requested);
  GroupedRuns runs = group_runs(table, guessed.columns);
  Read read{std::move(runs.groups), std::move(guessed.guesses)};
  read.said.insert(read.said.end(), runs.said.begin(), runs.said.end());
  return read;
}

inline Read take_text(const std::string& text, const RequestedColumns& requested = {}) {
  std::istringstream input(text);
  return take(read_table(input, "runs"), requested);
}

inline Read take_case(const std::string& name, const RequestedColumns& requested = {}) {
  return take(read_table(std::filesystem::path(ETALON_RUN_CASES) / name), requested);
}

inline std::string message_of(const std::string& text, const RequestedColumns& requested = {}) {
  try {
    take_text(text, requested);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

inline std::set<double> batch_sizes_of(const std::vector<Observation>& runs) {
  std::set<double> sizes;
  for (const Observation& run : runs) sizes.insert(run.batch_size);
  return sizes;
}

inline std::vector<double> losses_of(const std::vector<Observation>& runs) {
  std::vector<double> losses;
  for (const Observation& run : runs) losses.push_back(run.loss.value_or(NAN));
  return losses;
}

// The run at a batch size and learning rate.
inline const Observation& at(const std::vector<Observation>& runs, double batch_size, double lr) {
  const auto found = std::find_if(runs.begin(), runs.end(), [&](const Observation& run) {
    return run.batch_size == batch_size && run.lr == lr;
  });
  return found == runs.end() ? throw std::out_of_range("no such run") : *found;
}

}  // namespace etalon::testing
