#include "program/running_attempt.hpp"

#include <utility>

#include "program/attempt_result.hpp"
#include "program/metric_text.hpp"

namespace etalon {

RunningAttempt::RunningAttempt(std::int64_t trial, std::size_t slot, const AttemptFiles& files,
                               const WatchedMetric& metric, std::int64_t batch_size,
                               const std::vector<std::string>& supervisor, Hear hear)
    : trial_(trial),
      slot_(slot),
      files_(files),
      metric_(metric),
      hear_(std::move(hear)),
      watch_(metric, batch_size),
      streams_{{{FileTail(files.output), lines()}, {FileTail(files.errors), lines()}}},
      supervisor_(supervisor, files) {}

OutputLines RunningAttempt::lines() {
  return OutputLines([this](std::string_view line) {
    if (const auto point = watch_.hear(metrics_in(line))) hear_(*point);
  });
}

bool RunningAttempt::read() {
  bool any = false;
  for (auto& [tail, lines] : streams_) {
    const std::string_view piece = tail.read();
    any = any || !piece.empty();
    lines.take(piece);
  }
  stop_if_lost();
  return any;
}

// What has diverged is not worth its time.
void RunningAttempt::stop_if_lost() {
  if (!watch_.is_lost() || stopped_as_lost_) return;
  stopped_as_lost_ = true;
  stop();
}

TrialResult RunningAttempt::finish() {
  while (read()) {
  }
  for (auto& [tail, lines] : streams_) lines.finish();
  const std::string printed = streams_.front().tail.end() + '\n' + streams_.back().tail.end();
  return attempt_result(read_status(files_), watch_, metric_, printed);
}

}  // namespace etalon
