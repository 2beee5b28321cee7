// What is handed to sbatch at once: one job, or an array of them, each of which is one attempt at a
// trial.
//
//   trials/jobs/7/attempts.json   ["12/1", "13/1"]: the attempts, by the index of the array
//   trials/jobs/7/job.sh          the script, which is the same for all
//   trials/jobs/7/0.log           what the job itself said, if anything
//
// A batch is known by the comment of its jobs, "etalon:STUDY:7", which Slurm keeps.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "program/attempt.hpp"

namespace etalon {

// One job of a study: its batch, and its index there.
struct JobPlace {
  std::int64_t batch = 0;
  std::int64_t index = 0;
  auto operator<=>(const JobPlace&) const = default;
};

struct JobBatch {
  std::filesystem::path directory;
  std::int64_t number = 0;
  std::size_t size = 0;
};

// Makes the next batch of `attempts`, which lie below `trials`. Throws RunError.
JobBatch make_batch(const std::filesystem::path& trials, const std::vector<AttemptFiles>& attempts);

// The attempts of the batch in `directory`; empty where it cannot be read.
std::vector<AttemptFiles> attempts_of_batch(const std::filesystem::path& directory);
std::filesystem::path batch_directory(const std::filesystem::path& trials, std::int64_t number);
std::filesystem::path log_of(const std::filesystem::path& trials, const JobPlace& place);

// The command that submits it. `supervisor` is what a job runs, with the batch as last argument.
std::vector<std::string> submission_of(const JobBatch& batch, const std::string& study,
                                       const std::vector<std::string>& options,
                                       const std::vector<std::string>& supervisor);

// Whether an option of sbatch is one that `submission_of` needs for itself.
bool is_own_option(std::string_view option);

std::string comment_of(const std::string& study, std::int64_t batch);
// The batch that a comment names, if it is one of the study.
std::optional<std::int64_t> batch_in(std::string_view comment, const std::string& study);

}  // namespace etalon
