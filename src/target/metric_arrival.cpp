#include "target/metric_arrival.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

// As a trial of our own would have it: what is maximized comes as its negative.
CurvePoint own_point(const Target& target, CurvePoint point) {
  if (target.accuracy && point.validation_loss) point.validation_accuracy = -*point.validation_loss;
  return point;
}

bool says_its_step(const CurvePoint& point) { return point.examples > 0 || point.step == 0; }

}  // namespace

void MetricArrival::hear(const Target& target, const CurvePoint& said) {
  const CurvePoint point = own_point(target, said);
  const auto distance = target.distance(point);
  if (!distance) return;
  if (!says_its_step(point)) {
    ++without_step_;
    return;
  }
  ++points_;
  greatest_ = std::max(greatest_, point.validation_accuracy.value_or(greatest_));
  arrival_.hear(static_cast<double>(point.step), *distance);
}

TrialResult MetricArrival::judged(const Target& target, const std::string& metric,
                                  TrialResult result) const {
  check(target, metric, result);
  if (points_ > 0 && is_result(result.state)) {
    result.steps = static_cast<std::int64_t>(arrival_.last_step());
  }
  arrival_.judge(target, result);
  return result;
}

// Only one that came to its end says that it has nothing more to say.
void MetricArrival::check(const Target& target, const std::string& metric,
                          const TrialResult& result) const {
  const std::string name = shortened(metric);
  if (target.accuracy && !target.is_percent() && greatest_ > 1.0) {
    throw InputError(fmt::format("'{}' goes up to {} and is in percent, while {} is {}", name,
                                 greatest_, field_name("target_accuracy"), *target.accuracy),
                     "", "give the target in percent too");
  }
  if (result.state != TrialState::finished) return;
  if (points_ == 0 && without_step_ > 0) {
    throw InputError(
        fmt::format("'{}' is said without the step that it is of", name), "",
        fmt::format("print them together, as 'step 250: {} 0.71', or the examples seen", name));
  }
  if (points_ < 2) {
    throw InputError(fmt::format("'{}' is said once, after {} steps, which does not tell when it "
                                 "came to {}",
                                 name, result.steps, target.text()),
                     "", fmt::format("print it along the way, as 'step 250: {} 0.71'", name));
  }
}

}  // namespace etalon
