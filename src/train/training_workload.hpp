// The built-in workload: trains a network on images and reports its validation loss.
//
// A trial is a `TrainingRun`, the same loop that `etalon train` runs: the same settings give the
// same state and, on the same kind of processor, the same bits. Immutable after construction and
// shared by all threads.
#pragma once

#include "train/run_options.hpp"

namespace etalon {

// What is measured of a trial besides its objective.
struct TrialMeasurements {
  std::int64_t evaluations = 6;  // along the way, as in RunOptions
  bool train_loss = true;        // at the end, where the objective is to be compared with it
};

class TrainingWorkload final : public Workload {
 public:
  // Loads the data. Throws InputError for a bad option, model or file.
  explicit TrainingWorkload(const TrainingOptions& options,
                            const TrialMeasurements& measurements = {});
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
  TrialMeasurements measurements_;
  TrainingData data_;
};

}  // namespace etalon
