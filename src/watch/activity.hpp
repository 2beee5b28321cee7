// Whether somebody works on a study, found out without touching its lock.
#pragma once

#include <filesystem>
#include <optional>

namespace etalon {

// Whether a process of this machine holds the lock of the study file (core/file_lock.hpp), as the
// kernel lists it; empty where it lists none, or the study may be worked on elsewhere.
std::optional<bool> is_worked_on(const std::filesystem::path& study_file);

// Seconds since anything of the study changed, >= 0: its file, the log beside it, its live curves.
// Empty where there is no such file.
std::optional<double> seconds_since_change(const std::filesystem::path& study_file);

}  // namespace etalon
