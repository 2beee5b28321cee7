#include "slurm/cancellation.hpp"

#include <vector>

namespace etalon {

void Cancellation::begin(JobTrial& job) {
  if (!job.cancelled_at) job.cancelled_at = Clock::now();
  job.cancel_next = Clock::now();
}

bool Cancellation::turn(std::list<JobTrial>& jobs) {
  if (running_ && running_->has_ended()) running_.reset();
  if (running_) return false;
  for (JobTrial& job : jobs) {
    if (!job.cancelled_at || job.id.empty() || Clock::now() < job.cancel_next) continue;
    ids_.insert(job.id);
    job.cancel_next = Clock::now() + kAgain;
  }
  if (ids_.empty()) return false;
  std::vector<std::string> command = {"scancel"};
  command.insert(command.end(), ids_.begin(), ids_.end());
  ids_.clear();
  running_ = std::make_unique<ToolRun>(command);
  return true;
}

}  // namespace etalon
