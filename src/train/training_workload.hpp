// The built-in workload: trains a network on images and reports its validation loss.
//
// A trial is a `TrainingRun`, the same loop that `etalon train` runs: the same settings give the
// same state and, on the same kind of processor, the same bits. Immutable after construction and
// shared by all threads.
#pragma once

#include "train/run_options.hpp"

namespace etalon {

class TrainingWorkload final : public Workload {
 public:
  static constexpr std::int64_t kEvaluations = 6;  // of a trial, unless others are asked for

  // Loads the data. A trial has so many `evaluations`, as in RunOptions. Throws InputError for a
  // bad option, model or file.
  explicit TrainingWorkload(const TrainingOptions& options,
                            std::int64_t evaluations = kEvaluations);
  // Throws InputError unless trials of this batch size can run.
  void check_batch_size(std::int64_t batch_size) const;
  // What of the schedule comes after the end of such trials: a clause each; see RunCourse.
  std::vector<std::string> warnings(std::int64_t batch_size) const;
  WorkloadInfo info() const override;
  const DataSplits& data() const { return *data_.splits; }
  const ModelSpec& model() const { return data_.model; }
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override;

 private:
  RunOptions run_options(const TrialSpec& spec) const;

  TrainingOptions options_;
  std::int64_t evaluations_;
  TrainingData data_;
};

}  // namespace etalon
