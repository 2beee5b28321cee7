// Whole campaigns of a simulated training whose learning curves and optima are known, on simulated
// machines: time is counted in points of curves, so that everything is exact and repeats itself.
//
//   L(s) = 2 + a (1 + b S(s))^-p + c η(s) / η₀ at a share s of the budget, S = ∫ η(s) ds / η₀,
//
// where η₀ goes as the root of the batch size. What the first term gains, larger learning rates
// gain faster; what the last takes goes with the learning rate of the moment. Under a constant
// schedule curves end in the order in which they stand; under one that decays, large learning rates
// look bad until the end, and then win.
#pragma once

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <numbers>
#include <optional>
#include <set>
#include <vector>

#include "core/random.hpp"
#include "etalon/campaign.hpp"
#include "study/memory_store.hpp"

namespace etalon::testing {

enum class CurveSchedule { constant, cosine };

struct CurveLaw {
  CurveSchedule schedule = CurveSchedule::constant;
  double seed_deviation = 0.01;  // of the whole curve, shared by learning rates
  double run_deviation = 0.02;   // of the whole curve
  double point_deviation = 0.02;
  std::uint64_t seed = 1;

  static constexpr std::int64_t kPoints = 40, kStepsPerPoint = 10;

  double scale(double batch_size) const { return 0.001 * std::sqrt(batch_size / 64.0); }
  // Of the peak learning rate.
  double factor(double share) const {
    return schedule == CurveSchedule::constant ? 1.0
                                               : 0.5 * (1.0 + std::cos(std::numbers::pi * share));
  }
  double integral(double share) const {
    if (schedule == CurveSchedule::constant) return share;
    return 0.5 * (share + std::sin(std::numbers::pi * share) / std::numbers::pi);
  }
  // Without noise.
  double loss(double batch_size, double lr, double share) const {
    const double x = lr / scale(batch_size);
    const double noise =
        schedule == CurveSchedule::constant ? 0.1 * x : 0.3 * x * factor(share) + 0.02 * x * x;
    return 2.0 + 1.2 * std::pow(1.0 + 8.0 * x * integral(share), -0.7) + noise;
  }
  double best_lr(double batch_size) const {
    double best = 0.0, least = INFINITY;
    for (double octaves = -6; octaves < 8; octaves += 0.01) {
      const double lr = scale(batch_size) * std::exp2(octaves);
      if (loss(batch_size, lr, 1.0) >= least) continue;
      least = loss(batch_size, lr, 1.0);
      best = lr;
    }
    return best;
  }

  std::vector<CurvePoint> curve(const TrialSpec& spec) const {
    const auto batch_size = static_cast<std::uint64_t>(spec.batch_size);
    RandomStream shared(seed * 7919 + spec.seed * 1000003 + batch_size, "offset");
    RandomStream own(
        std::hash<double>{}(spec.lr) ^ (seed * 7919 + spec.seed * 1000003 + batch_size), "run");
    const double offset = seed_deviation * shared.normal() + run_deviation * own.normal();
    std::vector<CurvePoint> points;
    for (std::int64_t i = 1; i <= kPoints; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(kPoints);
      const double noise = i < kPoints ? point_deviation * own.normal() : 0.0;
      CurvePoint point;
      point.step = i * kStepsPerPoint;
      point.examples = point.step * spec.batch_size;
      point.validation_loss =
          loss(static_cast<double>(spec.batch_size), spec.lr, share) + offset + noise;
      points.push_back(point);
    }
    return points;
  }
};

// Trials advance by one point of their curves each in turn.
class SimulatedMachines final : public TrialRunner {
 public:
  SimulatedMachines(const CurveLaw& law, std::int64_t slots) : law_(law), slots_(slots) {}

