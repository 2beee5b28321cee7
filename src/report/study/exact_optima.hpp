// The optima of a study whose workload is solved exactly, beside those that were measured.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "etalon/study.hpp"

namespace etalon {

struct ExactOptimum {
  std::int64_t batch_size = 0;
  double lr = 0.0;    // of least expected loss at the end of the budget; of a target, of the
                      // fewest updates until the expected loss is there
  double loss = 0.0;  // expected there; of a target, the logarithm of those updates
};

// One for each of the study's batch sizes, but for those that take longer to the target than the
// budget; none where its workload has no closed form.
std::vector<ExactOptimum> exact_optima(const StudyResult& result);

// Of a study with a target whose workload has a closed form: E_min / S_min.
std::optional<double> exact_critical_batch_size(const StudyResult& result);

// "The exact best η, in closed form, lies in 8 of the 9 intervals."; empty where there is nothing
// to hold them against.
std::string exact_sentence(const StudyResult& result, const std::vector<ExactOptimum>& exact);

}  // namespace etalon
