// Batches on their way to Slurm, one at a time. sbatch fails while slurmctld is away, and may fail
// though the jobs were taken: before it is tried again, the listing must have been asked since.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "slurm/job_batch.hpp"
#include "slurm/job_listing.hpp"
#include "slurm/tool_run.hpp"

namespace etalon {

class Submission {
 public:
  using Clock = std::chrono::steady_clock;

  // `study` names it, `options` are sbatch's, `supervisor` is what a job runs.
  Submission(std::string study, std::vector<std::string> options,
             std::vector<std::string> supervisor)
      : study_(std::move(study)),
        options_(std::move(options)),
        supervisor_(std::move(supervisor)) {}

  bool is_busy() const { return batch_ || running_; }
  bool is_running() const { return running_ != nullptr; }
  int descriptor() const { return running_ ? running_->descriptor() : -1; }

  void begin(JobBatch batch);  // where it is not busy
  // The number of Slurm's that the batch got, once it is known. Throws RunError where sbatch
  // refuses, unless that may pass, as it may once a batch was taken.
  std::optional<std::string> turn(const JobListing& listing);
  // The listing shows the batch: it was taken.
  void note_taken();
  // Nobody wants it any more. Where it is not running.
  void drop() { batch_.reset(); }
  // The number of the batch that is on its way, if it is.
  std::optional<std::int64_t> batch() const {
    return batch_ ? std::optional(batch_->number) : std::nullopt;
  }

  // Why the last try failed; empty where it did not.
  const std::string& complaint() const { return complaint_; }

 private:
  std::optional<std::string> hear_end();
  void run();

  const std::string study_;
  const std::vector<std::string> options_, supervisor_;
  std::optional<JobBatch> batch_;
  std::unique_ptr<ToolRun> running_;
  std::optional<Clock::time_point> failed_at_;
  Clock::duration pause_{};
  bool was_taken_once_ = false;
  std::string complaint_;
};

}  // namespace etalon
