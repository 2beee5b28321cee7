// Settings that are written into the paths of runs: "s1_b0256/lr_0.1", "bs=64,lr=1e-3". Pure.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "imports/logged_run.hpp"

namespace etalon {

// The names of batch sizes, learning rates and seeds that stand before a number in `path`, each
// with its number; of a name that is there twice, the last.
std::vector<std::pair<std::string, std::string>> settings_in_path(const std::string& path);

// Gives runs that have no batch size among their settings those out of their paths below `root`
// that all such runs of their tool have there. Returns what was taken, by name; empty: nothing.
std::vector<std::string> take_settings_of_paths(std::vector<LoggedRun>& runs,
                                                const std::filesystem::path& root);

}  // namespace etalon
