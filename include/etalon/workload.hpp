// What a trial runs: the seam between the study and the thing being studied.
//
// A `Workload` turns (batch size, learning rate, seed) into a loss at the end of a fixed budget; a
// trial may also move some of the optimizer's other settings, as scaling rules do.
// The planner, the storage, the statistics and the report know nothing else about it, so it may
// train a network in this process, launch a program, or evaluate a formula.
//
// Invariants: the result of a trial depends only on its `TrialSpec` and on the workload's settings,
// never on timing or on other trials. Trials with the same seed and batch size start from the same
// weights and see the same examples in the same order, whatever their learning rate, so that their
// losses can be compared in pairs. `run` is called from several threads at once.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "etalon/stop_flag.hpp"
#include "etalon/trial.hpp"

namespace etalon {

// What a workload is, for the storage's fingerprint, the report and the reproduction command.
struct WorkloadInfo {
  std::string name;            // "fashion-mnist mlp:128 sgd"
  std::string objective_name;  // "validation loss"
  std::int64_t examples_per_epoch = 0;
  std::int64_t budget_examples = 0;  // what every trial may spend; 0 where that is told in steps
  // Every setting that changes a result, as text, in a fixed order: dataset, model, optimizer, ...
  // Two workloads with equal settings give equal trials.
  std::vector<std::pair<std::string, std::string>> settings{};
  // What every trial may spend where that is so many steps; both 0 where the workload keeps it to
  // itself.
  std::int64_t budget_steps = 0;
  // Whether the objective is the negative of what its name says, which is better the greater it is.
  bool maximizes = false;

  double shown(double objective) const { return maximizes ? -objective : objective; }  // as named
  // What losses are called: "loss", or the name of what is maximized.
  std::string word() const { return maximizes ? objective_name : "loss"; }
};

// What a running trial asks and tells; used by the thread that runs it.
class TrialMonitor {
 public:
  virtual ~TrialMonitor() = default;
  // Whether to stop soon and return `TrialState::interrupted`. Cheap enough to ask at every step.
  virtual bool should_stop() const = 0;
  // A point of the training curve, in order of steps. Where the result comes without a curve, the
  // points that were reported become it.
  virtual void report(const CurvePoint& point) = 0;
};

class Workload {
 public:
  virtual ~Workload() = default;
  virtual WorkloadInfo info() const = 0;
  // Runs one trial to the end of the budget. Thread-safe. Throws InputError where no trial can run
  // with these settings, which ends the study; a trial that fails by itself returns
  // `TrialState::failed` with a message, or throws anything else.
  virtual TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const = 0;
};

// For trials that nobody listens to: asks `stop` alone.
class StopMonitor final : public TrialMonitor {
 public:
  explicit StopMonitor(const StopFlag& stop) : stop_(stop) {}
  bool should_stop() const override { return stop_.requested(); }
  void report(const CurvePoint& /*point*/) override {}

 private:
  const StopFlag& stop_;
};

// Runs one trial in this thread, to its end or until `stop`, whatever it reports.
inline TrialResult run_trial(const Workload& workload, const TrialSpec& spec,
                             const StopFlag& stop = {}) {
  StopMonitor monitor(stop);
  return workload.run(spec, monitor);
}

}  // namespace etalon
