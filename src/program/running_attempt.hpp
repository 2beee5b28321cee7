// A trial whose program is under way: its supervisor, and what it has said so far.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "program/attempt.hpp"
#include "program/attempt_metrics.hpp"
#include "program/supervisor_process.hpp"

namespace etalon {

class RunningAttempt {
 public:
  using Hear = AttemptMetrics::Hear;

  // Starts it. `hear` is told of the points of its curve.
  RunningAttempt(std::int64_t trial, std::size_t slot, const AttemptFiles& files,
                 const WatchedMetric& metric, MetricPlaces places, std::int64_t batch_size,
                 const std::vector<std::string>& supervisor, const Launch& launch, Hear hear);
  RunningAttempt(const RunningAttempt&) = delete;
  RunningAttempt& operator=(const RunningAttempt&) = delete;

  std::int64_t trial() const { return trial_; }
  std::size_t slot() const { return slot_; }
  int descriptor() const { return supervisor_.descriptor(); }  // readable once it has ended
  bool has_ended() { return supervisor_.has_ended(); }
  void stop() const { supervisor_.stop(); }

  // Reads what was said since. Stops a program that diverged, and one whose time is over though its
  // supervisor, which is halted or hangs, does nothing about it.
  void read();
  // Of one that has ended: reads the rest and judges it.
  TrialResult finish();

 private:
  void stop_if_lost();
  void stop_if_overdue();
  std::optional<AttemptStatus> status_of_overdue() const;

  const std::int64_t trial_;
  const std::size_t slot_;
  const AttemptFiles files_;
  AttemptMetrics metrics_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const std::optional<std::chrono::milliseconds> limit_;
  const std::chrono::milliseconds grace_;
  bool stopped_as_lost_ = false, killed_as_overdue_ = false;
  SupervisorProcess supervisor_;
};

// What an attempt that has ended comes to, read anew from its files.
TrialResult read_result(const AttemptFiles& files, const WatchedMetric& metric, MetricPlaces places,
                        std::int64_t batch_size);

// The result of an attempt at the trial that ended well though nobody heard of it; nothing where it
// did not.
std::optional<TrialResult> result_of_ended(const AttemptFiles& files, const WatchedMetric& metric,
                                           MetricPlaces places, std::int64_t batch_size);

}  // namespace etalon
