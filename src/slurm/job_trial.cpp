#include "slurm/job_trial.hpp"

#include <utility>

#include "program/file_tail.hpp"
#include "program/running_attempt.hpp"
#include "slurm/job_runs.hpp"

namespace etalon {

JobTrial::JobTrial(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files,
                   const JobPlace& place, const WatchedMetric& metric, MetricPlaces places,
                   Hear hear)
    : trial_(trial),
      spec_(spec),
      files_(files),
      place_(place),
      metric_(metric),
      places_(std::move(places)),
      hear_(std::move(hear)) {}

void JobTrial::read() {
  follow_last_run();
  if (!live_) return;
  live_->read();
  if (ended_at_ || !read_status(files_of_run(files_, run_))) return;
  ended_at_ = Clock::now();
  result_ = read_result(files_of_run(files_, run_), metric_, places_, spec_.batch_size);
}

void JobTrial::follow_last_run() {
  const int last = last_run(files_);
  if (last == run_) return;
  run_ = last;
  ended_at_.reset();
  result_.reset();
  live_ = std::make_unique<AttemptMetrics>(files_of_run(files_, run_), metric_, places_,
                                           spec_.batch_size,
                                           [this](const CurvePoint& point) { hear_once(point); });
}

void JobTrial::hear_once(const CurvePoint& point) {
  if (point.step <= heard_step_) return;
  heard_step_ = point.step;
  hear_(point);
}

// Read anew, for what was read while it grew may lack the end that a network's file system had not
// shown yet.
TrialResult JobTrial::result() const {
  if (result_) return *result_;
  return read_result(files_of_run(files_, run_), metric_, places_, spec_.batch_size);
}

std::string JobTrial::printed(const std::filesystem::path& log) const {
  if (live_) return live_->printed();
  FileTail tail(log);
  while (!tail.read().empty()) {
  }
  return tail.end();
}

}  // namespace etalon
