#include "slurm/submission.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "etalon/error.hpp"
#include "slurm/outage.hpp"

namespace etalon {
namespace {

constexpr std::chrono::seconds kFirstPause(2), kLongestPause(60);

}  // namespace

void Submission::begin(JobBatch batch) {
  batch_ = std::move(batch);
  pause_ = kFirstPause;
  run();
}

void Submission::run() {
  failed_at_.reset();
  running_ = std::make_unique<ToolRun>(submission_of(*batch_, study_, options_, supervisor_));
}

std::optional<std::string> Submission::turn(const JobListing& listing) {
  if (running_) return running_->has_ended() ? hear_end() : std::nullopt;
  if (!batch_ || !failed_at_) return std::nullopt;
  const bool listed_since = listing.asked_at() && *listing.asked_at() > *failed_at_;
  if (listed_since && Clock::now() > *failed_at_ + pause_) {
    pause_ = std::min<Clock::duration>(pause_ * 2, kLongestPause);
    run();
  }
  return std::nullopt;
}

std::optional<std::string> Submission::hear_end() {
  const std::unique_ptr<ToolRun> ended = std::move(running_);
  const std::string output = ended->output();
  const std::string number = output.substr(0, output.find_first_of(";\n"));  // "17;cluster"
  if (ended->went_well() && !number.empty()) {
    note_taken();
    return number;
  }
  if (!batch_) return std::nullopt;  // it was taken all the same
  const std::string error = ended->errors();
  if (!was_taken_once_ && !is_outage(error)) {
    throw RunError(error, "",
                   fmt::format("mend what is given to sbatch by {}, and go on with the study",
                               field_name("slurm_option")));
  }
  complaint_ = error;
  failed_at_ = Clock::now();
  return std::nullopt;
}

void Submission::note_taken() {
  batch_.reset();
  failed_at_.reset();
  complaint_.clear();
  was_taken_once_ = true;
}

}  // namespace etalon
