// The runs that the logs of other tools tell of, whole and with the settings that their paths say.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "imports/logged_run.hpp"
#include "runs/run_source.hpp"

namespace etalon {

// How much of how much was read, in bytes or in files.
using HearProgress = std::function<void(double done, double all, std::string_view unit)>;

struct LogOptions {
  std::string from{};          // the name of a form of logs; empty: told by looking
  std::string params_from{};   // a pattern with named groups, found in a run's path; empty: none
  bool guesses_params = true;  // where there is no pattern
};

struct LoggedRuns {
  std::vector<LoggedRun> runs;  // none where there are no logs
  std::filesystem::path root;   // below which they lie
};

// Of a file of logs, or of a directory, told by looking. Files that cannot be read among others are
// left out and said. Throws InputError.
LoggedRuns read_logged_runs(const std::filesystem::path& path, const LogOptions& options,
                            const Say& say, const HearProgress& progress = nullptr);

}  // namespace etalon
