#include "program/running_attempt.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "program/attempt_result.hpp"
#include "program/process_tree.hpp"

namespace etalon {
namespace {

// Of an attempt whose supervisor was killed, which would have done it.
void kill_what_is_left(const AttemptFiles& files) {
  constexpr int kRounds = 20;  // what is killed may have started more meanwhile
  for (int round = 0; round < kRounds; ++round) {
    const auto left = processes_of_attempt(files.directory);
    if (left.empty()) return;
    for (const pid_t process : left) kill(process, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

RunningAttempt::RunningAttempt(std::int64_t trial, std::size_t slot, const AttemptFiles& files,
                               const WatchedMetric& metric, MetricPlaces places,
                               std::int64_t batch_size, const std::vector<std::string>& supervisor,
                               Hear hear)
    : trial_(trial),
      slot_(slot),
      files_(files),
      metrics_(files, metric, std::move(places), batch_size, std::move(hear)),
      supervisor_(supervisor, files) {}

void RunningAttempt::read() {
  metrics_.read();
  stop_if_lost();
}

// What has diverged is not worth its time.
void RunningAttempt::stop_if_lost() {
  if (!metrics_.is_lost() || stopped_as_lost_) return;
  stopped_as_lost_ = true;
  stop();
}

TrialResult RunningAttempt::finish() {
  const auto status = read_status(files_);
  if (!status) kill_what_is_left(files_);
  metrics_.finish();
  return attempt_result(status, metrics_);
}

TrialResult read_result(const AttemptFiles& files, const WatchedMetric& metric, MetricPlaces places,
                        std::int64_t batch_size) {
  AttemptMetrics metrics(files, metric, std::move(places), batch_size, [](const CurvePoint&) {});
  metrics.finish();
  return attempt_result(read_status(files), metrics);
}

std::optional<TrialResult> result_of_ended(const AttemptFiles& files, const WatchedMetric& metric,
                                           MetricPlaces places, std::int64_t batch_size) {
  const auto status = read_status(files);
  if (!status || status->exit_code != 0 || status->stopped != StopCause::none) return std::nullopt;
  TrialResult result = read_result(files, metric, std::move(places), batch_size);
  return is_result(result.state) ? std::optional(std::move(result)) : std::nullopt;
}

}  // namespace etalon
