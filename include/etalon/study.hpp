// A study: which learning rate is best at every batch size, and which scaling rule finds it.
//
// The rules are those of etalon/scaling.hpp, applied by `scale` to what the workload trains with. A
// rule that moves more than the learning rate (Adam's betas, a weight decay) is tested as a whole:
// its trials carry all that it moves, and enter no optimum and no exponent.
//
// `run_study` plans trials in rounds, runs each round through a `TrialRunner`, on `jobs` threads
// unless another is given, and hands every trial to a `TrialStore` before anything is decided from
// it. The next round depends only on the results of the rounds before, so the trials are the same
// however many run side by side and however often the study was interrupted and resumed.
//
// A trial that fails is tried again `retries` times; then it is stored as failed, and the study
// goes on without it: another seed takes the place of one that was to explore, a batch size at
// which trials only fail is left out, and the conclusion says so. Resuming tries a failed trial
// once more as long as no later round was decided without it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "etalon/exponent.hpp"
#include "etalon/generalization.hpp"
#include "etalon/hardware.hpp"
#include "etalon/limits.hpp"
#include "etalon/optimum.hpp"
#include "etalon/regret.hpp"
#include "etalon/runner.hpp"
#include "etalon/scaling.hpp"
#include "etalon/store.hpp"
#include "etalon/workload.hpp"

