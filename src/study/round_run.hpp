// The trials of one round on their way through a runner: as many at once as it has slots, failed
// ones again, each handed over when it has ended.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "etalon/error.hpp"
#include "etalon/runner.hpp"
#include "etalon/study.hpp"

namespace etalon {

class RoundRun {
 public:
  // `keep` is given each trial that finished, diverged or failed for good, as soon as it has.
  RoundRun(TrialRunner& runner, std::int64_t retries, StudyObserver& observer, const StopFlag& stop,
           std::function<void(TrialRecord)> keep);

  // Runs `trials`, which are started in this order. True when all have ended, false when some were
  // interrupted. Throws once nothing runs any more: where a trial says that none can run, no
  // further one is started, those under way end and are kept, and what it said is thrown; what
  // `keep`, the observer or the runner throws stops them.
  bool run(const std::vector<TrialRecord>& trials);

 private:
  struct UnderWay {
    TrialRecord record;
    std::int64_t failures = 0;
  };

  void start_what_fits();
  void hear(const TrialEvent& event);
  void settle(std::int64_t id, TrialResult result);
  void stop_all();
  void drain();

  TrialRunner& runner_;
  const std::int64_t retries_;
  StudyObserver& observer_;
  const StopFlag& stop_;
  const std::function<void(TrialRecord)> keep_;
  std::deque<UnderWay> waiting_;
  std::map<std::int64_t, UnderWay> under_way_;  // by id
  bool stopping_ = false;
  bool complete_ = true;
  std::optional<InputError> refusal_;
};

}  // namespace etalon
