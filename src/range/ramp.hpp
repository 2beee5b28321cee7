// The learning-rate range test (Smith 2015, arXiv 1506.01186): a short training whose learning rate
// rises at every step, until the loss blows up. Pure functions, and a rule to stop by; one thread
// at a time for each rule.
#pragma once

#include <cstdint>
#include <optional>

namespace etalon {

struct RampOptions {
  // fastai's range and number of steps, which most know.
  double lowest = 1e-7, highest = 10.0;  // of the learning rate, in bounds.hpp's range; ascending
  std::int64_t steps = 100;              // in [10, 10^6]
  bool is_linear = false;                // else exponential: equal factors between steps
  double smoothing = 0.8;                // γ of the stop rule's average, in [0, 1)
  double stop_factor = 4.0;              // fastai's: it stops above so many times the best, > 1
  void validate() const;                 // throws InputError naming field, value and constraint
};

// The learning rate of update `step` in [0, steps): the lowest first, the highest last.
double ramp_lr(const RampOptions& options, std::int64_t step);

// Stops at a loss that is not finite, and where the average of the losses,
//   a ← γa + (1 − γ)·loss, over 1 − γ^n after n losses,
// is above `stop_factor` times the least that it was.
class RampStop {
 public:
  explicit RampStop(const RampOptions& options) : options_(options) {}
  bool is_due(double loss);

 private:
  const RampOptions options_;
  double average_ = 0.0, weight_ = 0.0;
  std::optional<double> best_;
};

}  // namespace etalon
