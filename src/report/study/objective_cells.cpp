#include "report/study/objective_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/plain_number.hpp"
#include "core/text.hpp"
#include "report/display.hpp"
#include "study/objective_text.hpp"

namespace etalon {
namespace {

// Ended without having come to the target: then its objective is more than that of all its steps.
bool is_missed(const TrialResult& result) {
  return result.objective && *result.objective > std::log(static_cast<double>(result.steps));
}

bool is_missed_at(const StudyResult& result, std::int64_t batch_size, double lr) {
  return std::any_of(result.trials.begin(), result.trials.end(), [&](const TrialRecord& trial) {
    return trial.spec.batch_size == batch_size && trial.spec.lr == lr && is_missed(trial.result);
  });
}

}  // namespace

std::string objective_head(const StudyResult& result) {
  constexpr std::size_t kWidest = 14;
  return shortened(word_of(result.workload), kWidest);
}

std::string objective_cell(const WorkloadInfo& workload, double objective) {
  if (!counts_steps(workload)) return display_loss(workload.shown(objective));
  return rounded_number(std::max(1.0, std::exp(objective)), 3);
}

std::string objective_cell(const StudyResult& result, double objective) {
  return objective_cell(result.workload, objective);
}

std::string trial_objective_text(const WorkloadInfo& workload, const TrialResult& result) {
  if (counts_steps(workload) && is_missed(result)) {
    return fmt::format("not there after {} steps", result.steps);
  }
  const std::string cell = objective_cell(workload, result.objective.value_or(0.0));
  return counts_steps(workload) ? cell + " steps" : cell;
}

std::string objective_cell_at(const StudyResult& result, double objective, std::int64_t batch_size,
                              double lr) {
  const bool may_be_missed = counts_steps(result.workload);
  if (may_be_missed && is_missed_at(result, batch_size, lr)) return "not reached";
  return objective_cell(result, objective);
}

}  // namespace etalon
