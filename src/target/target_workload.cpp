#include <fmt/format.h>

#include <cmath>

#include "etalon/error.hpp"
#include "etalon/target.hpp"

namespace etalon {
namespace {

// Listens to a trial until it arrives, and stops it then.
class ArrivalMonitor final : public TrialMonitor {
 public:
  ArrivalMonitor(const Target& target, TrialMonitor& others) : target_(target), others_(others) {}

  bool should_stop() const override { return arrival_.has_value() || others_.should_stop(); }
  void report(const CurvePoint& point) override {
    others_.report(point);
    const auto distance = target_.distance(point);
    if (!distance || arrival_) return;
    if (*distance <= 1.0) arrival_ = steps_at_one(static_cast<double>(point.step), *distance);
    step_ = static_cast<double>(point.step);
    distance_ = *distance;
  }

  // Updates until the target; nothing before it.
  const std::optional<double>& arrival() const { return arrival_; }
  double distance() const { return distance_; }  // of the last point

 private:
  // By a power between the point before and this one.
  double steps_at_one(double step, double distance) const {
    if (!(distance > 0.0) || !(distance_ > 1.0)) return step;
    const double share = std::log(distance_) / std::log(distance_ / distance);
    return step_ + share * (step - step_);
  }

  const Target& target_;
  TrialMonitor& others_;
  std::optional<double> arrival_;
  double step_ = 0.0, distance_ = 1.0;
};

// No training takes less than an update.
double log_of_steps(double steps) { return std::log(std::max(steps, 1.0)); }

}  // namespace

TargetWorkload::TargetWorkload(const Workload& trained, const Target& target)
    : trained_(trained), target_(target) {
  target_.validate();
}

WorkloadInfo TargetWorkload::info() const {
  WorkloadInfo info = trained_.info();
  info.objective_name = fmt::format("ln steps to {}", target_.text());
  if (target_.loss) info.settings.emplace_back("target_loss", fmt::format("{}", *target_.loss));
  if (target_.accuracy) {
    info.settings.emplace_back("target_accuracy", fmt::format("{}", *target_.accuracy));
  }
  return info;
}

TrialResult TargetWorkload::run(const TrialSpec& spec, TrialMonitor& monitor) const {
  ArrivalMonitor listener(target_, monitor);
  TrialResult result = trained_.run(spec, listener);
  result.train_loss.reset();  // the objective is no loss to compare it with
  if (listener.arrival() && *listener.arrival() <= 0.0) {
    throw InputError(fmt::format("{} is there before the first update", target_.text()), "",
                     "name a target that takes a training");
  }
  if (listener.arrival()) {
    result.state = TrialState::finished;
    result.diverged_step.reset();
    result.objective = log_of_steps(*listener.arrival());
  } else if (result.state == TrialState::finished) {
    result.objective =
        log_of_steps(static_cast<double>(result.steps)) + std::log(listener.distance());
  }
  return result;
}

}  // namespace etalon
