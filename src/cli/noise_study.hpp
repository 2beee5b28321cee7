// The gradient norms of the first steps of a study of a program, for its noise scale.
#pragma once

#include <filesystem>
#include <string>

#include "runs/norm_log.hpp"

namespace etalon::cli {

std::filesystem::path study_file_in(const std::filesystem::path& directory);
bool is_study(const std::filesystem::path& directory);

// One norm of each seed at each batch size that had two or more. Throws InputError where the study
// is of no program, its trials printed no norm by the name asked for, printed it after a first
// step, or had too few seeds, and for flags that name columns.
SingleLog read_first_norms(const std::filesystem::path& directory, const RequestedNorms& requested,
                           const Say& say);

}  // namespace etalon::cli
