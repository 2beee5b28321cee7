// What a job runs: the supervisor of one attempt of a batch (`etalon supervise --job BATCH`).
#pragma once

#include <cstdint>
#include <filesystem>

namespace etalon {

// Runs the attempt that the array's index, from the job's environment, names in the batch of
// `directory`, unless the study has heard its end. Throws InputError where there is no such
// attempt.
void supervise_batch(const std::filesystem::path& directory);

}  // namespace etalon
