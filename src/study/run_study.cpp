// Replays the plan from its start: every round is planned from the rounds before it alone, its
// stored trials are taken over, and the others are run. So a resumed study plans, numbers and runs
// what an uninterrupted one would, wherever it was stopped.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "core/threads.hpp"
#include "etalon/error.hpp"
#include "etalon/study.hpp"
#include "study/outcome.hpp"
#include "study/planner.hpp"
#include "study/round_run.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

// The time spent on a study: that of earlier sessions, and of this one so far.
class Stopwatch {
 public:
  explicit Stopwatch(TrialStore& store) : store_(store), before_(store.wall_seconds()) {}

  double seconds() const {
    const std::chrono::duration<double> now = std::chrono::steady_clock::now() - start_;
    return before_ + now.count();
  }
  // Keeps it in the store, though not so often that quick trials wait for it.
  void note() {
    if (seconds() - noted_ > kOftenSeconds) write();
  }
  void write() {
    noted_ = seconds();
    store_.set_wall_seconds(noted_);
  }

 private:
  static constexpr double kOftenSeconds = 1.0;

  TrialStore& store_;
  const double before_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double noted_ = before_;
};

class StudyRun {
 public:
  StudyRun(TrialRunner& runner, const StudyOptions& options, TrialStore& store,
           StudyObserver& observer, const StopFlag& stop)
      : runner_(runner),
        options_(options),
        store_(store),
        observer_(observer),
        stop_(stop),
        stopwatch_(store) {
    for (TrialRecord& record : store_.load()) {
      last_round_ = std::max(last_round_, record.round);
      const TrialSpec spec = record.spec;
      stored_.emplace(spec, std::move(record));
    }
  }

  // True when the study is complete, false when it was interrupted.
  bool run() {
    bool complete = true;
    for (std::int64_t round = 1; complete; ++round) {
      const std::vector<PlannedTrial> planned = plan_round(options_, trials_);
      if (planned.empty()) break;
      complete = run_round(round, planned);
    }
    stopwatch_.write();
    return complete;
  }

  double seconds() const { return stopwatch_.seconds(); }

  std::vector<TrialRecord> take_trials() {
    std::sort(trials_.begin(), trials_.end(),
              [](const TrialRecord& a, const TrialRecord& b) { return a.id < b.id; });
    return std::move(trials_);
  }

 private:
  bool run_round(std::int64_t round, const std::vector<PlannedTrial>& planned) {
    std::vector<TrialRecord> missing;
    for (const PlannedTrial& trial : planned) {
      TrialRecord record{next_id_++, round, trial.stage, trial.spec, {}};
      const auto found = stored_.find(trial.spec);
      if (found == stored_.end()) {
        missing.push_back(std::move(record));
        continue;
      }
      check_place(record, found->second);
      if (is_final(found->second)) {
        trials_.push_back(std::move(found->second));
      } else {
        missing.push_back(std::move(record));
      }
      stored_.erase(found);
    }
    refuse_strangers();
    const bool complete = missing.empty() || run_missing(round, missing);
    if (complete) refuse_if_all_failed();
    return complete;
  }

  // A failed trial may be tried again until a later round was decided without it; one that was
  // never run to its end is run.
  bool is_final(const TrialRecord& stored) const {
    const TrialState state = stored.result.state;
    return is_result(state) || (state == TrialState::failed && stored.round < last_round_);
  }

  static void check_place(const TrialRecord& planned, const TrialRecord& stored) {
    if (stored.id != planned.id || stored.round != planned.round) refuse(stored);
  }

  // A stored trial whose turn has passed without its being planned.
  void refuse_strangers() const {
    for (const auto& [spec, stored] : stored_) {
      if (stored.id < next_id_) refuse(stored);
    }
  }

  [[noreturn]] static void refuse(const TrialRecord& stored) {
    throw InputError(
        fmt::format("the stored trial of {} is not trial {} of this study", describe(stored.spec),
                    stored.id),
        "stored trials",
        "resume with the options and the version of etalon that the study was started with");
  }

  bool run_missing(std::int64_t round, std::vector<TrialRecord>& missing) {
    observer_.on_round(round, missing);
    // Small batches take longest per example: started first, they leave no slot waiting last.
    std::stable_sort(missing.begin(), missing.end(), [](const auto& a, const auto& b) {
      return a.spec.batch_size < b.spec.batch_size;
    });
    return RoundRun(runner_, options_.retries, observer_, stop_,
                    [this](TrialRecord record) { keep(std::move(record)); })
        .run(missing);
  }

  void keep(TrialRecord record) {
    store_.append(record);
    stopwatch_.note();
    observer_.on_trial(record);
    trials_.push_back(std::move(record));
  }

  // With nothing but failures there is nothing to decide from.
  void refuse_if_all_failed() {
    const bool any = std::any_of(trials_.begin(), trials_.end(), [](const TrialRecord& trial) {
      return is_result(trial.result.state);
    });
    if (any || trials_.empty()) return;
    const auto& first = *std::min_element(trials_.begin(), trials_.end(),
                                          [](const auto& a, const auto& b) { return a.id < b.id; });
    throw RunError(fmt::format("all of {} trials failed; that of {}: {}", trials_.size(),
                               describe(first.spec), first.result.message),
                   "", "mend it and resume");
  }

  TrialRunner& runner_;
  const StudyOptions& options_;
  TrialStore& store_;
  StudyObserver& observer_;
  const StopFlag& stop_;
  Stopwatch stopwatch_;
  std::map<TrialSpec, TrialRecord> stored_;  // not yet planned
  std::int64_t last_round_ = 0;              // of those that were stored
  std::vector<TrialRecord> trials_;
  std::int64_t next_id_ = 1;
};

std::int64_t threads_of(const StudyOptions& options) {
  return options.jobs > 0 ? options.jobs : static_cast<std::int64_t>(processor_count());
}

}  // namespace

StudyResult run_study(const WorkloadInfo& workload, TrialRunner& runner,
                      const StudyOptions& options, TrialStore& store, StudyObserver& observer,
                      const StopFlag& stop) {
  options.validate();
  StudyResult result;
  result.workload = workload;
  result.options = options;
  StudyRun study(runner, options, store, observer, stop);
  result.interrupted = !study.run();
  result.trials = study.take_trials();
  evaluate(result);
  result.wall_seconds = study.seconds();
  return result;
}

StudyResult run_study(const Workload& workload, const StudyOptions& options, TrialStore& store,
                      StudyObserver& observer, const StopFlag& stop) {
  options.validate();
  ThreadRunner runner(workload, threads_of(options));
  return run_study(workload.info(), runner, options, store, observer, stop);
}

}  // namespace etalon
