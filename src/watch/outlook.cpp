#include "watch/outlook.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "plan/verdict_gain.hpp"
#include "report/study/eta.hpp"
#include "study/planner.hpp"

namespace etalon {
namespace {

constexpr double kSecondsPerHour = 3600.0;
constexpr std::int64_t kMostSeedsAnyoneRuns = 200;

template <typename Number>
std::optional<Number> meta_number(const std::map<std::string, std::string>& meta, const char* key) {
  const auto found = meta.find(key);
  if (found == meta.end()) return std::nullopt;
  Number value{};
  const std::string& text = found->second;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return read.ec == std::errc{} && value > 0 ? std::optional(value) : std::nullopt;
}

// A study of rounds: what the next round asks for is known, later ones are guessed.
Outlook outlook_of_rounds(const StudyResult& result, std::int64_t jobs) {
  StudyOptions options = result.options;
  options.jobs = jobs;
  EtaEstimator eta(options);
  for (const TrialRecord& trial : result.trials) {
    eta.plan(trial);
    eta.finish(trial);
  }
  for (const PlannedTrial& planned : plan_round(options, result.trials)) {
    TrialRecord record;
    record.stage = planned.stage;
    record.spec = planned.spec;
    eta.plan(record);
  }
  Outlook outlook;
  outlook.ended = std::ssize(result.trials);
  outlook.expected = result.interrupted ? std::max<std::int64_t>(
                                              outlook.ended, std::llround(eta.expected_trials()))
                                        : outlook.ended;
  outlook.seconds_left = result.interrupted ? eta.remaining_seconds() : std::optional(0.0);
  return outlook;
}

// A budget of trials, each of which takes what one took so far.
Outlook outlook_of_budget(const StudyResult& result, std::int64_t pending, std::int64_t trials,
                          std::int64_t jobs) {
  Outlook outlook;
  outlook.ended = std::ssize(result.trials);
  outlook.expected = std::max(trials, outlook.ended + pending);
  double seconds = 0.0;
  for (const TrialRecord& trial : result.trials) seconds += trial.result.wall_seconds;
  if (outlook.ended == 0) return outlook;
  const auto left = static_cast<double>(outlook.expected - outlook.ended);
  outlook.seconds_left =
      left * seconds / static_cast<double>(outlook.ended) / static_cast<double>(jobs);
  return outlook;
}

}  // namespace

Outlook outlook_of(const StudyResult& result, std::int64_t pending,
                   const std::map<std::string, std::string>& meta) {
  const std::int64_t jobs = meta_number<std::int64_t>(meta, kJobsMeta).value_or(1);
  const bool has_rounds_to_plan = !result.options.rules.empty();
  const std::int64_t budget = meta_number<std::int64_t>(meta, kTrialsMeta).value_or(0);
  Outlook outlook = has_rounds_to_plan ? outlook_of_rounds(result, jobs)
                                       : outlook_of_budget(result, pending, budget, jobs);
  const auto price = meta_number<double>(meta, "cost_per_hour");
  if (price && outlook.seconds_left) {
    outlook.cost_left = *price * *outlook.seconds_left / kSecondsPerHour;
  }
  return outlook;
}

std::vector<OpenVerdict> open_verdicts_of(const StudyResult& result) {
  const RegretOptions options{.level = result.options.level, .tolerance = result.options.tolerance};
  std::vector<OpenVerdict> open;
  for (const RuleOutcome& outcome : result.rules) {
    const bool is_one = outcome.batch_size != result.options.base_batch_size &&
                        is_open(outcome.regret, result.options.tolerance);
    if (!is_one) continue;
    OpenVerdict verdict{outcome.rule, outcome.batch_size, {}};
    const auto seeds = seeds_to_close(outcome.regret, options);
    if (seeds && *seeds <= kMostSeedsAnyoneRuns) {
      verdict.trials = 2 * std::max<std::int64_t>(*seeds - outcome.regret.pairs, 1);
    }
    open.push_back(std::move(verdict));
  }
  return open;
}

}  // namespace etalon
