// A trial whose program is under way: its supervisor, and what it has printed so far.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "program/attempt.hpp"
#include "program/file_tail.hpp"
#include "program/metric_watch.hpp"
#include "program/output_lines.hpp"
#include "program/supervisor_process.hpp"

namespace etalon {

class RunningAttempt {
 public:
  using Hear = std::function<void(const CurvePoint&)>;

  // Starts it. `hear` is told of the points of its curve.
  RunningAttempt(std::int64_t trial, std::size_t slot, const AttemptFiles& files,
                 const WatchedMetric& metric, std::int64_t batch_size,
                 const std::vector<std::string>& supervisor, Hear hear);
  RunningAttempt(const RunningAttempt&) = delete;
  RunningAttempt& operator=(const RunningAttempt&) = delete;

  std::int64_t trial() const { return trial_; }
  std::size_t slot() const { return slot_; }
  int descriptor() const { return supervisor_.descriptor(); }  // readable once it has ended
  bool has_ended() { return supervisor_.has_ended(); }
  void stop() const { supervisor_.stop(); }

  // Reads what was printed since; false where that was nothing. Stops a program that diverged.
  bool read();
  // Of one that has ended: reads the rest and judges it.
  TrialResult finish();

 private:
  struct Stream {
    FileTail tail;
    OutputLines lines;
  };

  OutputLines lines();
  void stop_if_lost();

  const std::int64_t trial_;
  const std::size_t slot_;
  const AttemptFiles files_;
  const WatchedMetric metric_;
  const Hear hear_;
  MetricWatch watch_;
  std::array<Stream, 2> streams_;  // stdout, stderr
  bool stopped_as_lost_ = false;
  SupervisorProcess supervisor_;
};

}  // namespace etalon
