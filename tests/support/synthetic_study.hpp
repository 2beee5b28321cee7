// A study without any training: losses from a closed-form surface, so that a report has something
// true to show. loss(B, η) = least(B) + curvature · ln²(η / η*(B)) + a seed's own shift, with η*(B)
// rising and then flattening, and divergence above a fixed multiple of η*.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "etalon/study.hpp"

namespace etalon::testing {

struct SyntheticOptions {
  std::string name = "fashion-mnist mlp:128 sgd";
  std::vector<std::int64_t> batch_sizes = {8, 16, 32, 64, 128, 256, 512, 1024, 2048};
  bool accuracy = true;     // whether trials report a validation accuracy
  bool censor_last = true;  // whether the largest batch size's optimum is on the edge
  std::int64_t curve_points = 12;
};

inline double least_loss(double batch_size) {
  return 0.33 + 0.02 * std::pow(std::log2(batch_size / 4.0), 1.1);
}

inline double optimal_lr(double batch_size) {
  return 0.2 * std::pow(batch_size / 32.0, 0.9) / std::sqrt(1.0 + batch_size / 512.0);
}

inline constexpr double kSyntheticCurvature = 0.012;
inline constexpr double kDivergesAbove = 5.0;  // times the optimum

// A reproducible number in [-1, 1) for a trial.
inline double synthetic_noise(std::uint64_t batch_size, double lr, std::uint64_t seed) {
  std::uint64_t x = batch_size * 0x9E3779B97F4A7C15u + seed * 0xBF58476D1CE4E5B9u +
                    static_cast<std::uint64_t>(std::llround(std::log2(lr) * 64.0) + 4096);
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  x ^= x >> 31;
  return static_cast<double>(x >> 11) * 0x1.0p-52 - 1.0;
}

inline double grid_lr(int half_octaves) { return 0.1 * std::exp2(half_octaves / 2.0); }

// Of validation loss above training loss: falls with every doubling.
inline double synthetic_gap(std::int64_t batch_size, std::uint64_t seed) {
  return 0.06 - 0.005 * std::log2(static_cast<double>(batch_size) / 8.0) +
         0.002 * synthetic_noise(static_cast<std::uint64_t>(batch_size), 1.0, seed);
}

inline TrialResult synthetic_trial(const TrialSpec& spec, const SyntheticOptions& options) {
  const auto batch_size = static_cast<double>(spec.batch_size);
  const double best = optimal_lr(batch_size);
  const double distance = std::log(spec.lr / best);
  const double end =
      least_loss(batch_size) + kSyntheticCurvature * distance * distance +
      0.006 * synthetic_noise(0, 1.0, spec.seed) +
      0.001 * synthetic_noise(static_cast<std::uint64_t>(spec.batch_size), spec.lr, spec.seed);
  const bool diverged = spec.lr > kDivergesAbove * best;
  constexpr std::int64_t kTrainingSet = 55000;
  const std::int64_t budget = 2 * kTrainingSet;
  TrialResult result;
  result.state = diverged ? TrialState::diverged : TrialState::finished;
  const std::int64_t points = diverged ? 3 : options.curve_points;
  for (std::int64_t i = 0; i <= points; ++i) {
    CurvePoint point;
    point.step = budget * i / options.curve_points / spec.batch_size;
    point.examples = point.step * spec.batch_size;
    point.epoch = static_cast<double>(point.examples) / kTrainingSet;
    const double progress = static_cast<double>(i) / static_cast<double>(options.curve_points);
    const double loss = diverged ? 2.3 * static_cast<double>(i)
                                 : end + 1.2 * (std::exp(-5.0 * progress) - std::exp(-5.0));
    if (i > 0) point.train_loss = loss * (diverged ? 1.0 : 0.96 - 0.05 * progress);
    point.validation_loss = loss;
    if (options.accuracy) point.validation_accuracy = std::clamp(1.0 - 0.33 * loss, 0.0, 1.0);
    result.curve.push_back(point);
  }
  result.steps = result.curve.back().step;
  result.wall_seconds = 2.0e-6 * static_cast<double>(result.steps) * (20.0 + batch_size / 8.0);
  if (diverged) {
    result.diverged_step = result.steps;
  } else {
    result.objective = end;
    result.train_loss = end - synthetic_gap(spec.batch_size, spec.seed);
    if (options.accuracy) result.validation_accuracy = 1.0 - 0.33 * end;
  }
  return result;
}

// The half-octaves tried at one batch size: octaves around the optimum, half-octaves beside it.
inline std::set<int> synthetic_grid(double batch_size, bool censored) {
  const int best = static_cast<int>(std::lround(2.0 * std::log2(optimal_lr(batch_size) / 0.1)));
  std::set<int> grid = {best - 6, best - 4, best - 2, best - 1, best};
  if (!censored) grid.insert({best + 1, best + 2, best + 4, best + 6});
  return grid;
}

inline double synthetic_power(const std::string& rule) {
  return rule == "fixed" ? 0.0 : rule == "sqrt" ? 0.5 : 1.0;
}

inline int rule_half_octaves(const std::string& rule, std::int64_t batch_size, int base) {
  return base + static_cast<int>(std::lround(2.0 * synthetic_power(rule) *
                                             std::log2(static_cast<double>(batch_size) / 32.0)));
}

inline Regret synthetic_regret(double batch_size, double lr, double tolerance) {
  Regret regret;
  regret.lr = lr;
  regret.pairs = 3;
  if (lr > kDivergesAbove * optimal_lr(batch_size)) {
    regret.verdict = Verdict::fails;
    regret.explanation = "the rule's runs diverged";
    return regret;
  }
  const double distance = std::log(lr / optimal_lr(batch_size));
  regret.regret = kSyntheticCurvature * distance * distance;
  regret.loss = least_loss(batch_size) + *regret.regret;
  regret.regret_low = *regret.regret - 0.004;
  regret.regret_high = *regret.regret + 0.004;
  if (*regret.regret_high < tolerance) {
    regret.verdict = Verdict::holds;
    regret.explanation = "the whole interval is within the tolerance";
  } else if (*regret.regret_low > tolerance) {
    regret.verdict = Verdict::fails;
    regret.explanation = "the whole interval is above the tolerance";
  } else {
    regret.explanation = "the interval straddles the tolerance";
  }
  return regret;
}

inline Optimum synthetic_optimum(double batch_size, bool censored) {
  const int nearest = static_cast<int>(std::lround(2.0 * std::log2(optimal_lr(batch_size) / 0.1)));
  Optimum optimum;
  optimum.batch_size = batch_size;
  optimum.lr = censored ? grid_lr(nearest) : optimal_lr(batch_size);
  optimum.lr_low = optimum.lr / 1.2;
  if (!censored) optimum.lr_high = optimum.lr * 1.25;
  optimum.best_lr = grid_lr(nearest);
  optimum.loss = least_loss(batch_size);
  optimum.censored = censored ? Censoring::above : Censoring::none;
  if (!censored) optimum.curvature = kSyntheticCurvature;
  optimum.observations = 15;
  optimum.explanation = censored ? "the best learning rate is the highest that was tried"
                                 : "a parabola through 5 learning rates around the best";
  return optimum;
}

inline void add_trials(StudyResult& result, const SyntheticOptions& synthetic, Stage stage,
                       std::int64_t batch_size, const std::set<int>& grid,
                       std::map<TrialSpec, bool>& seen) {
  for (const int half_octaves : grid) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const TrialSpec spec{batch_size, grid_lr(half_octaves), seed};
      if (!seen.emplace(spec, true).second) continue;
      TrialRecord record;
      record.id = static_cast<std::int64_t>(result.trials.size()) + 1;
      record.round = static_cast<std::int64_t>(stage) + 1;
      record.stage = stage;
      record.spec = spec;
      record.result = synthetic_trial(spec, synthetic);
      result.trials.push_back(record);
    }
  }
}

