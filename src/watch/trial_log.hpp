// What is on disk of one trial of a study of a program: its command, and the ends of what it
// printed. Changes nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace etalon {

// "attempts": of each, in order, "directory", "command" (a list), "stdout" and "stderr" (their
// ends, up to 64 KiB each). No attempts where the trial ran in the study's own process.
nlohmann::ordered_json trial_log_json(const std::filesystem::path& study_directory,
                                      std::int64_t trial);

}  // namespace etalon
