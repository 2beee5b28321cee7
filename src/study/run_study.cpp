// Replays the plan from its start: every round is planned from the rounds before it alone, its
// stored trials are taken over, and the others are run. So a resumed study plans, numbers and runs
// what an uninterrupted one would, wherever it was stopped.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>

#include "core/parallel.hpp"
#include "etalon/error.hpp"
#include "etalon/study.hpp"
#include "study/outcome.hpp"
#include "study/planner.hpp"
#include "study/rules.hpp"

namespace etalon {
namespace {

std::string name_of(const TrialSpec& spec) {
  const std::string moved = describe(spec.moved);
  return fmt::format("trial of batch size {}, learning rate {:g}, {}{}seed {}", spec.batch_size,
                     spec.lr, moved, moved.empty() ? "" : ", ", spec.seed);
}

class Runner {
 public:
  Runner(const Workload& workload, const StudyOptions& options, TrialStore& store,
         StudyObserver& observer, const StopFlag& stop)
      : workload_(workload), options_(options), store_(store), observer_(observer), stop_(stop) {
    for (TrialRecord& record : store_.load()) {
      if (!is_result(record.result.state)) continue;
      const TrialSpec spec = record.spec;
      stored_.emplace(spec, std::move(record));
    }
  }

  // True when the study is complete, false when it was interrupted.
  bool run() {
    for (std::int64_t round = 1;; ++round) {
      const std::vector<PlannedTrial> planned = plan_round(options_, trials_);
      if (planned.empty()) return true;
      if (!run_round(round, planned)) return false;
    }
  }

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
      } else {
        take_over(record, std::move(found->second));
        stored_.erase(found);
      }
    }
    refuse_strangers();
    if (missing.empty()) return true;
    observer_.on_round(round, missing);
    // Small batches take longest per example: started first, they leave no thread waiting last.
    std::stable_sort(missing.begin(), missing.end(), [](const auto& a, const auto& b) {
      return a.spec.batch_size < b.spec.batch_size;
    });
    return run_missing(missing);
  }

  void take_over(const TrialRecord& planned, TrialRecord stored) {
    if (stored.id != planned.id || stored.round != planned.round) refuse(stored);
    trials_.push_back(std::move(stored));
  }

  // A stored trial whose turn has passed without its being planned.
  void refuse_strangers() const {
    for (const auto& [spec, stored] : stored_) {
      if (stored.id < next_id_) refuse(stored);
    }
  }

  [[noreturn]] static void refuse(const TrialRecord& stored) {
    throw InputError(
        fmt::format("the stored {} is not trial {} of this study", name_of(stored.spec), stored.id),
        "stored trials",
        "resume with the options and the version of etalon that the study was started with");
  }

  bool run_missing(std::vector<TrialRecord>& missing) {
    std::atomic<bool> failed = false;
    std::vector<std::string> failures;
    bool complete = true;
    parallel_for(
        missing.size(), threads(),
        [&](std::size_t i) {
          TrialResult& result = missing[i].result;
          result.state = TrialState::interrupted;
          if (failed || stop_.requested()) return;
          result = workload_.run(missing[i].spec, stop_);
          if (result.state == TrialState::finished && !result.objective) {
            result.state = TrialState::failed;
            result.message = "it finished without an objective";
          }
          if (result.state == TrialState::failed) failed = true;
        },
        [&](std::size_t i) {
          switch (missing[i].result.state) {
            case TrialState::finished:
            case TrialState::diverged:
              keep(std::move(missing[i]));
              break;
            case TrialState::failed:
              failures.push_back(fmt::format("the {} failed: {}", name_of(missing[i].spec),
                                             missing[i].result.message));
              [[fallthrough]];
            case TrialState::pending:
            case TrialState::pruned:
            case TrialState::interrupted:
              complete = false;
          }
        });
    if (!failures.empty()) {
      throw RunError(failures.front(), workload_.info().name,
                     "mend it and resume: every finished trial is stored");
    }
    return complete;
  }

  void keep(TrialRecord record) {
    store_.append(record);
    observer_.on_trial(record);
    trials_.push_back(std::move(record));
  }

  std::size_t threads() const {
    return options_.jobs > 0 ? static_cast<std::size_t>(options_.jobs) : processor_count();
  }

  const Workload& workload_;
  const StudyOptions& options_;
  TrialStore& store_;
  StudyObserver& observer_;
  const StopFlag& stop_;
  std::map<TrialSpec, TrialRecord> stored_;  // not yet planned
  std::vector<TrialRecord> trials_;
  std::int64_t next_id_ = 1;
};

}  // namespace

StudyResult run_study(const Workload& workload, const StudyOptions& options, TrialStore& store,
                      StudyObserver& observer, const StopFlag& stop) {
  options.validate();
  const auto start = std::chrono::steady_clock::now();
  StudyResult result;
  result.workload = workload.info();
  result.options = options;
  Runner runner(workload, options, store, observer, stop);
  result.interrupted = !runner.run();
  result.trials = runner.take_trials();
  evaluate(result);
  result.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace etalon
