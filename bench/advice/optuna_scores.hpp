// The search task with Optuna's samplers, which a script of Python runs.
#pragma once

#include <string>
#include <vector>

#include "advice/search.hpp"

namespace etalon::bench {

struct OptunaRun {
  std::string python;  // one that has optuna
  std::string file;    // of runs
  std::vector<std::string> group_by;
  int stride = 1;
};

// A score for each sampler; none where that Python has no optuna.
std::vector<SearchScore> search_with_optuna(const OptunaRun& run);

}  // namespace etalon::bench
