// The parts of runs, as readers find them, made whole.
//
// Parts of one directory and name are one run, and so are:
//   train/ and validation/ below a run       as Keras writes them: metrics get the directory's name
//   a directory of hyperparameters alone     below a run that has none, as PyTorch's add_hparams
//                                            writes them: they are the run's
//   the directories of one id                as W&B makes them for a run that was resumed
//   logs below a directory that a run holds  as Hugging Face's runs/ beside trainer_state.json
//   loggers of one job                       below a directory that holds settings alone, where no
//                                            reader has found more than one run
//   settings in a directory above runs       are those of each of them that lacks them
// Of two readers that tell of one metric, the first in the order of readers counts; of two parts of
// one reader that says when they were begun, the later one.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "imports/found_part.hpp"

namespace etalon {

// Runs that have a curve, by directory and name; `root` is where the parts were looked for. Curves
// ascend, one point a step: the last one that was logged.
std::vector<LoggedRun> join_parts(std::vector<FoundPart> parts, const std::filesystem::path& root);

// The directory below `root`, and the name: "lr0.1_b64/version_0", "trial 3".
std::string path_of(const LoggedRun& run, const std::filesystem::path& root);

}  // namespace etalon
