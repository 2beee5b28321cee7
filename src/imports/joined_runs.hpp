// The parts of runs, as readers find them, made whole.
//
// Parts of one directory and name are one run, and so are:
//   train/ and validation/ below a run       as Keras writes them: metrics get the directory's name
//   a directory of hyperparameters alone     below a run that has none, as PyTorch's add_hparams
//                                            writes them: they are the run's
//   settings in a directory above runs       are those of each of them that lacks them
// Of two readers that tell of one metric, the first in the order of readers counts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imports/logged_run.hpp"

namespace etalon {

struct FoundPart {
  LoggedRun part;
  std::size_t reader = 0;  // its place among all readers
};

// Runs that have a curve, by directory and name; `root` is where the parts were looked for. Curves
// ascend, one point a step: the last one that was logged.
std::vector<LoggedRun> join_parts(std::vector<FoundPart> parts, const std::filesystem::path& root);

// The directory below `root`, and the name: "lr0.1_b64/version_0", "trial 3".
std::string path_of(const LoggedRun& run, const std::filesystem::path& root);

}  // namespace etalon
