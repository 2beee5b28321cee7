#include "study/planner.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "etalon/advice.hpp"
#include "etalon/bounds.hpp"
#include "etalon/optimizers.hpp"
#include "optimum/loss_table.hpp"
#include "plan/lattice.hpp"
#include "plan/search.hpp"
#include "study/outcome.hpp"
#include "study/rules.hpp"
#include "study/verdict_seeds.hpp"

namespace etalon {
namespace {

// Of what is compared: fewer have no interval.
constexpr std::int64_t kLeastSeeds = 2;

bool has_result(const TrialRecord& trial) { return is_result(trial.result.state); }

bool has_failed(const TrialRecord& trial) { return trial.result.state == TrialState::failed; }

// The sweep of a batch size, with what failed of it.
SearchHistory history_at(std::span<const TrialRecord> trials, std::int64_t batch_size) {
  SearchHistory history{observations_at(trials, batch_size)};
  for (const TrialRecord& trial : trials) {
    const TrialSpec& spec = trial.spec;
    if (has_failed(trial) && spec.batch_size == batch_size && !spec.moved.any()) {
      history.failed.push_back({spec.lr, spec.seed});
    }
  }
  return history;
}

// Of the base batch size, where all rules begin: everything near the best has every seed.
SearchOptions base_search(const StudyOptions& options) {
  return {.lattice = {options.first_lr()},
          .first_seed = options.first_seed,
          .seeds = options.seeds,
          .octaves_around_best = 2,
          .replicated_half_octaves = 2,
          .replicates = options.seeds};
}

// Elsewhere two seeds of the best and its neighbours begin, and more are asked for where they tell
// something (verdict_seeds.hpp).
SearchOptions tuned_search(const StudyOptions& options) {
  return {.lattice = {options.first_lr()},
          .first_seed = options.first_seed,
          .seeds = options.seeds,
          .octaves_around_best = 1,
          .replicated_half_octaves = 1,
          .replicates = kLeastSeeds};
}

// A round in the making: leaves out what has been run or is in it already.
class Round {
 public:
  explicit Round(std::span<const TrialRecord> trials) {
    for (const TrialRecord& trial : trials) {
      if (has_result(trial) || has_failed(trial)) known_.insert(trial.spec);
    }
  }

  void add(Stage stage, const TrialSpec& spec) {
    if (known_.insert(spec).second) planned_.push_back({stage, spec});
  }
  void add(Stage stage, std::int64_t batch_size, const std::vector<RunPoint>& requests) {
    for (const RunPoint& request : requests) {
      add(stage, {batch_size, request.lr, request.seed, {}});
    }
  }
  bool empty() const { return planned_.empty(); }
  std::vector<PlannedTrial> take() { return std::move(planned_); }