namespace etalon {

struct StudyOptions {
  std::vector<std::int64_t> batch_sizes = {8, 16, 32, 64, 128, 256, 512, 1024, 2048};
  std::int64_t base_batch_size = 32;  // one of batch_sizes
  // Replicates of each learning rate that is near the best at the base batch size, and of others as
  // long as their verdict is open, in [2, 1000].
  std::int64_t seeds = 3;
  // Where a verdict stays open, or an optimum wide, as many as this; at least `seeds`, at most
  // 1000. Default: twice `seeds`.
  std::optional<std::int64_t> most_seeds{};
  std::uint64_t first_seed = 1;
  // A learning rate of the grid lr_center · 2^(k/2), where the search starts, in [1e-30, 1e30];
  // default: the optimizer's first_lr (optimizers.hpp).
  std::optional<double> lr_center{};
  std::int64_t jobs = 0;     // trials run side by side, >= 1; 0: one per processor
  std::int64_t retries = 1;  // of a trial that failed, in [0, 100]
  double tolerance = 0.02;   // loss that counts as "the same", > 0; see RegretOptions
  double level = 0.90;       // coverage of every interval, in (0.5, 1)
  // Of scaling_rules(), those that `rule_obstacle` has nothing against.
  std::vector<std::string> rules = {"fixed", "sqrt", "linear"};
  // What the workload trains with, for the rules to move: its optimizer, that one's settings, the
  // average of the weights and the warm-up. Batch size and learning rate do not count.
  Recipe recipe{};
  std::optional<double> noise_scale{};  // in examples, > 0; for the rules that need it
  // At the end, every learning rate that is compared (that ran with two seeds at some batch size)
  // is run at every batch size with all `seeds`, but for what diverged there.
  bool grid = false;
  void validate() const;
  double first_lr() const;          // lr_center, or its default
  std::int64_t last_seeds() const;  // most_seeds, or its default
};

// Why a study cannot test the rule of this name with these options; empty where it can. Besides
// what `scale` asks for, a rule must leave the budget and the schedule alone, which a study holds
// fixed for all trials of a batch size. Throws InputError for a name that is no rule.
std::string rule_obstacle(const StudyOptions& options, std::string_view rule);

// The rules that are compared unless others are asked for: fixed, sqrt, linear, and for optimizers
// that divide by a root of squared gradients without scaling by layers, sde-power.
std::vector<std::string> default_rules(const Recipe& recipe);

// The batch size of these to scale from unless another is asked for: 32 where it is among them,
// else the nearest to it in ratio, the smaller of equals.
std::int64_t default_base_batch_size(std::span<const std::int64_t> batch_sizes);

// What a rule says at one batch size and how it fared. A rule that moves the learning rate alone is
// a point of that batch size's sweep; another has runs of its own, and its regret may be negative.
struct RuleOutcome {
  std::string rule;
  std::int64_t batch_size = 0;
  Regret regret;
  MovedSettings moved{};          // besides the learning rate, which is in `regret`
  std::optional<double> power{};  // p of lr = base_lr · (B / base_batch_size)^p, where it is one
  // Where the rule has no valid value here and its documented stand-in was run: a clause for each.
  std::vector<std::string> stand_ins{};
  std::vector<std::string> warnings{};  // where this is past what the rule can promise; see scale()
};

struct Recommendation {
  std::int64_t batch_size = 0;
  double lr = 0.0;
  std::optional<double> lr_low, lr_high;
  std::string reason;     // one sentence
  std::string rule{};     // whose recipe it is where one beats every learning rate; empty: none's
  MovedSettings moved{};  // what that recipe moves besides
};

struct StudyResult {
  WorkloadInfo workload;
  StudyOptions options;
  std::vector<TrialRecord> trials;
  double base_lr = 0.0;         // the tried learning rate of least mean loss at the base batch size
  std::vector<Optimum> optima;  // by batch size, ascending; none where every run diverged
  // Whether any trial ended better than an untrained one, or than others, by more than the
  // tolerance; if none did, there is nothing to recommend.
  bool learned = true;
  std::vector<RuleOutcome> rules;  // rule by rule, batch sizes ascending
  std::optional<Exponent> exponent;
  std::vector<Recommendation> recommendations;
  // Where trials measured their training loss (TrialResult::train_loss) and something was learned.
  std::optional<Generalization> generalization{};
  std::optional<MeasuredLimits> limits{};  // of the learning rate, where they were measured
  Hardware hardware{};                     // that costs to a target are asked for
  std::string conclusion;                  // a sentence or two that answer the question
  double wall_seconds = 0.0;  // in all sessions, as far as the store keeps it; else in this one
  bool interrupted = false;
};

// What must be equal for a study to go on where it stopped, as settings in text in a fixed order:
// those of the workload, then the options that the plan depends on, each named `study.FIELD`: among
// them the noise scale where one is given, and the recipe where a rule moves more of it than the
// learning rate. `jobs` is not among them. Numbers are written so that they read back to the same
// value.
Fingerprint study_fingerprint(const WorkloadInfo& workload, const StudyOptions& options);

// Whether a study was planned in rounds, by `run_study`.
bool has_rounds(const StudyFile& study);

// The answer of such a study as it is on disk, complete or not, without running anything; `name` is
// what it is called where it does not say so itself. Throws InputError where it has no trials, or
// settings that no study has.
StudyResult stored_study(const StudyFile& study, const std::string& name,
                         std::optional<double> tolerance = std::nullopt);

// The rules that a study of this fingerprint compares, in its order; none where it names none.
std::vector<std::string> rules_of(const Fingerprint& fingerprint);

// Told of what happens while it happens, on the thread that called `run_study`. A trial is started,
// says points of its curve, and then ends, or is tried again; an interrupted one ends unheard.
class StudyObserver {
 public:
  virtual ~StudyObserver() = default;
  // `planned`: the trials of the round that are not stored yet.
  virtual void on_round(std::int64_t /*round*/, std::span<const TrialRecord> /*planned*/) {}
  virtual void on_start(const TrialRecord& /*record*/) {}
  virtual void on_point(const TrialRecord& /*record*/, const CurvePoint& /*point*/) {}
  // It failed, with the message in its result, and is going to be started anew.
  virtual void on_retry(const TrialRecord& /*record*/) {}
  // It ended and is stored.
  virtual void on_trial(const TrialRecord& /*record*/) {}
  // How many trials the budget is expected to pay for, where that is not what it was.
  virtual void on_budget(std::int64_t /*trials*/) {}
};

// Runs the study to its end or until `stop`. Trials in `store` are not run again, except for failed
// ones; a store of another study is refused with InputError. Interrupted trials are not stored, so
// that they run again on resuming. Throws RunError quoting a message where every trial so far has
// failed, once they are stored.
StudyResult run_study(const Workload& workload, const StudyOptions& options, TrialStore& store,
                      StudyObserver& observer, const StopFlag& stop);

// The same with trials that run where `runner` runs them, as many side by side as it has slots
// (`options.jobs` counts for nothing); `workload` says what they are.
StudyResult run_study(const WorkloadInfo& workload, TrialRunner& runner,
                      const StudyOptions& options, TrialStore& store, StudyObserver& observer,
                      const StopFlag& stop);

}  // namespace etalon
