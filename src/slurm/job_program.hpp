// The program of a study as jobs: what is run for a trial, where it is said how that went, and what
// earlier processes of the study left of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "etalon/program.hpp"
#include "etalon/trial.hpp"
#include "program/attempt.hpp"
#include "program/metric_sources.hpp"
#include "program/metric_watch.hpp"
#include "program/program_template.hpp"
#include "slurm/job_batch.hpp"

namespace etalon {

class JobProgram {
 public:
  // `options` must outlive it.
  explicit JobProgram(const ProgramOptions& options);

  const WatchedMetric& metric() const { return metric_; }
  MetricPlaces places_of(std::int64_t trial, const TrialSpec& spec,
                         const AttemptFiles& files) const;

  // The next attempt at the trial, with what is to be run in it. Throws RunError.
  AttemptFiles begin_attempt(std::int64_t trial, const TrialSpec& spec) const;
  std::vector<AttemptFiles> attempts_at(std::int64_t trial) const;
  // Whether the attempt was one of the study at the trial's command.
  bool is_attempt_at(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files) const;

  // Of an attempt that ended well while nobody heard of it, with its files.
  using Ended = std::pair<AttemptFiles, TrialResult>;
  std::optional<Ended> ended_well(std::int64_t trial, const TrialSpec& spec) const;
  // What its last run came to, which has ended.
  TrialResult result_of(std::int64_t trial, const TrialSpec& spec, const AttemptFiles& files) const;

  // The attempt that stands at a place of a batch; empty where there is none.
  std::filesystem::path directory_at(const JobPlace& place);

 private:
  const ProgramOptions& options_;
  const ProgramTemplate template_;
  const WatchedMetric metric_;
  const SharedPattern pattern_;
  std::map<std::int64_t, std::vector<AttemptFiles>> batches_;
};

}  // namespace etalon
