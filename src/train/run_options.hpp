// What one training is: what all trials of a study share, and what is this one's own.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "schedule/batch_schedule_options.hpp"
#include "train/training_options.hpp"

namespace etalon {

struct RunOptions {
  TrainingOptions training;      // data, model, optimizer, clipping, schedule, ...
  std::int64_t batch_size = 32;  // that `lr` is written for
  BatchScheduleOptions batch_schedule{};
  std::int64_t micro_batch = 0;  // as in TrainerOptions
  double lr = 0.1;               // the schedule's peak, see bounds.hpp
  std::uint64_t seed = 1;
  std::int64_t evaluations = 10;  // evenly over the run, in [1, 10^6]; the last at its end
  // Points of the curve, evenly too: the last of so many is an evaluation, the others have the
  // training loss alone. Changes no result.
  std::int64_t points_per_evaluation = 1;  // in [1, 10^6 / evaluations]
  std::int64_t patience = 0;  // evaluations without a better loss before it stops; 0: never
  double min_delta = 0.0;     // a better loss is lower by more than this, >= 0
  void validate() const;
  // Every setting that changes a result, by name.
  std::vector<std::pair<std::string, std::string>> settings(const WorkloadInfo& info) const;
};

}  // namespace etalon