inline StudyResult synthetic_study(const SyntheticOptions& synthetic = {}) {
  StudyResult result;
  result.workload = {synthetic.name, "validation loss", 55000, 110000, {}, 0};
  result.workload.settings = {{"dataset", "fashion-mnist"},
                              {"model", "mlp:128"},
                              {"optimizer", "sgd"},
                              {"budget", "2 epochs"}};
  result.options.batch_sizes = synthetic.batch_sizes;
  result.options.jobs = 2;
  const int base = static_cast<int>(std::lround(2.0 * std::log2(optimal_lr(32) / 0.1)));
  result.base_lr = grid_lr(base);
  std::map<TrialSpec, bool> seen;
  add_trials(result, synthetic, Stage::base, 32, synthetic_grid(32, false), seen);
  const auto censored = [&](std::int64_t batch_size) {
    return synthetic.censor_last && batch_size == synthetic.batch_sizes.back();
  };
  for (const std::string& rule : result.options.rules) {
    for (const std::int64_t batch_size : synthetic.batch_sizes) {
      const int at = rule_half_octaves(rule, batch_size, base);
      add_trials(result, synthetic, Stage::rules, batch_size, {at}, seen);
      result.rules.push_back({.rule = rule,
                              .batch_size = batch_size,
                              .regret = synthetic_regret(static_cast<double>(batch_size),
                                                         grid_lr(at), result.options.tolerance),
                              .power = synthetic_power(rule)});
    }
  }
  for (const std::int64_t batch_size : synthetic.batch_sizes) {
    const auto size = static_cast<double>(batch_size);
    add_trials(result, synthetic, Stage::tuned, batch_size,
               synthetic_grid(size, censored(batch_size)), seen);
    result.optima.push_back(synthetic_optimum(size, censored(batch_size)));
    const Optimum& optimum = result.optima.back();
    result.recommendations.push_back({batch_size, optimum.lr, optimum.lr_low, optimum.lr_high,
                                      "the measured optimum of this batch size"});
  }
  result.exponent = Exponent{0.73, 0.68, 0.79, 0.90, 8, 1, 8.0, 1024.0, "a weighted line"};
  result.conclusion =
      "From B=8 to B=256 the linear rule holds within 0.01 of the best loss; above that it asks "
      "for "
      "too much. Measured over the ladder, the best learning rate grows as B^0.73 (90% interval "
      "0.68 to 0.79).";
  result.wall_seconds = 74.2;
  return result;
}

