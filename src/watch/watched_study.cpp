#include "watch/watched_study.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// Asked trials are numbered after the others, as in a stored campaign.
std::vector<TrialRecord> pending_of(const StudyFile& study) {
  std::vector<TrialRecord> pending;
  std::int64_t last = 0;
  for (const TrialRecord& trial : study.trials) {
    if (trial.result.state == TrialState::pending)
      pending.push_back(trial);
    else
      last = trial.id;
  }
  for (const AskedTrial& asked : study.asked) {
    if (asked.state != TrialState::pending) continue;
    TrialRecord trial;
    trial.id = last + asked.id;
    trial.round = trial.id;
    trial.stage = Stage::tuned;
    trial.spec = asked.spec;
    trial.attempts = asked.attempts;
    trial.result.state = TrialState::pending;
    pending.push_back(std::move(trial));
  }
  return pending;
}

std::vector<std::int64_t> batch_sizes_in(const std::vector<TrialRecord>& trials) {
  std::vector<std::int64_t> sizes;
  sizes.reserve(trials.size());
  for (const TrialRecord& trial : trials) sizes.push_back(trial.spec.batch_size);
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  return sizes;
}

std::vector<TrialRecord> ended_of(const StudyFile& study) {
  std::vector<TrialRecord> ended;
  std::ranges::copy_if(study.trials, std::back_inserter(ended), [](const TrialRecord& trial) {
    return trial.result.state != TrialState::pending;
  });
  return ended;
}

// Of a study that says nothing yet: its trials alone.
StudyResult nothing_yet(const StudyFile& study, const std::string& name,
                        const std::vector<TrialRecord>& pending) {
  StudyResult result;
  const auto kept = study.meta.find("workload");
  result.workload.name = kept == study.meta.end() ? name : kept->second;
  result.workload.objective_name = "loss";
  result.trials = ended_of(study);
  std::vector<TrialRecord> all = pending;
  all.insert(all.end(), result.trials.begin(), result.trials.end());
  const auto sizes = batch_sizes_in(all);
  if (!sizes.empty()) result.options.batch_sizes = sizes;
  result.options.base_batch_size = default_base_batch_size(result.options.batch_sizes);
  result.options.rules = {};
  result.interrupted = true;
  return result;
}

StudyResult result_so_far(const StudyFile& study, const std::string& name, const Evaluate& evaluate,
                          const std::vector<TrialRecord>& pending) {
  try {
    return evaluate(study);
  } catch (const Error&) {
    return nothing_yet(study, name, pending);
  }
}

Provenance provenance_of(const StudyFile& study, const StudyResult& result) {
  Provenance provenance = collect_provenance({}, "", result.options);
  for (const char* noted : {"command_line", "reproduce_command"}) {
    const auto begun = study.meta.find(noted);
    if (begun != study.meta.end()) provenance.reproduce_command = begun->second;
  }
  return provenance;
}

// Said of a study that somebody works on, it would be wrong.
void forget_interruption(StudyResult& result) {
  constexpr std::string_view kSoFar = "; so far: ";
  const std::size_t end = result.conclusion.find(kSoFar);
  if (!result.conclusion.starts_with("Interrupted after ") || end == std::string::npos) return;
  result.conclusion = result.conclusion.substr(end + kSoFar.size());
  if (!result.conclusion.empty() && result.conclusion[0] >= 'a' && result.conclusion[0] <= 'z') {
    result.conclusion[0] = static_cast<char>(result.conclusion[0] - 'a' + 'A');
  }
}

}  // namespace

WatchedStudy watched_study(const StudyFile& study, const std::string& name,
                           const Evaluate& evaluate) {
  WatchedStudy watched;
  watched.pending = pending_of(study);
  watched.result = result_so_far(study, name, evaluate, watched.pending);
  forget_interruption(watched.result);
  watched.provenance = provenance_of(study, watched.result);
  watched.outlook = outlook_of(watched.result, std::ssize(watched.pending), study.meta);
  watched.open = open_verdicts_of(watched.result);
  return watched;
}

WatchedStudy with_trials_of(const StudyFile& study, WatchedStudy before) {
  if (!study.asked.empty()) return before;
  before.pending = pending_of(study);
  before.result.trials = ended_of(study);
  before.outlook.ended = std::ssize(before.result.trials);
  before.outlook.expected = std::max(before.outlook.expected, before.outlook.ended);
  return before;
}

}  // namespace etalon
