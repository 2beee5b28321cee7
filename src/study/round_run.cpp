#include "study/round_run.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "etalon/error.hpp"
#include "study/trial_end.hpp"

namespace etalon {
namespace {

// How soon a request to stop is heard.
constexpr std::chrono::milliseconds kPatience(50);

}  // namespace

RoundRun::RoundRun(TrialRunner& runner, std::int64_t retries, StudyObserver& observer,
                   const StopFlag& stop, std::function<void(TrialRecord)> keep)
    : runner_(runner),
      retries_(retries),
      observer_(observer),
      stop_(stop),
      keep_(std::move(keep)) {}

bool RoundRun::run(const std::vector<TrialRecord>& trials) {
  for (const TrialRecord& trial : trials) waiting_.push_back({trial});
  try {
    while (!under_way_.empty() || !waiting_.empty()) {
      if (stop_.requested()) stop_all();
      start_what_fits();
      if (under_way_.empty()) continue;
      if (const auto event = runner_.wait(kPatience)) hear(*event);
    }
  } catch (...) {
    stop_all();
    drain();
    throw;
  }
  if (refusal_) throw *refusal_;
  return complete_;
}

void RoundRun::start_what_fits() {
  while (!waiting_.empty() && static_cast<std::int64_t>(under_way_.size()) < runner_.slots()) {
    UnderWay next = std::move(waiting_.front());
    waiting_.pop_front();
    const std::int64_t id = next.record.id;
    runner_.start(id, next.record.spec);
    observer_.on_start(under_way_.emplace(id, std::move(next)).first->second.record);
  }
}

void RoundRun::hear(const TrialEvent& event) {
  if (const auto* point = std::get_if<CurvePoint>(&event.what)) {
    observer_.on_point(under_way_.at(event.trial).record, *point);
  } else if (const auto* result = std::get_if<TrialResult>(&event.what)) {
    settle(event.trial, sound(*result));
  } else {
    under_way_.erase(event.trial);
    if (!refusal_) refusal_ = std::get<InputError>(event.what);
    waiting_.clear();
  }
}

void RoundRun::settle(std::int64_t id, TrialResult result) {
  UnderWay trial = std::move(under_way_.extract(id).mapped());
  trial.record.result = std::move(result);
  const TrialState state = trial.record.result.state;
  if (state == TrialState::failed && ++trial.failures <= retries_) {
    if (stopping_ || refusal_) {
      complete_ = false;  // it has another try, when the study goes on
    } else {
      observer_.on_retry(trial.record);
      waiting_.push_back(std::move(trial));
    }
  } else if (state == TrialState::interrupted) {
    complete_ = false;
  } else {
    keep_(std::move(trial.record));
  }
}

void RoundRun::stop_all() {
  if (stopping_) return;
  stopping_ = true;
  if (!waiting_.empty()) complete_ = false;
  waiting_.clear();
  for (const auto& [id, trial] : under_way_) runner_.abort(id);
}

void RoundRun::drain() {
  while (!under_way_.empty()) {
    const auto event = runner_.wait(kPatience);
    if (event && !std::holds_alternative<CurvePoint>(event->what)) under_way_.erase(event->trial);
  }
}

}  // namespace etalon
