// A campaign: a study whose trials are dear, so that each is chosen by what it would tell, under a
// budget of trials or of time.
//
// Where `run_study` plans in rounds, a campaign has no barriers: whenever a slot is free, the next
// trial is decided by `propose` from all that is known, with those under way counted as what they
// are expected to say. Every decision is stored before it is carried out, so that a campaign that
// was interrupted goes on with the same trials. It may end anywhere and be given more later.
//
// Trials may be pruned, stopped before their end (pruning.hpp); that is stored before it is done,
// and holds when the campaign goes on. A pruned trial bounds the loss surface, and counts for the
// share of a trial that it took, so that what it saved is spent on others.
//
// A trial that fails is tried again `retries` times, unless it ran out of memory, which the batch
// size is then left out for, or out of time. What may pass is tried once more on resuming.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "etalon/ask_tell.hpp"
#include "etalon/pruning.hpp"
#include "etalon/runner.hpp"
#include "etalon/store.hpp"
#include "etalon/study.hpp"

namespace etalon {

// What trials set besides the learning rate, which the campaign searches: by batch size what
// differs there from the program's own settings. Verdicts, optima and recommendations are then of
// learning rates with these settings moved.
struct MovingSettings {
  std::string rule{};                // whose doing it is; empty: nothing moves
  std::int64_t base_batch_size = 0;  // at which the settings are the program's own
  std::map<std::int64_t, MovedSettings> at{};

  // Those of a trial at this batch size.
  MovedSettings of(std::int64_t batch_size) const {
    const auto found = at.find(batch_size);
    return found == at.end() ? MovedSettings{} : found->second;
  }
};

// The names of what moves at any batch size, in the order of kMovableSettings.
std::vector<std::string> moved_names(const MovingSettings& moving);

struct CampaignOptions {
  ProposalOptions ask;                // the batch sizes that matter, where to start, seeds
  std::int64_t trials = 24;           // whole ones, in all sessions together, >= 1
  std::optional<double> seconds{};    // after which nothing more is started, in all sessions, > 0
  std::int64_t retries = 1;           // of a trial that failed, in [0, 100]
  double tolerance = 0.01;            // loss that counts as "the same", > 0
  bool tolerance_is_relative = true;  // to the least loss
  MovingSettings moving{};
  std::optional<PruningOptions> pruning{};  // default: every trial runs to its end
  // Whether a failure is one that another try may mend, and whether it speaks against the batch
  // size. Default: every failure may pass, and none speaks against the batch size.
  std::function<bool(const TrialResult&)> may_pass{};
  std::function<bool(const TrialResult&)> is_too_large{};
  // What to do about a batch size that is, for the answer.
  std::string too_large_remedy = "a micro-batch makes it of smaller passes, where the program can";
  void validate() const;
};

// As `study_fingerprint`; `trials`, `seconds`, `retries`, `pruning` and the tolerance may change on
// resuming.
Fingerprint campaign_fingerprint(const WorkloadInfo& workload, const CampaignOptions& options);

// Runs until the budget is spent, until all that is left to try is more replicates than
// `ask.seeds`, or until `stop`. What it says comes from one loss surface over all batch sizes
// (advice.hpp), with intervals of 80%; rules are not tested. Throws as `run_study`; RunError
// quoting the first where the first three trials all failed.
StudyResult run_campaign(const WorkloadInfo& workload, TrialRunner& runner,
                         const CampaignOptions& options, TrialStore& store, StudyObserver& observer,
                         const StopFlag& stop);

// What a stored study says that has no rounds: a campaign, finished or not, or trials that were
// asked for and told of (ask_tell.hpp), without running anything. `tolerance` as in
// CampaignOptions. Throws InputError where there are no trials.
StudyResult stored_campaign(const StudyFile& study, const std::string& name,
                            double tolerance = 0.01, bool tolerance_is_relative = true);

}  // namespace etalon
