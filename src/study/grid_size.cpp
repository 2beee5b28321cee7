#include "study/grid_size.hpp"

#include <map>
#include <set>
#include <utility>

namespace etalon {

std::int64_t grid_trials(const StudyResult& result) {
  std::map<std::pair<std::int64_t, double>, std::int64_t> runs;
  std::set<double> compared;
  for (const TrialRecord& trial : result.trials) {
    const TrialSpec& spec = trial.spec;
    if (trial.result.state != TrialState::finished || spec.moved.any()) continue;
    if (++runs[{spec.batch_size, spec.lr}] == result.options.seeds) compared.insert(spec.lr);
  }
  return static_cast<std::int64_t>(compared.size() * result.options.batch_sizes.size()) *
         result.options.seeds;
}

}  // namespace etalon
