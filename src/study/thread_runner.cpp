#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include "core/threads.hpp"
#include "etalon/error.hpp"
#include "etalon/runner.hpp"

namespace etalon {
namespace {

TrialResult failed_with(std::string message) {
  TrialResult result;
  result.state = TrialState::failed;
  result.message = std::move(message);
  return result;
}

// What the workload throws about one trial is that trial's failure; InputError passes.
TrialResult run_guarded(const Workload& workload, const TrialSpec& spec, TrialMonitor& monitor) {
  try {
    return workload.run(spec, monitor);
  } catch (const InputError&) {
    throw;
  } catch (const std::bad_alloc&) {
    return failed_with("out of memory");
  } catch (const std::exception& error) {
    return failed_with(error.what());
  } catch (...) {
    return failed_with("it threw what is no std::exception");
  }
}

}  // namespace

// Hands trials to threads, and what they say back to the one that waits.
class ThreadRunner::Pool {
 public:
  Pool(const Workload& workload, std::int64_t threads, StartThread start_thread)
      : workload_(workload),
        start_thread_(start_thread ? std::move(start_thread) : start_worker),
        slots_(threads) {
    if (threads < 1) throw InputError(fmt::format("threads is {}", threads), "", "give 1 or more");
  }

  ~Pool() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (auto& [trial, flag] : stop_flags_) flag.request();
    to_do_changed_.notify_all();
  }

  std::int64_t slots() const { return slots_; }

  void start(std::int64_t trial, const TrialSpec& spec) {
    const std::int64_t needed = std::min(slots_, under_way() + 1);
    if (static_cast<std::int64_t>(threads_.size()) < needed) add_thread();
    const std::lock_guard lock(mutex_);
    stop_flags_.try_emplace(trial);
    assignments_.push_back({trial, spec});
    to_do_changed_.notify_one();
  }

  std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    said_changed_.wait_for(lock, at_most, [&] { return !said_.empty(); });
    if (said_.empty()) return std::nullopt;
    TrialEvent event = std::move(said_.front());
    said_.pop_front();
    if (!std::holds_alternative<CurvePoint>(event.what)) stop_flags_.erase(event.trial);
    return event;
  }

  void abort(std::int64_t trial) {
    const std::lock_guard lock(mutex_);
    const auto found = stop_flags_.find(trial);
    if (found != stop_flags_.end()) found->second.request();
  }

 private:
  struct Assignment {
    std::int64_t trial;
    TrialSpec spec;
  };

  // Collects the curve of its trial and passes it on.
  class Monitor final : public TrialMonitor {
   public:
    Monitor(Pool& pool, std::int64_t trial, const StopFlag& stop)
        : pool_(pool), trial_(trial), stop_(stop) {}
    bool should_stop() const override { return stop_.requested(); }
    void report(const CurvePoint& point) override {
      curve_.push_back(point);
      pool_.say({trial_, point});
    }
    std::vector<CurvePoint> take_curve() { return std::move(curve_); }

   private:
    Pool& pool_;
    const std::int64_t trial_;
    const StopFlag& stop_;
    std::vector<CurvePoint> curve_;
  };

  std::int64_t under_way() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::int64_t>(stop_flags_.size());
  }

  // Without a single thread nothing can run; with one, all can.
  void add_thread() {
    threads_.reserve(threads_.size() + 1);  // a thread that is started must have its place
    try {
      threads_.push_back(start_thread_([this] { work_until_closed(); }));
    } catch (const std::system_error& error) {
      if (threads_.empty()) {
        throw RunError(fmt::format("no thread can be started ({})", error.what()), "",
                       "end other programs, or raise the limit on processes (ulimit -u)");
      }
      slots_ = static_cast<std::int64_t>(threads_.size());
    }
  }

  void work_until_closed() {
    while (const auto next = take()) {
      const auto& [to_do, stop] = *next;
      Monitor monitor(*this, to_do.trial, *stop);
      try {
        say({to_do.trial, run_unless_stopped(to_do.spec, monitor)});
      } catch (const InputError& error) {
        say({to_do.trial, error});
      }
    }
  }

  // What the workload leaves out, its time and its curve, is filled in.
  TrialResult run_unless_stopped(const TrialSpec& spec, Monitor& monitor) const {
    TrialResult result;
    result.state = TrialState::interrupted;
    if (monitor.should_stop()) return result;
    const auto start = std::chrono::steady_clock::now();
    result = run_guarded(workload_, spec, monitor);
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (result.wall_seconds == 0.0) result.wall_seconds = spent.count();
    if (result.curve.empty()) result.curve = monitor.take_curve();
    return result;
  }

  // The next trial and its flag, which lives until its end has been told; empty once closed.
  std::optional<std::pair<Assignment, const StopFlag*>> take() {
    std::unique_lock lock(mutex_);
    to_do_changed_.wait(lock, [&] { return closed_ || !assignments_.empty(); });
    if (closed_) return std::nullopt;
    const Assignment next = assignments_.front();
    assignments_.pop_front();
    return std::pair(next, &stop_flags_.at(next.trial));
  }

  void say(TrialEvent event) {
    const std::lock_guard lock(mutex_);
    said_.push_back(std::move(event));
    said_changed_.notify_one();
  }

  const Workload& workload_;
  const StartThread start_thread_;
  std::int64_t slots_;  // of the thread that uses the runner

  mutable std::mutex mutex_;
  std::condition_variable to_do_changed_, said_changed_;
  // Guarded by mutex_. A trial has a flag from its start until its end has been told.
  std::map<std::int64_t, StopFlag> stop_flags_;
  std::deque<Assignment> assignments_;
  std::deque<TrialEvent> said_;
  bool closed_ = false;

  std::vector<std::jthread> threads_;  // last, so that they end before what they use
};

ThreadRunner::ThreadRunner(const Workload& workload, std::int64_t threads, StartThread start_thread)
    : pool_(std::make_unique<Pool>(workload, threads, std::move(start_thread))) {}

ThreadRunner::~ThreadRunner() = default;

std::int64_t ThreadRunner::slots() const { return pool_->slots(); }

void ThreadRunner::start(std::int64_t trial, const TrialSpec& spec) { pool_->start(trial, spec); }

std::optional<TrialEvent> ThreadRunner::wait(std::chrono::milliseconds at_most) {
  return pool_->wait(at_most);
}

void ThreadRunner::abort(std::int64_t trial) { pool_->abort(trial); }

}  // namespace etalon
