#include "etalon/store.hpp"

namespace etalon {
namespace {

std::optional<Observation> observation(const TrialSpec& spec, TrialState state,
                                       const std::optional<double>& loss) {
  if (!is_result(state)) return std::nullopt;
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

std::optional<Observation> observation_of(const TrialRecord& trial) {
  return observation(trial.spec, trial.result.state, trial.result.objective);
}

std::optional<Observation> observation_of(const AskedTrial& trial) {
  return observation(trial.spec, trial.state, trial.loss);
}

std::optional<Observation> sweep_point(const TrialRecord& trial) {
  return trial.spec.moved.any() ? std::nullopt : observation_of(trial);
}

std::optional<Observation> sweep_point(const AskedTrial& trial) {
  return trial.spec.moved.any() ? std::nullopt : observation_of(trial);
}

std::vector<TrialSpec> pruned_of(std::span<const TrialRecord> trials) {
  std::vector<TrialSpec> pruned;
  for (const TrialRecord& trial : trials) {
    const bool is_of_sweep = !trial.spec.moved.any();
    if (is_of_sweep && trial.result.state == TrialState::pruned) pruned.push_back(trial.spec);
  }
  return pruned;
}

std::vector<Observation> sweep_of(const StudyFile& study) {
  std::vector<Observation> sweep;
  append_sweep(study.trials, sweep);
  append_sweep(study.asked, sweep);
  return sweep;
}

}  // namespace etalon
