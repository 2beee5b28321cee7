#include "campaign/campaign_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/plain_number.hpp"
#include "core/told_number.hpp"
#include "study/rules.hpp"
#include "study/trial_text.hpp"

namespace etalon {
namespace {

const std::vector<std::string> kJudged = {"fixed", "sqrt", "linear"};

const Optimum* base_among(const StudyResult& result) {
  for (const Optimum& optimum : result.optima) {
    if (optimum.censored == Censoring::none) return &optimum;
  }
  return nullptr;
}

const Forecast* forecast_at(std::span<const Forecast> advice, std::int64_t batch_size) {
  for (const Forecast& forecast : advice) {
    if (std::llround(forecast.batch_size) == batch_size) return &forecast;
  }
  return nullptr;
}

bool was_run(std::span<const Observation> known, std::int64_t batch_size) {
  return std::any_of(known.begin(), known.end(), [&](const Observation& run) {
    return std::llround(run.batch_size) == batch_size;
  });
}

// Whether a run at this learning rate or below diverged.
bool is_lost(std::span<const Observation> known, const AskedRate& rate) {
  return std::any_of(known.begin(), known.end(), [&](const Observation& run) {
    return run.diverged() && std::llround(run.batch_size) == rate.batch_size && run.lr <= rate.lr;
  });
}

Verdict verdict_of(const RegretForecast& forecast, double tolerance) {
  if (forecast.high <= tolerance) return Verdict::holds;
  return forecast.low > tolerance ? Verdict::fails : Verdict::cannot_tell;
}

Regret regret_of(const RegretForecast& forecast, double least_loss, double tolerance) {
  Regret regret;
  regret.lr = forecast.lr;
  regret.loss = least_loss + forecast.expected;
  regret.regret = forecast.expected;
  regret.regret_low = forecast.low;
  regret.regret_high = std::max(forecast.high, forecast.expected);
  regret.verdict = verdict_of(forecast, tolerance);
  const double greatest = greatest_told(least_loss);
  regret.explanation = fmt::format(
      "by the loss surface it loses {}, between {} and {}; it was not run for this",
      told_in_words(forecast.expected, 2, greatest), told_in_words(forecast.low, 2, greatest),
      told_in_words(*regret.regret_high, 2, greatest));
  return regret;
}

Regret lost_regret(double lr) {
  Regret regret;
  regret.lr = lr;
  regret.verdict = Verdict::fails;
  regret.explanation = "a trial at this learning rate or below it diverged";
  return regret;
}

// What else was moved at this batch size, whatever the learning rate.
std::string beside_text(const MovingSettings& moving, std::int64_t batch_size) {
  const std::string moved = describe(moving.of(batch_size));
  return moved.empty() ? "" : fmt::format("; with {} ({})", moved, moving.rule);
}

}  // namespace

void judge_rules(StudyResult& result, std::span<const Observation> known,
                 std::span<const Forecast> advice, const CampaignOptions& options,
                 std::span<const TrialSpec> pruned) {
  const Optimum* base = base_among(result);
  if (base == nullptr || advice.size() < 2) return;
  result.options.base_batch_size = std::llround(base->batch_size);
  result.base_lr = base->lr;
  result.options.rules = kJudged;
  std::vector<AskedRate> asked;
  for (const std::string& rule : kJudged) {
    for (const std::int64_t batch_size : result.options.batch_sizes) {
      asked.push_back({batch_size, apply_rule(result.options, rule, batch_size, base->lr).lr});
    }
  }
  const auto regrets = current_regrets(known, options.ask, asked, pruned);
  for (std::size_t i = 0; i < regrets.size(); ++i) {
    const Forecast* best = forecast_at(advice, asked[i].batch_size);
    if (best == nullptr || !was_run(known, asked[i].batch_size)) continue;
    const double least = best->expected_loss - best->expected_regret;
    const std::string& rule = kJudged[i / result.options.batch_sizes.size()];
    RuleOutcome outcome;
    outcome.rule = rule;
    outcome.batch_size = asked[i].batch_size;
    outcome.power = lr_power(result.options, rule);
    outcome.regret = is_lost(known, asked[i])
                         ? lost_regret(asked[i].lr)
                         : regret_of(regrets[i], least, result.options.tolerance);
    outcome.regret.explanation += beside_text(options.moving, outcome.batch_size);
    result.rules.push_back(std::move(outcome));
  }
}

}  // namespace etalon
