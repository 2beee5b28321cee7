// The runs of a source and what they say, for the commands that show it: `etalon fit`, and `etalon
// report` of anything that is no study of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/cli11.hpp"
#include "etalon/advice.hpp"
#include "imports/read_source.hpp"
#include "report/fit/fit_output.hpp"

namespace etalon::cli {

struct SourceFlags {
  std::string runs, mode, at;
  std::optional<std::string> optimizer;
  SourceOptions source;
  std::vector<double> batch_sizes;
  AdviceOptions advice;
  bool quiet = false;
};

// Batch sizes to advise on.
void add_target_flag(CLI::App& app, SourceFlags& flags);
// What the columns are, and how logs are read.
void add_column_flags(CLI::App& app, SourceFlags& flags);
void add_log_flags(CLI::App& app, SourceFlags& flags);
void add_statistics_flags(CLI::App& app, SourceFlags& flags);

// Reads the source, saying on standard error what was guessed, and fits each of its groups; with
// `for_a_page`, what charts need besides. Throws InputError for flags that contradict themselves.
FitAnswer fit_source(SourceFlags flags, bool for_a_page);

}  // namespace etalon::cli
