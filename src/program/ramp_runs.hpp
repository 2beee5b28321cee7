// A program whose learning rate rises while it runs, run once from each of several seeds, and what
// it says of learning rate and loss at each step.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "etalon/program.hpp"
#include "etalon/stop_flag.hpp"
#include "program/ramp_log.hpp"

namespace etalon {

struct RampRunOptions {
  ProgramOptions program;  // has a `rising_lr`; its metric is the loss of a step
  std::string lr_name{};   // under which it says its learning rate; empty: lr and the like
  std::int64_t batch_size = 0;
  std::vector<std::uint64_t> seeds;
  // Throws InputError naming field, value and constraint.
  void validate() const;
};

struct RampOfSeed {
  std::uint64_t seed = 0;
  // Ascending; of steps at one and the same rate the mean loss. Ends with the first loss that is
  // not finite. Ten rates or more, unless there is such a one.
  std::vector<StepOfRamp> steps;
};

// `on_end` is told of each run that ended. In the order of the seeds; empty where `stop` was
// requested. Throws as `validate` does, InputError where what a program says is no ramp between the
// ends that it was given, and RunError where a run fails.
std::optional<std::vector<RampOfSeed>> run_ramps(const RampRunOptions& options,
                                                 const std::function<void()>& on_end,
                                                 const StopFlag& stop);

}  // namespace etalon