 private:
  std::set<TrialSpec> known_;
  std::vector<PlannedTrial> planned_;
};

void plan_base(const StudyOptions& options, std::span<const TrialRecord> trials, Round& round) {
  round.add(Stage::base, options.base_batch_size,
            next_of_search(history_at(trials, options.base_batch_size), base_search(options)));
}

bool diverged_at(const std::vector<Observation>& observations, double lr) {
  return std::any_of(observations.begin(), observations.end(),
                     [&](const Observation& o) { return o.lr == lr && o.diverged(); });
}

// The first `seeds` replicates of every rule at every other batch size; what has diverged is not
// run again.
void plan_rules(const StudyOptions& options, std::span<const TrialRecord> trials, double base_lr,
                std::int64_t seeds, Round& round) {
  for (const std::int64_t batch_size : options.batch_sizes) {
    if (batch_size == options.base_batch_size || is_left_out(trials, batch_size)) continue;
    for (const std::string& rule : options.rules) {
      const RuleRecipe recipe = apply_rule(options, rule, batch_size, base_lr);
      if (!is_valid_lr(recipe.lr)) continue;  // far past what anyone trains with
      if (diverged_at(observations_at(trials, batch_size, recipe.moved), recipe.lr)) continue;
      for (std::int64_t replicate = 0; replicate < seeds; ++replicate) {
        const auto seed = options.first_seed + static_cast<std::uint64_t>(replicate);
        round.add(Stage::rules, {batch_size, recipe.lr, seed, recipe.moved});
      }
    }
  }
}

// Whether nothing ran at a batch size but what the rules say.
bool only_rules_ran(const StudyOptions& options, std::span<const TrialRecord> trials,
                    std::int64_t batch_size) {
  if (batch_size == options.base_batch_size) return false;
  return std::none_of(trials.begin(), trials.end(), [&](const TrialRecord& trial) {
    return trial.spec.batch_size == batch_size && trial.stage == Stage::tuned;
  });
}

std::vector<Observation> all_observations(const StudyOptions& options,
                                          std::span<const TrialRecord> trials) {
  std::vector<Observation> all;
  for (const std::int64_t batch_size : options.batch_sizes) {
    const auto here = observations_at(trials, batch_size);
    all.insert(all.end(), here.begin(), here.end());
  }
  return all;
}

// The learning rate, of half an octave's lattice, that is nearest to what all observations so far
// forecast for a batch size, and those an octave to either side.
std::vector<double> forecast_start(const Advisor& advisor, std::int64_t batch_size,
                                   const Lattice& lattice) {
  const double lr = advisor.forecast(static_cast<double>(batch_size)).lr;
  const double octaves = std::log2(lr / lattice.center);
  const int middle =
      Lattice::kHalfOctave *
      static_cast<int>(std::lround(octaves * Lattice::kOctave / Lattice::kHalfOctave));
  return {lattice.lr(middle - Lattice::kOctave), lattice.lr(middle),
          lattice.lr(middle + Lattice::kOctave)};
}

void begin_searches(const StudyOptions& options, std::span<const TrialRecord> trials,
                    const std::vector<std::int64_t>& batch_sizes, Round& round) {
  if (batch_sizes.empty()) return;
  const Advisor advisor(all_observations(options, trials),
                        {.update = optimizer_info(options.recipe.optimizer).update});
  for (const std::int64_t batch_size : batch_sizes) {
    const auto lrs = forecast_start(advisor, batch_size, {options.first_lr()});
    round.add(Stage::tuned, batch_size,
              begin_search(history_at(trials, batch_size), lrs, tuned_search(options)));
  }
}

// The searches that have not begun start where the trials so far expect the optimum; the others go
// on by themselves.
void plan_tuned(const StudyOptions& options, std::span<const TrialRecord> trials, Round& round) {
  std::vector<std::int64_t> starting;
  for (const std::int64_t batch_size : options.batch_sizes) {
    if (is_left_out(trials, batch_size)) continue;
    if (only_rules_ran(options, trials, batch_size)) {
      starting.push_back(batch_size);
    } else {
      round.add(Stage::tuned, batch_size,
                next_of_search(history_at(trials, batch_size), tuned_search(options)));
    }
  }
  begin_searches(options, trials, starting, round);
}

// Of what is compared at one batch size, all of it at every other.
void plan_grid(const StudyOptions& options, std::span<const TrialRecord> trials, Round& round) {
  const std::set<double> lrs = compared_lrs(trials);
  for (const std::int64_t batch_size : options.batch_sizes) {
    if (is_left_out(trials, batch_size)) continue;
    const Stage stage = batch_size == options.base_batch_size ? Stage::base : Stage::tuned;
    const auto known = observations_at(trials, batch_size);
    for (const double lr : lrs) {
      if (diverged_at(known, lr)) continue;
      for (std::int64_t replicate = 0; replicate < options.seeds; ++replicate) {
        const auto seed = options.first_seed + static_cast<std::uint64_t>(replicate);
        round.add(stage, {batch_size, lr, seed, {}});
      }
    }
  }
}

}  // namespace

std::vector<Observation> observations_at(std::span<const TrialRecord> trials,
                                         std::int64_t batch_size, const MovedSettings& moved) {
  std::vector<Observation> observations;
  for (const TrialRecord& trial : trials) {
    if (trial.spec.batch_size != batch_size || trial.spec.moved != moved) continue;
    if (const auto observation = observation_of(trial)) observations.push_back(*observation);
  }
  // Sums are then taken in one order, so that rounding depends on the set alone.
  std::sort(observations.begin(), observations.end(), [](const auto& a, const auto& b) {
    return std::pair(a.lr, a.seed) < std::pair(b.lr, b.seed);
  });
  return observations;
}

bool is_left_out(std::span<const TrialRecord> trials, std::int64_t batch_size) {
  int failures = 0;
  for (const TrialRecord& trial : trials) {
    if (trial.spec.batch_size != batch_size) continue;
    if (has_result(trial)) return false;
    failures += has_failed(trial);
  }
  return failures >= kHopelessFailures;
}

std::optional<double> find_base_lr(const StudyOptions& options,
                                   std::span<const TrialRecord> trials) {
  const auto observations = observations_at(trials, options.base_batch_size);
  if (observations.empty()) return std::nullopt;
  const LossTable table(observations);
  if (!table.best()) return std::nullopt;
  return table.lr(*table.best());
}

std::vector<PlannedTrial> plan_round(const StudyOptions& options,
                                     std::span<const TrialRecord> trials) {
  Round round(trials);
  plan_base(options, trials, round);
  if (!round.empty()) return round.take();
  const auto base_lr = find_base_lr(options, trials);
  if (!base_lr) return {};
  plan_rules(options, trials, *base_lr, 1, round);
  if (!round.empty()) return round.take();
  plan_rules(options, trials, *base_lr, kLeastSeeds, round);
  plan_tuned(options, trials, round);
  if (!round.empty()) return round.take();
  for (const PlannedTrial& trial : next_seeds(options, trials)) round.add(trial.stage, trial.spec);
  if (round.empty() && options.grid) plan_grid(options, trials, round);
  return round.take();
}

}  // namespace etalon
