#include <fmt/format.h>

#include "etalon/error.hpp"
#include "etalon/target.hpp"
#include "target/arrival.hpp"

namespace etalon {
namespace {

// Listens to a trial until it arrives, and stops it then.
class ArrivalMonitor final : public TrialMonitor {
 public:
  ArrivalMonitor(const Target& target, TrialMonitor& others) : target_(target), others_(others) {}

  bool should_stop() const override { return arrival_.has_arrived() || others_.should_stop(); }
  void report(const CurvePoint& point) override {
    others_.report(point);
    const auto distance = target_.distance(point);
    if (distance) arrival_.hear(static_cast<double>(point.step), *distance);
  }
  const Arrival& arrival() const { return arrival_; }

 private:
  const Target& target_;
  TrialMonitor& others_;
  Arrival arrival_;
};

}  // namespace

TargetWorkload::TargetWorkload(const Workload& trained, const Target& target)
    : trained_(trained), target_(target) {
  target_.validate();
  if (target_.accuracy) check_in(field_name("target_accuracy"), *target_.accuracy, kInnerShare);
}

WorkloadInfo TargetWorkload::info() const { return with_target(trained_.info(), target_); }

TrialResult TargetWorkload::run(const TrialSpec& spec, TrialMonitor& monitor) const {
  ArrivalMonitor listener(target_, monitor);
  TrialResult result = trained_.run(spec, listener);
  listener.arrival().judge(target_, result);
  return result;
}

}  // namespace etalon
