#include "study/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/plain_number.hpp"
#include "etalon/loss_bowls.hpp"
#include "study/generalization.hpp"
#include "study/planner.hpp"
#include "study/rules.hpp"

namespace etalon {
namespace {

// Seeds from which on a learning rate is compared with others: one has no interval.
constexpr std::int64_t kCompared = 2;

std::vector<std::int64_t> ascending(std::vector<std::int64_t> batch_sizes) {
  std::sort(batch_sizes.begin(), batch_sizes.end());
  return batch_sizes;
}

// The objective before the first step, as the curve tells: what ends as the objective at its end is
// what it was at its beginning.
std::optional<double> untrained_objective(const TrialResult& result) {
  if (!result.objective || result.curve.size() < 2) return std::nullopt;
  const CurvePoint& first = result.curve.front();
  const CurvePoint& last = result.curve.back();
  if (first.step != 0) return std::nullopt;
  const bool is_loss =
      last.validation_loss == result.objective || last.train_loss == result.objective;
  if (is_loss) return first.validation_loss;  // nothing trained: held out or not, they are alike
  if (first.validation_accuracy && last.validation_accuracy &&
      1 - *last.validation_accuracy == *result.objective) {
    return 1 - *first.validation_accuracy;
  }
  return std::nullopt;
}

// Whether all losses of a sweep are the same within the tolerance, so that it has no optimum.
bool is_flat(const std::vector<Observation>& sweep, double tolerance) {
  double least = std::numeric_limits<double>::infinity(), greatest = -least;
  for (const Observation& o : sweep) {
    if (o.diverged()) return false;
    least = std::min(least, *o.loss);
    greatest = std::max(greatest, *o.loss);
  }
  return greatest - least <= tolerance;
}

bool learned_at(const StudyResult& result, const Optimum& optimum) {
  const auto batch_size = static_cast<std::int64_t>(optimum.batch_size);
  const double tolerance = result.options.tolerance;
  if (const auto untrained = untrained_loss(result.trials, batch_size)) {
    return optimum.loss < *untrained - tolerance;
  }
  return !is_flat(observations_at(result.trials, batch_size), tolerance);
}

std::optional<RuleOutcome> outcome_of(const StudyResult& result, const LossBowls& bowls,
                                      const std::string& rule, std::int64_t batch_size) {
  RuleRecipe recipe = apply_rule(result.options, rule, batch_size, result.base_lr);
  auto runs = observations_at(result.trials, batch_size, recipe.moved);
  std::erase_if(runs, [&](const Observation& o) { return o.lr != recipe.lr; });
  if (runs.empty()) return std::nullopt;
  const RegretOptions options{.level = result.options.level,
                              .tolerance = result.options.tolerance,
                              .untrained_loss = untrained_loss(result.trials, batch_size)};
  const auto sweep = observations_at(result.trials, batch_size);
  return RuleOutcome{.rule = rule,
                     .batch_size = batch_size,
                     .regret = recipe.moved.any() ? estimate_recipe_regret(sweep, runs, options)
                                                  : bowls.regret(static_cast<double>(batch_size),
                                                                 recipe.lr, options),
                     .moved = recipe.moved,
                     .power = lr_power(result.options, rule),
                     .stand_ins = std::move(recipe.stand_ins),
                     .warnings = std::move(recipe.warnings)};
}

// The rule whose recipe beats every learning rate of this batch size by the most, beyond doubt.
const RuleOutcome* winner_at(const StudyResult& result, std::int64_t batch_size) {
  const RuleOutcome* best = nullptr;
  for (const RuleOutcome& outcome : result.rules) {
    const Regret& regret = outcome.regret;
    if (outcome.batch_size != batch_size || !regret.regret_high || *regret.regret_high >= 0) {
      continue;
    }
    if (best == nullptr || *regret.regret < *best->regret.regret) best = &outcome;
  }
  return best;
}

Recommendation recommend(const RuleOutcome& winner) {
  Recommendation recommendation;
  recommendation.batch_size = winner.batch_size;
  recommendation.lr = winner.regret.lr;
  recommendation.rule = winner.rule;
  recommendation.moved = winner.moved;
  recommendation.reason = fmt::format(
      "the recipe of {}: its loss lies {} (between {} and {}) below that of the best "
      "learning rate with the base settings",
      winner.rule, rounded_number(-*winner.regret.regret, 2),
      rounded_number(-*winner.regret.regret_high, 2),
      rounded_number(-*winner.regret.regret_low, 2));
  return recommendation;
}

Recommendation recommend(const Optimum& optimum) {
  Recommendation recommendation;
  recommendation.batch_size = static_cast<std::int64_t>(optimum.batch_size);
  recommendation.lr = optimum.lr;
  recommendation.lr_low = optimum.lr_low;
  recommendation.lr_high = optimum.lr_high;
  recommendation.reason = optimum.censored == Censoring::none
                              ? "the measured optimum: " + optimum.explanation
                              : "the best that was tried, not an optimum: " + optimum.explanation;
  return recommendation;
}

LossBowls bowls_of(const StudyResult& result) {
  std::vector<Observation> all;
  for (const std::int64_t batch_size : ascending(result.options.batch_sizes)) {
    const auto here = observations_at(result.trials, batch_size);
    all.insert(all.end(), here.begin(), here.end());
  }
  return LossBowls(all);
}

void try_rules(StudyResult& result, const LossBowls& bowls) {
  if (result.base_lr <= 0) return;
  for (const std::string& rule : result.options.rules) {
    for (const std::int64_t batch_size : ascending(result.options.batch_sizes)) {
      if (auto outcome = outcome_of(result, bowls, rule, batch_size)) {
        result.rules.push_back(*outcome);
      }
    }
  }
}

// From the batch sizes at which something was learned.
void recommend_all(StudyResult& result) {
  std::vector<Optimum> learned;
  for (const Optimum& optimum : result.optima) {
    if (learned_at(result, optimum)) learned.push_back(optimum);
  }
  result.learned = !learned.empty() || result.optima.empty();
  result.exponent = fit_exponent(learned, result.options.level);
  for (const Optimum& optimum : learned) {
    const auto* winner = winner_at(result, static_cast<std::int64_t>(optimum.batch_size));
    result.recommendations.push_back(winner != nullptr ? recommend(*winner) : recommend(optimum));
  }
}

}  // namespace

std::optional<double> untrained_loss(std::span<const TrialRecord> trials, std::int64_t batch_size) {
  std::map<std::uint64_t, std::pair<double, double>> by_seed;  // sum and count
  for (const TrialRecord& trial : trials) {
    if (trial.spec.batch_size != batch_size) continue;
    if (const auto value = untrained_objective(trial.result)) {
      auto& [sum, count] = by_seed[trial.spec.seed];
      sum += *value;
      count += 1;
    }
  }
  if (by_seed.empty()) return std::nullopt;
  double sum = 0;
  for (const auto& [seed, values] : by_seed) sum += values.first / values.second;
  return sum / static_cast<double>(by_seed.size());
}

void judge(StudyResult& result) {
  result.base_lr = find_base_lr(result.options, result.trials).value_or(0.0);
  const LossBowls bowls = bowls_of(result);
  result.optima = bowls.optima({.level = result.options.level});
  try_rules(result, bowls);
}

void evaluate(StudyResult& result) {
  judge(result);
  recommend_all(result);
  if (result.learned) result.generalization = generalization_of(result);
  result.conclusion = conclude(result);
}

std::set<double> compared_lrs(std::span<const TrialRecord> trials) {
  std::map<std::pair<std::int64_t, double>, std::int64_t> runs;
  std::set<double> compared;
  for (const TrialRecord& trial : trials) {
    const TrialSpec& spec = trial.spec;
    if (trial.result.state != TrialState::finished || spec.moved.any()) continue;
    if (++runs[{spec.batch_size, spec.lr}] == kCompared) compared.insert(spec.lr);
  }
  return compared;
}

std::int64_t grid_trials(const StudyResult& result) {
  const std::size_t pairs = compared_lrs(result.trials).size() * result.options.batch_sizes.size();
  return static_cast<std::int64_t>(pairs) * result.options.seeds;
}

}  // namespace etalon
