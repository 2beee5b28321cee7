// What squeue says of all jobs of a study: one call for all of them, again and again, the more
// rarely the longer nothing happens.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "slurm/job_batch.hpp"
#include "slurm/tool_run.hpp"

namespace etalon {

struct ListedJob {
  std::string id;  // as scancel takes it: "17", "17_3"
  JobPlace place;
  std::string state;   // "RUNNING"
  bool lives() const;  // it runs, or will
};

// One line for each job: id, index in the array, state, comment, with '|' in between. Others' jobs,
// and lines that are not so, are left out.
std::vector<ListedJob> jobs_in(std::string_view lines, const std::string& study);

class JobListing {
 public:
  using Clock = std::chrono::steady_clock;

  explicit JobListing(std::string study) : study_(std::move(study)) {}

  // Something happened that will change the answer: the next question comes soon.
  void hurry();
  // Asks where it is time to; true where an answer came, or failed to. Throws RunError where the
  // first question cannot be answered here at all.
  bool turn();
  int descriptor() const { return running_ ? running_->descriptor() : -1; }

  // When the question was asked whose answer stands; nothing before the first.
  std::optional<Clock::time_point> asked_at() const { return asked_at_; }
  const std::vector<ListedJob>& jobs() const { return jobs_; }
  // Why the last question has no answer; empty where it has.
  const std::string& complaint() const { return complaint_; }
  // A job at the place that lives, else one that was there; null: none is known.
  const ListedJob* find(const JobPlace& place) const;

 private:
  void ask();

  const std::string study_;
  std::unique_ptr<ToolRun> running_;
  Clock::time_point running_since_{}, next_{};
  Clock::duration interval_ = std::chrono::seconds(1);
  std::optional<Clock::time_point> asked_at_;
  std::vector<ListedJob> jobs_;
  std::string complaint_;
};

}  // namespace etalon
