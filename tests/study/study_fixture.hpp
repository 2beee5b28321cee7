// What the study's tests share: options of a small study, and the noisy quadratic as a workload.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "study/memory_store.hpp"
#include "support/analytic_workload.hpp"
#include "support/noisy_quadratic.hpp"

namespace etalon::testing {

inline AnalyticWorkload noisy_quadratic_workload() {
  return AnalyticWorkload(
      [](double batch_size, double lr) { return KnownQuadratic{}.loss(batch_size, lr); });
}

// ½ · 0.06 ln²(lr / η*(B)) with η* = 0.1 · (B / 32)^power, which diverges nowhere.
inline AnalyticWorkload power_law_workload(double power, double residual_deviation = 0.003) {
  return AnalyticWorkload(
      [=](double batch_size, double lr) {
        const double x = std::log(lr / (0.1 * std::pow(batch_size / 32, power)));
        return 0.5 + 0.03 * x * x;
      },
      0.01, residual_deviation);
}

inline StudyOptions small_options() {
  StudyOptions options;
  options.batch_sizes = {16, 32, 128};
  options.jobs = 1;
  return options;
}

inline StudyResult run(const Workload& workload, const StudyOptions& options, TrialStore& store) {
  StudyObserver observer;
  const StopFlag stop;
  return run_study(workload, options, store, observer, stop);
}

inline StudyResult run(const Workload& workload, const StudyOptions& options) {
  MemoryStore store;
  return run(workload, options, store);
}

inline TrialResult result_in(TrialState state, const std::string& message = "") {
  TrialResult result;
  result.state = state;
  result.message = message;
  return result;
}

// Everything about a trial that may not depend on threads or interruptions.
using Essence =
    std::tuple<std::int64_t, std::int64_t, Stage, TrialSpec, TrialState, std::optional<double>>;

inline std::vector<Essence> essence(const std::vector<TrialRecord>& trials) {
  std::vector<Essence> all;
  for (const TrialRecord& trial : trials) {
    all.emplace_back(trial.id, trial.round, trial.stage, trial.spec, trial.result.state,
                     trial.result.objective);
  }
  return all;
}

}  // namespace etalon::testing
