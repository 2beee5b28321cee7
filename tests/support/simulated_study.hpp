// Whole studies with a known answer: losses that turn up steeply above the optimum, whose noise
// grows with their rise and is skewed, as real ones do; every seed has an optimum of its own.
#pragma once

#include <cmath>
#include <functional>
#include <string>

#include "core/random.hpp"
#include "etalon/study.hpp"

namespace etalon::testing {

// How the loss of one training depends on batch size and learning rate.
struct SimulatedScene {
  std::string name = "like a real study";
  double below = 0.025, above = 0.03;  // of the loss's rise with (ln lr)² on either side
  double blow_up = 0.3;                // with (ln lr)⁴ above
  double noise = 0.007;                // of a loss near the least
  double growth = 0.6;                 // of the noise with the rise above the optimum
  double seed_optimum = 0.1;           // deviation of a seed's ln η*
  double power = 0.9, turn = 256;      // η* = 0.2 · (B/32)^power / √(1 + B/turn)

  double optimum(double batch_size) const {
    return 0.2 * std::pow(batch_size / 32, power) / std::sqrt(1 + batch_size / turn);
  }
  // Above the least, at ln lr off the optimum by `x`.
  double rise(double x) const {
    return x < 0 ? below * x * x : above * x * x + blow_up * x * x * x * x;
  }
  double excess(double batch_size, double lr) const {
    return rise(std::log(lr / optimum(batch_size)));
  }
};

// The same with another law of η*, and curvature, so that rules lose more and less.
inline SimulatedScene varied(SimulatedScene scene, std::uint64_t world) {
  RandomStream stream(world, "a simulated scene");
  const auto between = [&](double low, double high) {
    return low + (high - low) * stream.uniform();
  };
  scene.power *= between(0.4, 1.2);
  scene.turn *= std::exp2(between(-2, 4));
  const double steeper = std::exp2(between(-0.7, 0.7));
  scene.below *= steeper, scene.above *= steeper, scene.blow_up *= steeper;
  return scene;
}

class SimulatedStudyWorkload : public Workload {
 public:
  SimulatedStudyWorkload(const SimulatedScene& scene, std::uint64_t world)
      : scene_(scene), world_(world) {}

  WorkloadInfo info() const override {
    WorkloadInfo info;
    info.name = scene_.name;
    info.objective_name = "loss";
    return info;
  }

  TrialResult run(const TrialSpec& spec, TrialMonitor&) const override {
    constexpr double kDivergence = 2.5;
    const auto batch_size = static_cast<double>(spec.batch_size);
    RandomStream of_seed(world_ * 1009 + spec.seed, "seed of a simulated study");
    const double offset = 0.01 * of_seed.normal();
    const double shift = scene_.seed_optimum * of_seed.normal();
    const auto key = static_cast<std::uint64_t>(spec.batch_size) * 1000003 + spec.seed;
    RandomStream own(std::hash<double>{}(spec.lr) ^ (world_ * 7919 + key), "simulated run");
    const double x = std::log(spec.lr / scene_.optimum(batch_size)), growth = scene_.growth;
    const double rise = scene_.rise(x - shift);
    const double plain = scene_.noise * own.normal();
    const double skewed = std::exp(growth * own.normal() - 0.5 * growth * growth) - 1;
    const double loss =
        0.35 + 0.02 * std::log2(batch_size) + offset + rise + plain + (x > 0 ? rise * skewed : 0);
    TrialResult result;
    const bool ends = loss < kDivergence;
    result.state = ends ? TrialState::finished : TrialState::diverged;
    if (ends) result.objective = loss;
    if (!ends) result.diverged_step = 1;
    return result;
  }

 private:
  SimulatedScene scene_;
  std::uint64_t world_;
};

// What a study came to, beside the truth.
struct StudyScore {
  double trials = 0, verdicts = 0, open = 0, wrong = 0;
  double open_far = 0;  // though the regret is half the tolerance or less, or twice it or more
  double optima = 0, covered = 0, widest = 0, wide = 0;  // of factors; wider than 3
  double rounds = 0;

  StudyScore& operator+=(const StudyScore& other) {
    trials += other.trials, verdicts += other.verdicts, open += other.open,
        open_far += other.open_far, wrong += other.wrong;
    optima += other.optima, covered += other.covered, widest += other.widest, wide += other.wide;
    rounds += other.rounds;
    return *this;
  }
};

inline StudyScore score_of(const StudyResult& result,
                           const std::function<double(double, double)>& excess,
                           const std::function<double(double)>& optimum) {
  StudyScore score;
  score.trials = static_cast<double>(result.trials.size());
  score.rounds = static_cast<double>(result.trials.back().round);
  for (const RuleOutcome& outcome : result.rules) {
    if (outcome.batch_size == result.options.base_batch_size) continue;
    const double truth = excess(static_cast<double>(outcome.batch_size), outcome.regret.lr);
    const bool same = truth < result.options.tolerance;
    score.verdicts += 1;
    const bool is_open = outcome.regret.verdict == Verdict::cannot_tell;
    score.open += is_open;
    const double tolerance = result.options.tolerance;
    score.open_far += is_open && (truth <= 0.5 * tolerance || truth >= 2 * tolerance);
    score.wrong += outcome.regret.verdict == (same ? Verdict::fails : Verdict::holds);
  }
  for (const Optimum& found : result.optima) {
    const double best = optimum(found.batch_size);
    score.optima += 1;
    const bool bounded = found.lr_low && found.lr_high;
    score.covered +=
        (!found.lr_low || *found.lr_low <= best) && (!found.lr_high || best <= *found.lr_high);
    const double width = bounded ? *found.lr_high / *found.lr_low : 100.0;
    score.widest = std::max(score.widest, width);
    score.wide += width > 3;
  }
  return score;
}

}  // namespace etalon::testing
