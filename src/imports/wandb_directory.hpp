// The directory that W&B makes for a run each time it is begun or resumed: run-DATE-ID, or
// offline-run-DATE-ID.
#pragma once

#include <filesystem>

#include "imports/logged_run.hpp"

namespace etalon {

// Makes `run` that of the directory: its id and when it was begun, where the directory's name says
// them, and the files below it are the run's.
void set_wandb_directory(const std::filesystem::path& directory, LoggedRun& run);

}  // namespace etalon
