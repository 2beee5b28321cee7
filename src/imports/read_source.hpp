// Runs from whatever holds them: a study, a table of runs, or the logs of other tools, told apart
// by looking.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "imports/logged_run.hpp"
#include "imports/logged_runs.hpp"
#include "runs/run_columns.hpp"
#include "runs/run_source.hpp"

namespace etalon {

struct SourceOptions {
  RequestedColumns columns{};
  std::string from{};         // the name of a form of logs; empty: told by looking
  std::string params_from{};  // a pattern with named groups, found in a run's path; empty: none
};

struct ReadSource {
  RunSource runs;
  // The curves of each group's observations, in their order; empty where the source has none.
  std::vector<std::vector<LoggedCurve>> curves{};
};

// Whether it is a study's directory or database, whose trials are no logs: one of another tool is
// not, a file that is not there may be.
bool holds_study(const std::filesystem::path& path);

// Files that cannot be read among others are left out and said. Throws InputError for what holds no
// runs, naming what it is.
ReadSource read_source(const std::filesystem::path& path, const SourceOptions& options,
                       const Say& say, const HearProgress& progress = nullptr);

}  // namespace etalon