  std::int64_t slots() const override { return slots_; }
  void start(std::int64_t trial, const TrialSpec& spec) override {
    running_[trial] = {law_.curve(spec), 0};
  }
  std::optional<TrialEvent> wait(std::chrono::milliseconds /*at_most*/) override {
    if (events_.empty()) advance();
    if (events_.empty()) return std::nullopt;
    TrialEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  void abort(std::int64_t trial) override {
    if (running_.erase(trial) == 0) return;
    TrialResult result;
    result.state = TrialState::interrupted;
    std::erase_if(events_, [&](const TrialEvent& event) { return event.trial == trial; });
    events_.push_back({trial, result});
  }
  // That were trained, in budgets of one trial.
  double spent() const { return static_cast<double>(points_) / CurveLaw::kPoints; }

 private:
  struct Running {
    std::vector<CurvePoint> curve;
    std::size_t said = 0;
  };

  void advance() {
    for (auto trial = running_.begin(); trial != running_.end();) {
      auto& [curve, said] = trial->second;
      events_.push_back({trial->first, curve[said++]});
      ++points_;
      if (said < curve.size()) {
        ++trial;
        continue;
      }
      TrialResult result;
      result.state = TrialState::finished;
      result.objective = curve.back().validation_loss;
      result.steps = curve.back().step;
      result.curve = curve;
      events_.push_back({trial->first, result});
      trial = running_.erase(trial);
    }
  }

  const CurveLaw law_;
  const std::int64_t slots_;
  std::map<std::int64_t, Running> running_;
  std::deque<TrialEvent> events_;
  std::int64_t points_ = 0;
};

// What campaigns came to, over batch sizes and repetitions.
struct CampaignScore {
  int intervals = 0, covered = 0;  // of 80%, for η*; an open side holds everything beyond
  double width = 0.0;              // octaves, of those that are closed, summed
  int closed = 0;
  double regret = 0.0;  // of the recommended learning rates, summed
  int recommended = 0;
  double spent = 0.0;  // trials' worth of training
  int trials = 0, pruned = 0,
      wrong = 0;  // wrong: would have ended below the best of those that did
};

inline void score_campaign(const CurveLaw& law, const CampaignOptions& options, std::int64_t slots,
                           CampaignScore& score) {
  SimulatedMachines machines(law, slots);
  MemoryStore store;
  StudyObserver observer;
  const StopFlag stop;
  const StudyResult result = run_campaign({}, machines, options, store, observer, stop);
  for (const Optimum& optimum : result.optima) {
    const double best = law.best_lr(optimum.batch_size);
    ++score.intervals;
    const bool low = !optimum.lr_low || *optimum.lr_low <= best;
    const bool high = !optimum.lr_high || *optimum.lr_high >= best;
    score.covered += low && high ? 1 : 0;
    if (!optimum.lr_low || !optimum.lr_high) continue;
    score.width += std::log2(*optimum.lr_high / *optimum.lr_low);
    ++score.closed;
  }
  for (const Recommendation& advice : result.recommendations) {
    const auto batch_size = static_cast<double>(advice.batch_size);
    score.regret +=
        law.loss(batch_size, advice.lr, 1.0) - law.loss(batch_size, law.best_lr(batch_size), 1.0);
    ++score.recommended;
  }
  std::map<std::int64_t, double> least;
  for (const TrialRecord& trial : result.trials) {
    if (trial.result.state != TrialState::finished) continue;
    const auto [best, is_new] = least.try_emplace(trial.spec.batch_size, *trial.result.objective);
    if (!is_new) best->second = std::min(best->second, *trial.result.objective);
  }
  for (const TrialRecord& trial : result.trials) {
    if (trial.result.state != TrialState::pruned) continue;
    ++score.pruned;
    const double end = *law.curve(trial.spec).back().validation_loss;
    score.wrong += end < least.at(trial.spec.batch_size) ? 1 : 0;
  }
  score.trials += static_cast<int>(result.trials.size());
  score.spent += machines.spent();
}

}  // namespace etalon::testing
