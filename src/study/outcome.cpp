#include "study/outcome.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "study/conclusion.hpp"
#include "study/planner.hpp"

namespace etalon {
namespace {

bool any_loss(const std::vector<Observation>& observations) {
  return std::any_of(observations.begin(), observations.end(),
                     [](const Observation& o) { return o.loss.has_value(); });
}

std::vector<std::int64_t> ascending(std::vector<std::int64_t> batch_sizes) {
  std::sort(batch_sizes.begin(), batch_sizes.end());
  return batch_sizes;
}

// Where even the least diverged row leaves no complete one there is no optimum; see LossTable.
std::optional<Optimum> optimum_at(const StudyResult& result, std::int64_t batch_size) {
  const auto observations = observations_at(result.trials, batch_size);
  const auto row_is_whole = [&](const Observation& candidate) {
    return std::none_of(observations.begin(), observations.end(),
                        [&](const Observation& o) { return o.lr == candidate.lr && !o.loss; });
  };
  if (!any_loss(observations) ||
      std::none_of(observations.begin(), observations.end(), row_is_whole)) {
    return std::nullopt;
  }
  return estimate_optimum(observations, {.level = result.options.level});
}

std::optional<RuleOutcome> outcome_of(const StudyResult& result, const StudyRule& rule,
                                      std::int64_t batch_size) {
  const double lr = rule_lr(result.options, rule, batch_size, result.base_lr);
  const auto observations = observations_at(result.trials, batch_size);
  const bool tried = std::any_of(observations.begin(), observations.end(),
                                 [&](const Observation& o) { return o.lr == lr; });
  if (!tried) return std::nullopt;
  const RegretOptions options{.level = result.options.level, .tolerance = result.options.tolerance};
  return RuleOutcome{rule.name, batch_size, estimate_regret(observations, lr, options)};
}

Recommendation recommend(const Optimum& optimum) {
  Recommendation recommendation{static_cast<std::int64_t>(optimum.batch_size), optimum.lr,
                                optimum.lr_low, optimum.lr_high, ""};
  recommendation.reason = optimum.censored == Censoring::none
                              ? "the measured optimum: " + optimum.explanation
                              : "the best that was tried, not an optimum: " + optimum.explanation;
  return recommendation;
}

}  // namespace

void evaluate(StudyResult& result) {
  result.base_lr = find_base_lr(result.options, result.trials).value_or(0.0);
  const auto batch_sizes = ascending(result.options.batch_sizes);
  for (const std::int64_t batch_size : batch_sizes) {
    if (auto optimum = optimum_at(result, batch_size)) result.optima.push_back(*optimum);
  }
  if (result.base_lr > 0) {
    for (const StudyRule& rule : result.options.rules) {
      for (const std::int64_t batch_size : batch_sizes) {
        if (auto outcome = outcome_of(result, rule, batch_size)) result.rules.push_back(*outcome);
      }
    }
  }
  result.exponent = fit_exponent(result.optima, result.options.level);
  for (const Optimum& optimum : result.optima) {
    result.recommendations.push_back(recommend(optimum));
  }
  result.conclusion = conclude(result);
}

}  // namespace etalon
