#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "ask/bracket.hpp"
#include "ask/nearest_points.hpp"
#include "ask/runs_at.hpp"
#include "etalon/ask_tell.hpp"
#include "etalon/bounds.hpp"
#include "etalon/contradiction.hpp"
#include "etalon/error.hpp"
#include "plan/exploration.hpp"
#include "plan/gaps.hpp"
#include "plan/known_runs.hpp"
#include "plan/regret_gain.hpp"
#include "plan/replicates.hpp"

namespace etalon {
namespace {

constexpr std::size_t kLeastLrs = 3;  // with a loss at one batch size, for a fit
// Of the fit; a suggestion waits for it.
constexpr std::size_t kMostPoints = 64;
// Below a divergence, where nothing worth a run was tried: half an octave.
constexpr double kBelow = 1.4142;
constexpr std::int64_t kMostSeeds = 1000;
// Neighbours of the best this near bracket it, and are replicated with it.
constexpr double kNeighbourOctaves = 1.0;

void check_trials(std::span<const Observation> known, std::span<const TrialSpec> pending) {
  for (const Observation& trial : known) {
    check_batch_size(trial.batch_size);
    check_lr(trial.lr);
  }
  for (const TrialSpec& trial : pending) {
    check_batch_size(static_cast<double>(trial.batch_size));
    check_lr(trial.lr);
  }
}

bool can_fit(std::span<const Observation> known) {
  std::map<double, std::set<double>> lrs;
  for (const Observation& run : known) {
    if (run.diverged()) continue;
    std::set<double>& here = lrs[run.batch_size];
    here.insert(run.lr);
    if (here.size() >= kLeastLrs) return true;
  }
  return false;
}

Advisor advisor_of(std::span<const Observation> known, std::span<const std::int64_t> batch_sizes,
                   UpdateKind update, std::span<const TrialSpec> pruned) {
  return {nearest_points(known, batch_sizes, kMostPoints),
          {.update = update},
          bounds_of(pruned, known)};
}

// What to use at a batch size as far as is known. A cliff is steeper than any smooth surface: next
// to one the best that finished stands.
Forecast advice_at(const Advisor& advisor, double batch_size, const KnownRuns& runs) {
  Forecast forecast = advisor.forecast(batch_size);
  if (!is_below_divergence(runs)) return forecast;
  forecast.lr = *runs.best();
  forecast.lr_low = std::min(forecast.lr_low, forecast.lr);
  forecast.lr_high = std::max(forecast.lr_high, forecast.lr);
  forecast.expected_regret = advisor.expected_regret(batch_size, forecast.lr);
  return forecast;
}

class Proposer {
 public:
  // What contradicts others bounds nothing, but is not run again as it was.
  Proposer(std::span<const Observation> all, std::span<const TrialSpec> pending,
           std::span<const TrialSpec> given_up, std::span<const TrialSpec> pruned,
           const ProposalOptions& options)
      : known_(without_contradictions(all)),
        pending_(pending),
        pruned_(pruned),
        options_(options),
        others_(pending.begin(), pending.end()) {
    others_.insert(others_.end(), given_up.begin(), given_up.end());
    others_.insert(others_.end(), pruned.begin(), pruned.end());
    taken_.insert(others_.begin(), others_.end());
    for (const Observation& run : all) {
      const std::int64_t batch_size = std::llround(run.batch_size);
      taken_.insert({batch_size, run.lr, run.seed.value_or(0)});
      by_batch_size_[batch_size].push_back(run);
    }
  }

  Proposal next(std::optional<std::int64_t> batch_size) const {
    if (!can_fit(known_)) return bracket(batch_size);
    std::vector<std::int64_t> relevant = options_.batch_sizes;
    if (batch_size) relevant = {*batch_size};
    const Advisor advisor = advisor_of(known_, relevant, options_.update, pruned_);
    const std::int64_t chosen = batch_size ? *batch_size : most_wanted(advisor);
    const KnownRuns runs = runs_of(chosen);
    if (const auto next = beyond_edge(advisor, static_cast<double>(chosen), runs)) {
      return {{chosen, next->lr, options_.first_seed}, next->reason};
    }
    if (auto replicate = next_replicate(chosen, runs)) return *replicate;
    if (auto again = next_to_settle(chosen, runs)) return *again;
    return explore(advisor, chosen, runs);
  }

