#include "study/verdict_seeds.hpp"

#include <algorithm>
#include <optional>

#include "plan/known_runs.hpp"
#include "plan/replicates.hpp"
#include "plan/verdict_gain.hpp"
#include "study/outcome.hpp"

namespace etalon {
namespace {

// An optimum's interval that spans more than this factor is replicated, whatever the rules say.
constexpr double kWide = 3.0;
constexpr double kHalfOctave = 0.5;
constexpr std::int64_t kOne = 1;

StudyResult judged(const StudyOptions& options, std::span<const TrialRecord> trials) {
  StudyResult result;
  result.options = options;
  result.trials.assign(trials.begin(), trials.end());
  // Sums are then taken in one order, so that rounding depends on the set alone.
  std::sort(result.trials.begin(), result.trials.end(),
            [](const TrialRecord& a, const TrialRecord& b) { return a.spec < b.spec; });
  judge(result);
  return result;
}

bool is_wide(const Optimum& optimum) {
  if (optimum.censored != Censoring::none) return false;
  return !optimum.lr_low || !optimum.lr_high || *optimum.lr_high > kWide * *optimum.lr_low;
}

class SeedPlan {
 public:
  SeedPlan(const StudyOptions& options, std::span<const TrialRecord> trials)
      : options_(options), result_(judged(options, trials)) {}

  std::vector<PlannedTrial> plan() {
    for (const Optimum& optimum : result_.optima) {
      if (is_wide(optimum) && is_tested(batch_size_of(optimum))) narrow(optimum);
    }
    for (const RuleOutcome& outcome : result_.rules) {
      if (is_tested(outcome.batch_size)) close(outcome);
    }
    return std::move(planned_);
  }

 private:
  static std::int64_t batch_size_of(const Optimum& optimum) {
    return static_cast<std::int64_t>(optimum.batch_size);
  }

  bool is_tested(std::int64_t batch_size) const { return batch_size != options_.base_batch_size; }

  RegretOptions regret_options() const {
    return {.level = options_.level, .tolerance = options_.tolerance};
  }

  // One more seed of what is around the best, or a quarter of those it has.
  void narrow(const Optimum& optimum) {
    const std::int64_t batch_size = batch_size_of(optimum);
    const KnownRuns runs(observations_at(result_.trials, batch_size));
    const std::int64_t has = runs.count(optimum.best_lr), wanted = has + std::max(kOne, has / 4);
    for (const double lr : around_best(runs, kHalfOctave)) {
      want({{Stage::tuned, {batch_size, lr, 0, {}}}}, wanted);
    }
  }

  // So many seeds of a rule and of the best that they may decide.
  void close(const RuleOutcome& outcome) {
    const std::int64_t more =
        seeds_worth_adding(outcome.regret, regret_options(), options_.last_seeds());
    const Optimum* optimum = optimum_at(outcome.batch_size);
    if (more == 0 || optimum == nullptr) return;
    want({{Stage::rules, {outcome.batch_size, outcome.regret.lr, 0, outcome.moved}},
          {Stage::tuned, {outcome.batch_size, optimum->best_lr, 0, {}}}},
         outcome.regret.pairs + more);
  }

  const Optimum* optimum_at(std::int64_t batch_size) const {
    for (const Optimum& optimum : result_.optima) {
      if (batch_size_of(optimum) == batch_size) return &optimum;
    }
    return nullptr;
  }

  // What is to have the same seeds: so many of the first that failed nowhere there.
  void want(std::vector<PlannedTrial> trials, std::int64_t seeds) {
    for (std::int64_t i = 0; i < options_.last_seeds() && seeds > 0; ++i) {
      for (PlannedTrial& trial : trials) {
        trial.spec.seed = options_.first_seed + static_cast<std::uint64_t>(i);
      }
      const bool has_failed = std::any_of(trials.begin(), trials.end(), [&](const auto& trial) {
        return state_of(trial.spec) == TrialState::failed;
      });
      if (has_failed) continue;
      --seeds;
      for (const PlannedTrial& trial : trials) {
        if (!state_of(trial.spec)) planned_.push_back(trial);
      }
    }
  }

  std::optional<TrialState> state_of(const TrialSpec& spec) const {
    for (const TrialRecord& trial : result_.trials) {
      if (trial.spec == spec) return trial.result.state;
    }
    return std::nullopt;
  }

  const StudyOptions& options_;
  StudyResult result_;
  std::vector<PlannedTrial> planned_;
};

}  // namespace

std::vector<PlannedTrial> next_seeds(const StudyOptions& options,
                                     std::span<const TrialRecord> trials) {
  return SeedPlan(options, trials).plan();
}

}  // namespace etalon
