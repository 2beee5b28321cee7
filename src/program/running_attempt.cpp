#include "program/running_attempt.hpp"

#include <utility>

#include "program/attempt_result.hpp"

namespace etalon {

RunningAttempt::RunningAttempt(std::int64_t trial, std::size_t slot, const AttemptFiles& files,
                               const WatchedMetric& metric, std::int64_t batch_size,
                               const std::vector<std::string>& supervisor, Hear hear)
    : trial_(trial),
      slot_(slot),
      files_(files),
      metric_(metric),
      watch_(metric, batch_size),
      printed_(files, watch_, std::move(hear)),
      supervisor_(supervisor, files) {}

void RunningAttempt::read() {
  printed_.read();
  stop_if_lost();
}

// What has diverged is not worth its time.
void RunningAttempt::stop_if_lost() {
  if (!watch_.is_lost() || stopped_as_lost_) return;
  stopped_as_lost_ = true;
  stop();
}

TrialResult RunningAttempt::finish() {
  printed_.finish();
  return attempt_result(read_status(files_), watch_, metric_, printed_.end());
}

std::optional<TrialResult> result_of_ended(const AttemptFiles& files, const WatchedMetric& metric,
                                           std::int64_t batch_size) {
  const auto status = read_status(files);
  if (!status || status->exit_code != 0 || status->stopped != StopCause::none) return std::nullopt;
  MetricWatch watch(metric, batch_size);
  PrintedStreams printed(files, watch, [](const CurvePoint&) {});
  printed.finish();
  TrialResult result = attempt_result(status, watch, metric, printed.end());
  return is_result(result.state) ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace etalon
