#include "range/ramp.hpp"

#include <algorithm>
#include <cmath>

#include "core/interval.hpp"
#include "etalon/bounds.hpp"
#include "etalon/error.hpp"

namespace etalon {

void RampOptions::validate() const {
  check_lr(lowest, "from");
  check_lr(highest, "to");
  check_in(field_name("to"), highest, {.least = lowest, .has_least = false});
  check_in(field_name("ramp_steps"), static_cast<double>(steps), {.least = 10.0, .most = 1e6});
  check_in(field_name("smoothing"), smoothing, kDecayCoefficient);
  check_in(field_name("stop_factor"), stop_factor, {.least = 1.0, .has_least = false});
}

double ramp_lr(const RampOptions& options, std::int64_t step) {
  const double share = static_cast<double>(step) / static_cast<double>(options.steps - 1);
  if (options.is_linear) return options.lowest + share * (options.highest - options.lowest);
  return options.lowest * std::pow(options.highest / options.lowest, share);
}

bool RampStop::is_due(double loss) {
  if (!std::isfinite(loss)) return true;
  average_ = options_.smoothing * average_ + (1.0 - options_.smoothing) * loss;
  weight_ = options_.smoothing * weight_ + 1.0 - options_.smoothing;
  const double smoothed = average_ / weight_;
  best_ = std::min(best_.value_or(smoothed), smoothed);
  return *best_ >= 0.0 && smoothed > options_.stop_factor * *best_;
}

}  // namespace etalon
