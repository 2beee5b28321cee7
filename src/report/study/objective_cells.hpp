// Values of a study's objective in the cells of its tables: losses, or of a target steps. Pure
// functions.
#pragma once

#include <cstdint>
#include <string>

#include "etalon/study.hpp"

namespace etalon {

// The head of such a column.
std::string objective_head(const StudyResult& result);

// A loss as it is named, or of a target the steps of which `objective` is the logarithm.
std::string objective_cell(const StudyResult& result, double objective);
std::string objective_cell(const WorkloadInfo& workload, double objective);

// The same of what was run at a learning rate: "not reached" where a run there does not arrive.
std::string objective_cell_at(const StudyResult& result, double objective, std::int64_t batch_size,
                              double lr);

// What a finished trial came to: a loss, "571 steps", "not there after 2000 steps".
std::string trial_objective_text(const WorkloadInfo& workload, const TrialResult& result);

}  // namespace etalon
