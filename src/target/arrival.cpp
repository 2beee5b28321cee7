#include "target/arrival.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// No training takes less than an update.
double log_of_steps(double steps) { return std::log(std::max(steps, 1.0)); }

}  // namespace

void Arrival::hear(double step, double distance) {
  if (!steps_) {
    if (distance <= 1.0) steps_ = steps_at_one(step, distance);
    distance_ = distance;
  }
  last_step_ = step;
}

// By a power between the point before and this one.
double Arrival::steps_at_one(double step, double distance) const {
  const double before = distance_.value_or(1.0);
  if (!(distance > 0.0) || !(before > 1.0)) return step;
  const double share = std::log(before) / std::log(before / distance);
  return last_step_ + share * (step - last_step_);
}

void Arrival::need_a_point(const Target& target) const {
  if (distance_) return;
  throw InputError(
      fmt::format("no validation of the trial says how far it is from {}", target.text()), "",
      "a curve needs validation points, for an accuracy with theirs");
}

void Arrival::judge(const Target& target, TrialResult& result) const {
  result.train_loss.reset();  // the objective is no loss to compare it with
  if (steps_ && *steps_ <= 0.0) {
    throw InputError(fmt::format("{} is there before the first update", target.text()), "",
                     "name a target that takes a training");
  }
  if (steps_) {
    result.state = TrialState::finished;
    result.diverged_step.reset();
    result.message.clear();
    result.objective = log_of_steps(*steps_);
  } else if (result.state == TrialState::finished) {
    need_a_point(target);
    result.objective = log_of_steps(static_cast<double>(result.steps)) + std::log(*distance_);
  }
}

}  // namespace etalon
