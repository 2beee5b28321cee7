// Where trials run: threads of this process, or whatever stands behind the same interface, such as
// processes and the jobs of a cluster.
//
// A `TrialRunner` starts trials, tells what they say while they run and how they ended, and stops
// them when asked. It decides nothing: what is run, tried again and stored is the study's part.
//
// Always: every trial that was started says points of its curve, in order, and then ends exactly
// once; one that was stopped before its end ends as `TrialState::interrupted`. A runner is used by
// one thread, and what it hands out is that thread's alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <variant>

#include "etalon/error.hpp"
#include "etalon/workload.hpp"

namespace etalon {

// What a trial says: a point of its curve; or how it ended; or, as its end too, that no trial can
// run with these settings.
struct TrialEvent {
  std::int64_t trial = 0;  // as it was started
  std::variant<CurvePoint, TrialResult, InputError> what;
};

class TrialRunner {
 public:
  // Stops what still runs and waits for it.
  virtual ~TrialRunner() = default;

  // How many trials run side by side, >= 1. May change while they do, as machines come and go.
  virtual std::int64_t slots() const = 0;

  // Takes a trial on; `trial` names it and no other that is under way. What is past `slots()` waits
  // for its turn; a runner may also hold trials back until the next `wait`, to start them together.
  // Throws RunError where no trial can be run at all.
  virtual void start(std::int64_t trial, const TrialSpec& spec) = 0;

  // What is said next, waiting for it `at_most` so long; empty where nothing was said.
  virtual std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) = 0;

  // Asks a trial to stop soon. It then ends as interrupted, unless it came to its end before; one
  // that has ended stays as it is.
  virtual void abort(std::int64_t trial) = 0;

  // Nothing is wanted of a trial, not started here, that an earlier process of the study may have
  // left under way: what is left of it is ended.
  virtual void end_earlier(std::int64_t /*trial*/) {}
};

// Runs a workload's trials on threads of this process, each on one. Threads are started as they
// are needed and kept; where the system has no more to give, trials share those there are, and
// `slots` says how many.
class ThreadRunner final : public TrialRunner {
 public:
  using StartThread = std::function<std::jthread(std::function<void()> work)>;

  // `threads` >= 1. `workload` must outlive the runner. `start_thread` is for tests; by default a
  // thread that leaves SIGINT and SIGTERM to others.
  ThreadRunner(const Workload& workload, std::int64_t threads, StartThread start_thread = {});
  ~ThreadRunner() override;

  std::int64_t slots() const override;
  void start(std::int64_t trial, const TrialSpec& spec) override;
  std::optional<TrialEvent> wait(std::chrono::milliseconds at_most) override;
  void abort(std::int64_t trial) override;

 private:
  class Pool;
  std::unique_ptr<Pool> pool_;
};

}  // namespace etalon
