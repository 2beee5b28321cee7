// The runs that a study's directory or file holds: trials of `etalon study` and runs of
// `etalon suggest` that were observed, in one table.
//
// Trials that move more than the learning rate (momentum, betas, epsilon, weight decay of their
// own) are left out: they are no points of the sweep. A study has one budget, so that its steps are
// left out too.
#pragma once

#include <filesystem>

#include "runs/table.hpp"

namespace etalon {

// A table from a file of runs, a study's directory (study.db, or trials.csv where only that is
// there) or its study.db. Throws InputError for what is none of these.
Table read_runs(const std::filesystem::path& path);

}  // namespace etalon