 private:
  std::int64_t count(std::int64_t batch_size) const {
    return std::count_if(taken_.begin(), taken_.end(),
                         [&](const TrialSpec& run) { return run.batch_size == batch_size; });
  }

  KnownRuns runs_of(std::int64_t batch_size) const {
    const auto found = by_batch_size_.find(batch_size);
    const auto others = points_at(others_, batch_size);
    return found == by_batch_size_.end() ? KnownRuns({}, others) : KnownRuns(found->second, others);
  }

  SeedRange seeds() const { return {options_.first_seed, options_.seeds}; }

  // Where a first fit is nearest: the batch sizes with most runs first, equals in their order.
  std::vector<std::int64_t> busiest_first() const {
    std::vector<std::int64_t> all = options_.batch_sizes;
    std::stable_sort(all.begin(), all.end(),
                     [&](std::int64_t a, std::int64_t b) { return count(a) > count(b); });
    return all;
  }

  Proposal bracket(std::optional<std::int64_t> batch_size) const {
    const bool first = taken_.empty();
    return {batch_size ? bracketing(*batch_size) : bracketing_any(),
            first
                ? "nothing is known yet"
                : "brackets the best: fewer than three learning rates of a batch size have a loss"};
  }

  TrialSpec bracketing(std::int64_t batch_size) const {
    return next_of_bracket(known_, taken_, batch_size, options_.first_lr, options_.first_seed);
  }

  // While the results of one batch size are waited for, and nothing useful is left to try there,
  // the next one is begun.
  TrialSpec bracketing_any() const {
    const std::vector<std::int64_t> batch_sizes = busiest_first();
    for (const std::int64_t each : batch_sizes) {
      const auto left =
          left_of_bracket(known_, taken_, each, options_.first_lr, options_.first_seed);
      if (left) return *left;
    }
    return bracketing(batch_sizes.front());
  }

  // An optimum is not known to be near until there is worse on both sides of it, however sure the
  // fit may be.
  std::int64_t most_wanted(const Advisor& advisor) const {
    const auto& all = options_.batch_sizes;
    if (all.size() == 1) return all.front();
    const std::vector<RegretAt> regrets = regrets_of(advisor);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (is_ahead(regrets, i)) continue;
      if (beyond_edge(advisor, static_cast<double>(all[i]), runs_of(all[i]))) return all[i];
    }
    return all[most_regretted(regrets)];
  }

  std::vector<RegretAt> regrets_of(const Advisor& advisor) const {
    std::vector<RegretAt> regrets;
    for (const std::int64_t batch_size : options_.batch_sizes) {
      const Forecast now = advice_at(advisor, static_cast<double>(batch_size), runs_of(batch_size));
      regrets.push_back(
          {now.expected_regret, count(batch_size), std::ssize(points_at(pending_, batch_size))});
    }
    return regrets;
  }

  // Once the best lies between two others within an octave: what is missing of those three.
  std::optional<Proposal> next_replicate(std::int64_t batch_size, const KnownRuns& runs) const {
    if (options_.seeds < 2 || !is_bracketed(runs, kNeighbourOctaves)) return std::nullopt;
    const auto missing = missing_seeds(runs, around_best(runs, kNeighbourOctaves, 1), seeds());
    if (missing.empty()) return std::nullopt;
    const auto& [lr, seed] = missing.front();
    return Proposal{{batch_size, lr, seed}, "replicates what is near the best"};
  }

  std::optional<Proposal> next_to_settle(std::int64_t batch_size, const KnownRuns& runs) const {
    const auto missing = to_settle(runs, seeds());
    if (missing.empty()) return std::nullopt;
    const RunPoint& again = missing.front();
    const auto found =
        std::find_if(runs.contradictions().begin(), runs.contradictions().end(),
                     [&](const Contradiction& each) { return each.diverged_lr == again.lr; });
    return Proposal{{batch_size, again.lr, again.seed},
                    fmt::format("it diverged, though {:.3g} above it did well: which holds?",
                                found->finished_lr)};
  }

  Proposal explore(const Advisor& advisor, std::int64_t batch_size, const KnownRuns& runs) const {
    std::vector<double> pending;
    for (const RunPoint& run : points_at(pending_, batch_size)) pending.push_back(run.lr);
    const auto size = static_cast<double>(batch_size);
    const auto next = etalon::explore(advisor, size, runs, pending);
    if (!next) return replicate_rarest(batch_size, runs, advisor.forecast(size));
    if (is_bare(runs)) below_ceiling(batch_size, next->lr, runs.ceiling());
    return {{batch_size, next->lr, options_.first_seed}, next->reason};
  }