// The same with a rule that moves a beta too: it beats every learning rate by 0.05 away from the
// base batch size, is recommended there, and a stand-in takes the place of its beta from κ = 10 on.
inline StudyResult synthetic_recipe_study() {
  StudyResult result = synthetic_study();
  result.options.rules.emplace_back("sde");
  for (const std::int64_t batch_size : result.options.batch_sizes) {
    const auto of_root = [&](const RuleOutcome& outcome) {
      return outcome.rule == "sqrt" && outcome.batch_size == batch_size;
    };
    RuleOutcome outcome = *std::find_if(result.rules.begin(), result.rules.end(), of_root);
    outcome.rule = "sde";
    if (batch_size != 32) {
      const double kappa = static_cast<double>(batch_size) / 32;
      outcome.moved.beta1 = kappa < 10 ? 1 - kappa * 0.1 : std::pow(0.9, kappa);
      if (kappa >= 10) outcome.stand_ins = {"beta1 is beta1^κ"};
      outcome.regret.loss = least_loss(static_cast<double>(batch_size)) - 0.05;
      outcome.regret.regret = -0.05;
      outcome.regret.regret_low = -0.06;
      outcome.regret.regret_high = -0.04;
      outcome.regret.verdict = Verdict::holds;
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        TrialRecord record;
        record.id = static_cast<std::int64_t>(result.trials.size()) + 1;
        record.stage = Stage::rules;
        record.spec = {batch_size, outcome.regret.lr, seed, outcome.moved};
        record.result = synthetic_trial({batch_size, 0.01, seed}, {});
        result.trials.push_back(record);
      }
      for (Recommendation& each : result.recommendations) {
        if (each.batch_size == batch_size) {
          each = {batch_size, outcome.regret.lr, {}, {}, "the recipe of sde", "sde", outcome.moved};
        }
      }
    }
    result.rules.push_back(outcome);
  }
  return result;
}

}  // namespace etalon::testing
