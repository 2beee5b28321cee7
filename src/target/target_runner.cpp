#include <fmt/format.h>

#include <map>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "etalon/target.hpp"
#include "target/metric_arrival.hpp"

namespace etalon {

class TargetRunner::State {
 public:
  State(std::unique_ptr<TrialRunner> trained, const Target& target, std::string metric)
      : trained_(std::move(trained)), target_(target), metric_(std::move(metric)) {}

  TrialRunner& trained() const { return *trained_; }

  void begin(std::int64_t trial) { under_way_[trial] = {}; }

  TrialEvent hear(TrialEvent event) {
    if (const auto* point = std::get_if<CurvePoint>(&event.what)) {
      hear_point(event.trial, *point);
      return event;
    }
    const UnderWay heard = std::exchange(under_way_[event.trial], {});
    under_way_.erase(event.trial);
    auto* result = std::get_if<TrialResult>(&event.what);
    return result == nullptr ? std::move(event) : end_of(event.trial, heard, std::move(*result));
  }

 private:
  struct UnderWay {
    MetricArrival arrival;
    bool was_stopped = false;
    bool was_heard = false;
  };

  void hear_point(std::int64_t trial, const CurvePoint& point) {
    UnderWay& each = under_way_[trial];
    each.was_heard = true;
    each.arrival.hear(target_, point);
    if (!each.arrival.is_over() || std::exchange(each.was_stopped, true)) return;
    trained_->abort(trial);
  }

  // A trial that an earlier process had run is told of by its curve alone.
  TrialEvent end_of(std::int64_t trial, const UnderWay& heard, TrialResult result) const {
    MetricArrival arrival = heard.arrival;
    if (!heard.was_heard) {
      for (const CurvePoint& point : result.curve) arrival.hear(target_, point);
    }
    try {
      return {trial, arrival.judged(target_, metric_, std::move(result))};
    } catch (const InputError& error) {
      return {trial, error};
    }
  }

  const std::unique_ptr<TrialRunner> trained_;
  const Target target_;
  const std::string metric_;
  std::map<std::int64_t, UnderWay> under_way_;
};

TargetRunner::TargetRunner(std::unique_ptr<TrialRunner> trained, const Target& target,
                           std::string metric, bool maximizes) {
  check_goes_with(target, metric, maximizes);
  state_ = std::make_unique<State>(std::move(trained), target, std::move(metric));
}

TargetRunner::~TargetRunner() = default;

std::int64_t TargetRunner::slots() const { return state_->trained().slots(); }

void TargetRunner::start(std::int64_t trial, const TrialSpec& spec) {
  state_->begin(trial);
  state_->trained().start(trial, spec);
}

std::optional<TrialEvent> TargetRunner::wait(std::chrono::milliseconds at_most) {
  auto event = state_->trained().wait(at_most);
  return event ? std::optional(state_->hear(std::move(*event))) : std::nullopt;
}

void TargetRunner::abort(std::int64_t trial) { state_->trained().abort(trial); }

void TargetRunner::end_earlier(std::int64_t trial) { state_->trained().end_earlier(trial); }

void check_goes_with(const Target& target, const std::string& metric, bool maximizes) {
  target.validate();
  if (target.accuracy.has_value() == maximizes) return;
  const std::string name = shortened(metric);
  if (maximizes) {
    throw InputError(fmt::format("{} is given, and '{}' is the better the greater it is",
                                 field_name("target_loss"), name),
                     "", fmt::format("give {}", field_name("target_accuracy")));
  }
  throw InputError(
      fmt::format("{} is given, and '{}' is the better the less it is",
                  field_name("target_accuracy"), name),
      "", fmt::format("give {}, or {} max", field_name("target_loss"), field_name("mode")));
}

}  // namespace etalon
