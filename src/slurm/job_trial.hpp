// A trial that is a job: where it stands, and what it says.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "etalon/trial.hpp"
#include "program/attempt.hpp"
#include "program/attempt_metrics.hpp"
#include "slurm/job_batch.hpp"

namespace etalon {

class JobTrial {
 public:
  using Clock = std::chrono::steady_clock;
  using Hear = std::function<void(const CurvePoint&)>;

  // `hear` is told of the points of its curve, of each step once, however often the job starts.
  JobTrial(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files,
           const JobPlace& place, const WatchedMetric& metric, MetricPlaces places, Hear hear);

  std::int64_t trial() const { return trial_; }
  const TrialSpec& spec() const { return spec_; }
  const AttemptFiles& files() const { return files_; }
  const JobPlace& place() const { return place_; }

  // Hears what the last run of it printed, and whether that has ended.
  void read();
  // It has diverged, and is not worth its time.
  bool is_lost() const { return live_ && live_->is_lost(); }
  // When the last run was first seen to have ended; nothing where it has not.
  std::optional<Clock::time_point> ended_at() const { return ended_at_; }
  // What it comes to as it stands: that of the last run.
  TrialResult result() const;
  // The end of what the last run printed; before there was one, of what the job said.
  std::string printed(const std::filesystem::path& log) const;

  // What the runner knows of the job.
  std::string id{};                                 // of a job that Slurm took; else empty
  std::optional<Clock::time_point> taken_at{};      // when that was known
  std::optional<Clock::time_point> gone_at{};       // when it was first missed
  std::optional<Clock::time_point> cancelled_at{};  // when that was first asked for
  Clock::time_point cancel_next{};                  // when it is to be asked for again
  bool is_aborted = false;                          // by the study

 private:
  void follow_last_run();
  void hear_once(const CurvePoint& point);

  const std::int64_t trial_;
  const TrialSpec spec_;
  const AttemptFiles files_;
  const JobPlace place_;
  const WatchedMetric metric_;
  const MetricPlaces places_;
  const Hear hear_;
  int run_ = 0;
  std::unique_ptr<AttemptMetrics> live_;  // what the last run says while it is under way
  std::int64_t heard_step_ = -1;
  std::optional<Clock::time_point> ended_at_;
  std::optional<TrialResult> result_;  // once it has ended
};

}  // namespace etalon
