#include "slurm/job_listing.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "etalon/error.hpp"
#include "slurm/outage.hpp"

namespace etalon {
namespace {

constexpr std::chrono::seconds kSoon(1), kRarely(30);

// The states in which a job stays as it is.
constexpr std::array<std::string_view, 10> kEnds = {
    "BOOT_FAIL", "CANCELLED",     "COMPLETED", "DEADLINE", "FAILED",
    "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED",  "TIMEOUT"};

// The first field of the line, which is taken off it.
std::string_view next_field(std::string_view& line) {
  const std::size_t end = std::min(line.find('|'), line.size());
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return field;
}

std::optional<ListedJob> job_in(std::string_view line, const std::string& study) {
  ListedJob job;
  job.id = next_field(line);
  const std::string_view index = next_field(line);
  job.state = next_field(line);
  const auto batch = batch_in(line, study);
  if (!batch || job.id.empty()) return std::nullopt;
  job.place.batch = *batch;
  // A job that is no array has no index ("N/A").
  std::from_chars(index.data(), index.data() + index.size(), job.place.index);
  return job;
}

}  // namespace

bool ListedJob::lives() const {
  return std::find(kEnds.begin(), kEnds.end(), state) == kEnds.end();
}

std::vector<ListedJob> jobs_in(std::string_view lines, const std::string& study) {
  std::vector<ListedJob> jobs;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    if (auto job = job_in(lines.substr(0, end), study)) jobs.push_back(std::move(*job));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return jobs;
}

void JobListing::hurry() {
  interval_ = kSoon;
  next_ = std::min(next_, Clock::now() + kSoon);
}

bool JobListing::turn() {
  if (!running_) {
    if (Clock::now() >= next_) ask();
    return false;
  }
  if (!running_->has_ended()) return false;
  complaint_ = running_->went_well() ? "" : running_->errors();
  if (!asked_at_ && !complaint_.empty() && !is_outage(complaint_)) {
    throw RunError(complaint_, "", "run the study where Slurm's commands work");
  }
  if (running_->went_well()) {
    jobs_ = jobs_in(running_->output(), study_);
    asked_at_ = running_since_;
  }
  running_.reset();
  next_ = Clock::now() + interval_;
  interval_ = std::min<Clock::duration>(interval_ * 3 / 2, kRarely);
  return true;
}

void JobListing::ask() {
  running_since_ = Clock::now();
  running_ = std::make_unique<ToolRun>(std::vector<std::string>{
      "squeue", "--me", "--noheader", "--array", "--states=all", "--format=%i|%K|%T|%k"});
}

const ListedJob* JobListing::find(const JobPlace& place) const {
  const ListedJob* found = nullptr;
  for (const ListedJob& job : jobs_) {
    if (job.place == place && (found == nullptr || job.lives())) found = &job;
  }
  return found;
}

}  // namespace etalon
