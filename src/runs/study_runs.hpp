// The runs that a study's directory or file holds: trials of `etalon study` and runs of
// `etalon suggest` that were observed, in one table.
//
// Trials that move more than the learning rate (momentum, betas, epsilon, weight decay of their
// own) are left out: they are no points of the sweep. A study has one budget, so that its steps are
// left out too.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "runs/table.hpp"

namespace etalon {

// A table from a file of runs, which may be a pipe, "-" for standard input, a study's directory
// (study.db, or trials.csv where only that is there) or its study.db. Throws InputError for what is
// none of these.
Table read_runs(const std::filesystem::path& path);

// What updates the study at `path` makes, as `etalon suggest` takes it too: the optimizer that was
// given to it, else that of its trials. From study.db, or the summary.json beside a trials.csv.
// Empty where neither says, and for a file of other runs.
std::optional<std::string> study_optimizer(const std::filesystem::path& path);

}  // namespace etalon
