// How the objective of a study, and differences of it, are said: a loss as it is, the steps to a
// target (target.hpp), whose logarithm is the objective, as steps and percents. Pure functions.
#pragma once

#include <string>

#include "etalon/workload.hpp"

namespace etalon {

// Whether the objective is the logarithm of a number of steps.
bool counts_steps(const WorkloadInfo& workload);

// What the objective is called in sentences: "loss", "steps", or the name of what is maximized.
std::string word_of(const WorkloadInfo& workload);

// A difference of the objective in so many digits: "0.02", or "10%" of the steps.
std::string amount_text(const WorkloadInfo& workload, double difference, int digits = 2);

// "0.02 of the best loss", "10% of the fewest steps"
std::string nearness_text(const WorkloadInfo& workload, double tolerance);

// What somebody does who is off by `regret`: "loses 0.3", "takes 35% more steps".
std::string shortfall_text(const WorkloadInfo& workload, double regret);

}  // namespace etalon
