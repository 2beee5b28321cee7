// How long a study still takes, from the trials it has run. An estimate, never a promise: the plan
// is known one round at a time, so the trials that later rounds will add are guessed from the
// options and, once it is over, from the search at the base batch size. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "etalon/study.hpp"

namespace etalon {

class EtaEstimator {
 public:
  explicit EtaEstimator(const StudyOptions& options);

  void plan(const TrialRecord& record);    // a trial is going to run
  void finish(const TrialRecord& record);  // a planned trial has run

  std::int64_t planned() const { return planned_; }
  std::int64_t finished() const { return finished_; }
  double expected_trials() const;  // in the whole study: planned and guessed
  // Empty until a trial has finished.
  std::optional<double> remaining_seconds() const;

 private:
  struct Tally {
    std::int64_t planned = 0;
    std::int64_t finished = 0;
    double seconds = 0.0;  // of the finished
  };
  double expected_at(std::int64_t batch_size, const Tally& tally) const;
  double seconds_per_trial(std::int64_t batch_size) const;

  const StudyOptions options_;
  const double jobs_;
  const double rule_trials_;               // expected at each batch size but the base
  std::map<std::int64_t, Tally> tallies_;  // by batch size
  bool base_is_over_ = false;
  std::int64_t planned_ = 0;
  std::int64_t finished_ = 0;
};

}  // namespace etalon
