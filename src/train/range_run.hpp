// A range test of a built-in network: see range/ramp.hpp.
//
// One learning rate for each update, whatever micro-batches it is accumulated from, and the loss of
// its whole batch before it. The optimizer, its momentum and clipping are those of a training; a
// schedule is not followed, as the ramp takes its place. One thread at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "etalon/stop_flag.hpp"
#include "range/ramp.hpp"
#include "range/range_curve.hpp"
#include "train/lanczos.hpp"
#include "train/training_options.hpp"

namespace etalon {

struct RangeRunOptions {
  TrainingOptions training;
  std::int64_t batch_size = 32;
  std::int64_t micro_batch = 0;  // as in TrainerOptions
  RampOptions ramp;
  void validate() const;  // throws InputError naming field, value and constraint
};

// From the initial weights of `seed`. Empty where `stop` was requested.
std::optional<RangeCurve> run_ramp(const TrainingData& data, const RangeRunOptions& options,
                                   std::uint64_t seed, const StopFlag& stop);

// The sharpness λ_max of the weights that the same ramp has after `steps` updates, over 2048
// training examples; empty where it is not finite, and where `stop` was requested.
std::optional<LargestEigenvalue> sharpness_after(const TrainingData& data,
                                                 const RangeRunOptions& options, std::uint64_t seed,
                                                 std::int64_t steps, const StopFlag& stop = {});

}  // namespace etalon
