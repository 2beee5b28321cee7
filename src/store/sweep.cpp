#include "etalon/store.hpp"

namespace etalon {
namespace {

std::optional<Observation> observation_of(const TrialSpec& spec, TrialState state,
                                          const std::optional<double>& loss) {
  if (!is_result(state) || spec.moved.any()) return std::nullopt;
  return Observation{static_cast<double>(spec.batch_size), spec.lr, spec.seed,
                     state == TrialState::finished ? loss : std::nullopt};
}

template <typename Trial>
void append_sweep(const std::vector<Trial>& trials, std::vector<Observation>& sweep) {
  for (const Trial& trial : trials) {
    if (auto point = sweep_point(trial)) sweep.push_back(*point);
  }
}

}  // namespace

std::optional<Observation> sweep_point(const TrialRecord& trial) {
  return observation_of(trial.spec, trial.result.state, trial.result.objective);
}

std::optional<Observation> sweep_point(const AskedTrial& trial) {
  return observation_of(trial.spec, trial.state, trial.loss);
}

std::vector<Observation> sweep_of(const StudyFile& study) {
  std::vector<Observation> sweep;
  append_sweep(study.trials, sweep);
  append_sweep(study.asked, sweep);
  return sweep;
}

}  // namespace etalon
