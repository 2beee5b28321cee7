// Ask and tell: which trial is next, for any program that trains by itself.
//
// `propose` is the decision alone: a pure function of the trials that are known and of those
// under way, safe from any thread. `AskTell` keeps asked and told trials in a study file, which any
// number of processes may use at once: every call is one transaction, a trial that was told is safe
// once `tell` has returned, and no two calls are given the same one. An `AskTell` object itself is
// for one thread at a time; threads open one each.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "etalon/advice.hpp"
#include "etalon/store.hpp"
#include "etalon/trial.hpp"

namespace etalon {

struct ProposalOptions {
  // Whose expected regret is to shrink; also those of a trial where none is asked for.
  std::vector<std::int64_t> batch_sizes;     // at least one, each >= 1
  UpdateKind update = UpdateKind::adaptive;  // chooses the priors
  double first_lr = 0.001;                   // where nothing is known, in [1e-30, 1e30]
  std::int64_t seeds = 1;                    // of the learning rates around the best, >= 1
  std::uint64_t first_seed = 1;              // the seed that explores
  void validate() const;                     // throws InputError naming field, value and constraint
};

struct Proposal {
  TrialSpec spec;      // its learning rate has three significant digits
  std::string reason;  // one clause
};

// The next trial. Until three learning rates of one batch size have a loss, it brackets the best in
// steps of two octaves, then of one, never beyond what is known to be worse; where nothing is left
// of that, at the next batch size. After that it goes by an `Advisor`. Once the best of a batch
// size lies between two others within an octave each, those three are tried with every seed; and
// once nothing near the optimum is left to try, the recommended learning rate is tried again with a
// fresh seed. Never one that is known or pending, or among `given_up`: those that failed too often,
// which nothing waits for; nor the learning rate of one that was `pruned`: stopped before its end,
// since it would have ended no better than the best of its batch size, which bounds the surface.
Proposal propose(std::span<const Observation> known, std::span<const TrialSpec> pending,
                 const ProposalOptions& options,
                 std::optional<std::int64_t> batch_size = std::nullopt,
                 std::span<const TrialSpec> given_up = {}, std::span<const TrialSpec> pruned = {});

// What the trials say so far at `options.batch_sizes`; empty until three learning rates of one
// batch size have a loss. Where something diverged at a batch size, the learning rate lies between
// the best and the greatest that finished below that.
std::vector<Forecast> current_advice(std::span<const Observation> known,
                                     const ProposalOptions& options,
                                     std::span<const TrialSpec> pruned = {});

// What learning rates may lose by what the trials say so far; empty as `current_advice`.
struct AskedRate {
  std::int64_t batch_size = 0;
  double lr = 0.0;
};
std::vector<RegretForecast> current_regrets(std::span<const Observation> known,
                                            const ProposalOptions& options,
                                            std::span<const AskedRate> asked,
                                            std::span<const TrialSpec> pruned = {});

// What a trial came to: a loss; a divergence; that it was pruned, stopped on purpose before its end
// since it would have ended no better than the best of its batch size; or a failure that says
// nothing about its settings, after which the trial is offered again, though not for ever.
struct TrialOutcome {
  TrialState state = TrialState::failed;
  std::optional<double> loss;  // set when finished
  // One that is not finite, or outside bounds.hpp, is a divergence.
  static TrialOutcome of_loss(double loss);
  bool operator==(const TrialOutcome&) const = default;
};

// An option is stored in the study by the first call that gives it; given again, it holds for that
// call. What was never given has the default.
struct AskTellOptions {
  std::vector<std::int64_t> batch_sizes =
      {};                                  // default: the one asked for, else all that are known
  std::optional<UpdateKind> update = {};   // default: that of the study's optimizer, else adaptive
  std::optional<double> first_lr = {};     // default: 0.1 for sgd, 0.001 for adaptive
  std::optional<std::int64_t> seeds = {};  // default: 1
  // A trial that was asked for this long ago and not told is offered again, > 0; default: never.
  std::optional<std::int64_t> expire_seconds = {};
  // How often a trial that failed, or was not told in time, is offered again, in [0, 100]; default:
  // 1. Then it is given up, though it may still be told.
  std::optional<std::int64_t> retries = {};
};

enum class StudyOpening { create, existing };

class AskTell {
 public:
  using Clock = std::function<std::int64_t()>;  // seconds since 1970, UTC

  // `study` is a file whose name ends in .db, or a directory, which has it in study.db. Throws
  // InputError when it is no study, or there is none and `opening` is `existing`.
  explicit AskTell(const std::filesystem::path& study, StudyOpening opening = StudyOpening::create,
                   Clock clock = nullptr);
  ~AskTell();
  AskTell(AskTell&&) noexcept;
  AskTell& operator=(AskTell&&) noexcept;

  struct Answer {
    AskedTrial trial;
    std::string reason;
  };
  // The next trial, stored as pending: one that failed or has expired and has a try left, else a
  // new one. Throws InputError when neither `batch_size`, nor the options, nor any trial names a
  // batch size.
  Answer ask(std::optional<std::int64_t> batch_size = std::nullopt,
             const AskTellOptions& options = {});

  // Stores what a trial came to and returns it. Telling the same again changes nothing; telling
  // something else where it had a loss or a divergence is an InputError unless `replace`.
  AskedTrial tell(std::int64_t id, const TrialOutcome& outcome, bool replace = false);
  // The same for a trial that was not asked for; if it was, for that one.
  AskedTrial tell(const TrialSpec& spec, const TrialOutcome& outcome, bool replace = false);

  std::vector<AskedTrial> trials() const;  // by id
  // Everything that is known: the trials of `etalon study` and those that were told.
  std::vector<Observation> observations() const;
  // What was stopped before its end, by `etalon study` or as it was told.
  std::vector<TrialSpec> pruned() const;
  // Those that failed or have expired and are not offered again by a call that gives `options`; by
  // id.
  std::vector<AskedTrial> given_up(const AskTellOptions& options = {}) const;
  // What holds for a call that gives `options`.
  ProposalOptions proposal_options(std::optional<std::int64_t> batch_size = std::nullopt,
                                   const AskTellOptions& options = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace etalon