  bool was_pruned(std::int64_t batch_size, double lr) const {
    return std::any_of(pruned_.begin(), pruned_.end(), [&](const TrialSpec& trial) {
      return trial.batch_size == batch_size && trial.lr == lr;
    });
  }

  // A learning rate worth a run that has fewest, or the nearest to the best, with a new seed.
  Proposal replicate_rarest(std::int64_t batch_size, const KnownRuns& runs,
                            const Forecast& forecast) const {
    const WorthTrying worth = worth_trying(forecast, runs);
    const double lr = forecast.lr;
    const auto distance = [lr](double other) { return std::abs(std::log(other / lr)); };
    std::optional<std::pair<int, double>> rarest;
    TrialSpec spec{batch_size, rounded_lr(lr < worth.high ? lr : worth.high / kBelow),
                   options_.first_seed};
    for (const auto& [other, count_there] : runs.counts()) {
      if (!worth.holds(other) || was_pruned(batch_size, other)) continue;
      const std::pair rank{count_there, distance(other)};
      if (rarest && rank >= *rarest) continue;
      rarest = rank;
      spec.lr = other;
    }
    while (taken_.contains(spec)) ++spec.seed;
    return {spec, "replicates: nothing near the optimum is left to try"};
  }

  std::vector<Observation> known_;
  std::map<std::int64_t, std::vector<Observation>> by_batch_size_;  // with what contradicts
  std::span<const TrialSpec> pending_, pruned_;
  const ProposalOptions& options_;
  std::vector<TrialSpec> others_;  // without a result
  std::set<TrialSpec> taken_;
};

}  // namespace

void ProposalOptions::validate() const {
  if (batch_sizes.empty())
    throw InputError(fmt::format("{} is empty", field_name("batch_sizes")), "", "name one or more");
  for (const std::int64_t batch_size : batch_sizes) {
    check_batch_size(static_cast<double>(batch_size), "batch_sizes");
  }
  check_lr(first_lr, "first_lr");
  if (seeds >= 1 && seeds <= kMostSeeds) return;
  throw InputError(fmt::format("{} is {}", field_name("seeds"), seeds), "",
                   fmt::format("it must be in [1, {}]", kMostSeeds));
}

Proposal propose(std::span<const Observation> known, std::span<const TrialSpec> pending,
                 const ProposalOptions& options, std::optional<std::int64_t> batch_size,
                 std::span<const TrialSpec> given_up, std::span<const TrialSpec> pruned) {
  options.validate();
  check_trials(known, pending);
  check_trials({}, given_up);
  check_trials({}, pruned);
  if (batch_size) check_batch_size(static_cast<double>(*batch_size));
  return Proposer(known, pending, given_up, pruned, options).next(batch_size);
}

std::vector<Forecast> current_advice(std::span<const Observation> known,
                                     const ProposalOptions& options,
                                     std::span<const TrialSpec> pruned) {
  options.validate();
  check_trials(known, pruned);
  const std::vector<Observation> trusted = without_contradictions(known);
  if (!can_fit(trusted)) return {};
  const Advisor advisor = advisor_of(trusted, options.batch_sizes, options.update, pruned);
  std::vector<Forecast> advice;
  for (const std::int64_t batch_size : options.batch_sizes) {
    const auto size = static_cast<double>(batch_size);
    advice.push_back(advice_at(advisor, size, KnownRuns(runs_at(trusted, size))));
  }
  return advice;
}

std::vector<RegretForecast> current_regrets(std::span<const Observation> known,
                                            const ProposalOptions& options,
                                            std::span<const AskedRate> asked,
                                            std::span<const TrialSpec> pruned) {
  options.validate();
  check_trials(known, pruned);
  const std::vector<Observation> trusted = without_contradictions(known);
  if (!can_fit(trusted)) return {};
  const Advisor advisor = advisor_of(trusted, options.batch_sizes, options.update, pruned);
  std::vector<RegretForecast> regrets;
  for (const AskedRate& each : asked) {
    regrets.push_back(advisor.regret(static_cast<double>(each.batch_size), each.lr));
  }
  return regrets;
}

}  // namespace etalon
