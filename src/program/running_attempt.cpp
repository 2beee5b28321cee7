#include "program/running_attempt.hpp"

#include <chrono>
#include <csignal>
#include <thread>
#include <utility>

#include "program/attempt_result.hpp"
#include "program/process_tree.hpp"

namespace etalon {
namespace {

// What a supervisor that is well may be late by.
constexpr std::chrono::seconds kLate(2);

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
                               const Launch& launch, Hear hear)
    : trial_(trial),
      slot_(slot),
      files_(files),
      metrics_(files, metric, std::move(places), batch_size, std::move(hear)),
      limit_(launch.limit),
      grace_(launch.grace),
      supervisor_(supervisor, files) {}

void RunningAttempt::read() {
  metrics_.read();
  stop_if_lost();
  stop_if_overdue();
}

// A supervisor ends its program by itself. One that is late is woken, should it be halted; one that
// has ended nothing when it must have killed is killed, and its program with it.
void RunningAttempt::stop_if_overdue() {
  if (!limit_ || killed_as_overdue_) return;
  const auto late = std::chrono::steady_clock::now() - start_ - *limit_;
  if (late < kLate) return;
  supervisor_.wake();
  if (late < kLate + grace_ + kLate) return;
  killed_as_overdue_ = true;
  supervisor_.kill();
}

// What has diverged is not worth its time.
void RunningAttempt::stop_if_lost() {
  if (!metrics_.is_lost() || stopped_as_lost_) return;
  stopped_as_lost_ = true;
  stop();
}

std::optional<AttemptStatus> RunningAttempt::status_of_overdue() const {
  if (!killed_as_overdue_) return std::nullopt;
  AttemptStatus status;
  status.stopped = StopCause::timed_out;
  status.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return status;
}

TrialResult RunningAttempt::finish() {
  const auto status = read_status(files_);
  if (!status) kill_what_is_left(files_);
  metrics_.finish();
  return attempt_result(status ? status : status_of_overdue(), metrics_);
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
