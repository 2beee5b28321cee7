// Jobs that are to go: handed to scancel together, one call at a time, and again while they live.
#pragma once

#include <list>
#include <memory>
#include <set>
#include <string>

#include "slurm/job_trial.hpp"
#include "slurm/tool_run.hpp"

namespace etalon {

class Cancellation {
 public:
  using Clock = JobTrial::Clock;

  // Before a job that still lives is cancelled again.
  static constexpr std::chrono::seconds kAgain{10};

  // A job by Slurm's name, once.
  void add(const std::string& id) { ids_.insert(id); }
  // One of the study, from now on until it is gone.
  static void begin(JobTrial& job);

  // Calls scancel where something is to go and no call is under way; true where it did. Throws
  // RunError where there is no scancel.
  bool turn(std::list<JobTrial>& jobs);
  bool is_busy() const { return running_ != nullptr; }
  int descriptor() const { return running_ ? running_->descriptor() : -1; }

 private:
  std::set<std::string> ids_;
  std::unique_ptr<ToolRun> running_;
};

}  // namespace etalon
