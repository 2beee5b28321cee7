// Campaigns that prune: what they store, what they resume, what they say, and that what they say is
// as true as without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "campaign/campaign_outcome.hpp"
#include "etalon/campaign.hpp"
#include "support/simulated_curves.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::CampaignScore;
using testing::CurveLaw;
using testing::CurveSchedule;
using ::testing::HasSubstr;
using testing::MemoryStore;
using testing::SimulatedMachines;
using testing::TemporaryDirectory;

constexpr std::int64_t kSlots = 8;

CampaignOptions pruning_options(PruningRule rule = PruningRule::median) {
  CampaignOptions options;
  options.ask.batch_sizes = {64, 256};
  options.ask.first_lr = 0.00003;  // far off, so that there is much to prune
  options.trials = 24;
  options.pruning = PruningOptions{rule, 0.25};
  return options;
}

std::vector<TrialRecord> pruned_among(const std::vector<TrialRecord>& trials) {
  std::vector<TrialRecord> pruned;
  std::copy_if(trials.begin(), trials.end(), std::back_inserter(pruned),
               [](const TrialRecord& t) { return t.result.state == TrialState::pruned; });
  return pruned;
}

class Listener final : public StudyObserver {
 public:
  void on_start(const TrialRecord& record) override { started.insert(record.id); }
  void on_trial(const TrialRecord& record) override { ended.push_back(record); }
  void on_budget(std::int64_t trials) override { budget = trials; }
  std::set<std::int64_t> started;
  std::vector<TrialRecord> ended;
  std::int64_t budget = 0;
};

TEST(CampaignPruning, IsOffUnlessAskedFor) {
  CampaignOptions options = pruning_options();
  options.pruning.reset();
  SimulatedMachines machines({}, kSlots);
  MemoryStore store;
  StudyObserver observer;
  const StudyResult result = run_campaign({}, machines, options, store, observer, StopFlag());
  EXPECT_THAT(pruned_among(result.trials), ::testing::IsEmpty());
  EXPECT_DOUBLE_EQ(machines.spent(), static_cast<double>(result.trials.size()));
}

TEST(CampaignPruning, StoresWhatItStopsWithItsCurveAndItsReason) {
  for (const PruningRule rule : {PruningRule::median, PruningRule::halving}) {
    SimulatedMachines machines({}, kSlots);
    MemoryStore store;
    Listener listener;
    const StudyResult result =
        run_campaign({}, machines, pruning_options(rule), store, listener, StopFlag());
    const auto pruned = pruned_among(store.load());
    ASSERT_FALSE(pruned.empty());
    for (const TrialRecord& trial : pruned) {
      EXPECT_THAT(trial.result.message, HasSubstr("of the budget"));
      ASSERT_GE(trial.result.curve.size(), 10U);
      EXPECT_LT(trial.result.curve.size(), std::size_t{CurveLaw::kPoints});
      EXPECT_EQ(trial.result.objective, trial.result.curve.back().validation_loss);
      EXPECT_EQ(trial.result.steps, trial.result.curve.back().step);
    }
    EXPECT_EQ(listener.ended.size(), result.trials.size());
    EXPECT_THAT(result.conclusion, HasSubstr("pruned"));
  }
}

// What pruned trials leave of their budget buys others, and no more than that.
TEST(CampaignPruning, SpendsWhatItSaves) {
  std::int64_t bought = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SimulatedMachines machines({.seed = seed}, 4);
    MemoryStore store;
    Listener listener;
    CampaignOptions options = pruning_options();
    options.ask.first_lr = 0.001 * std::exp2(static_cast<double>(seed) - 3);
    options.trials = 14;
    listener.budget = options.trials;
    const StudyResult result = run_campaign({}, machines, options, store, listener, StopFlag());
    EXPECT_EQ(std::ssize(result.trials), listener.budget);
    EXPECT_LE(machines.spent(), 14.5);
    EXPECT_GT(machines.spent(), 13.0);
    bought += listener.budget - options.trials;
  }
  EXPECT_GT(bought, 0);
}

TEST(CampaignPruning, NeverProposesWhatItStoppedAgain) {
  SimulatedMachines machines({}, kSlots);
  MemoryStore store;
  StudyObserver observer;
  CampaignOptions options = pruning_options();
  options.ask.seeds = 3;
  options.trials = 30;
  const StudyResult result = run_campaign({}, machines, options, store, observer, StopFlag());
  const auto pruned = pruned_among(result.trials);
  ASSERT_FALSE(pruned.empty());
  for (const TrialRecord& stopped : pruned) {
    for (const TrialRecord& other : result.trials) {
      if (other.id <= stopped.id + kSlots) continue;  // decided before
      EXPECT_FALSE(other.spec.batch_size == stopped.spec.batch_size &&
                   other.spec.lr == stopped.spec.lr)
          << other.id << " repeats " << stopped.id;
    }
  }
}

// Stopped, it goes on where it was: what was pruned is not run again.
TEST(CampaignPruning, GoesOnWithTheSameDecisions) {
  class StopAfter final : public StudyObserver {
   public:
    explicit StopAfter(StopFlag& stop) : stop_(stop) {}
    void on_trial(const TrialRecord& record) override {
      if (record.result.state == TrialState::pruned) stop_.request();
    }

   private:
    StopFlag& stop_;
  };
  const TemporaryDirectory directory;
  const CampaignOptions options = pruning_options();
  const Fingerprint fingerprint = campaign_fingerprint({}, options);
  StopFlag stop;
  std::vector<TrialRecord> before;
  {
    SqliteStore store(directory.path() / "study.db", StoreMode::create, fingerprint);
    SimulatedMachines machines({}, kSlots);
    StopAfter stopper(stop);
    EXPECT_TRUE(run_campaign({}, machines, options, store, stopper, stop).interrupted);
    before = pruned_among(store.load());
  }
  ASSERT_FALSE(before.empty());
  SqliteStore store(directory.path() / "study.db", StoreMode::resume, fingerprint);
  SimulatedMachines machines({}, kSlots);
  Listener listener;
  const StudyResult result = run_campaign({}, machines, options, store, listener, StopFlag());
  EXPECT_FALSE(result.interrupted);
  EXPECT_GE(std::ssize(result.trials), options.trials);
  for (const TrialRecord& trial : before) {
    EXPECT_FALSE(listener.started.contains(trial.id));
    const TrialRecord& after = result.trials[static_cast<std::size_t>(trial.id - 1)];
    EXPECT_EQ(after.result.state, TrialState::pruned);
    EXPECT_EQ(after.result.message, trial.result.message);
    EXPECT_EQ(after.result.curve, trial.result.curve);
  }
}

// A pruned trial beyond the best closes that side: it would have ended no better.
TEST(CampaignPruning, ClosesTheSideOfAnOptimumAsABound) {
  StudyFile study;
  const auto add = [&](double lr, TrialState state, std::optional<double> loss) {
    TrialRecord trial;
    trial.id = std::ssize(study.trials) + 1;
    trial.stage = Stage::tuned;
    trial.spec = {64, lr, 1};
    trial.result.state = state;
    trial.result.objective = loss;
    study.trials.push_back(trial);
  };
  for (const auto& [lr, loss] : {std::pair{0.001, 2.3}, {0.002, 2.1}, {0.004, 2.05}}) {
    add(lr, TrialState::finished, loss);
  }
  EXPECT_EQ(stored_campaign(study, "study").optima.at(0).censored, Censoring::above);
  add(0.016, TrialState::pruned, 2.9);
  const StudyResult result = stored_campaign(study, "study");
  EXPECT_EQ(result.optima.at(0).censored, Censoring::none);
  EXPECT_TRUE(result.optima.at(0).lr_high);
  EXPECT_EQ(result.optima.at(0).observations, 3);
  EXPECT_THAT(result.conclusion,
              HasSubstr("1 trial was pruned: it counts as a bound, not as a loss."));
}

// The loss that it had is of another budget: however low, it moves nothing.
TEST(CampaignPruning, NeverTakesAPrunedLossForALoss) {
  const auto answer_with = [](double loss) {
    StudyFile study;
    for (int octave = -3; octave <= 3; ++octave) {
      TrialRecord trial;
      trial.id = octave + 4;
      trial.stage = Stage::tuned;
      trial.spec = {64, 0.001 * std::exp2(octave), 1};
      trial.result.state = octave == 3 ? TrialState::pruned : TrialState::finished;
      trial.result.objective = octave == 3 ? loss : 2.0 + 0.05 * octave * octave;
      study.trials.push_back(trial);
    }
    return stored_campaign(study, "study");
  };
  const StudyResult low = answer_with(0.1), high = answer_with(9.0);
  EXPECT_EQ(low.recommendations.at(0).lr, high.recommendations.at(0).lr);
  EXPECT_EQ(low.optima.at(0).lr_high, high.optima.at(0).lr_high);
  EXPECT_EQ(low.conclusion, high.conclusion);
  EXPECT_EQ(observations_of(low.trials).size(), 6U);
}

CampaignScore score_of(CurveSchedule schedule, std::optional<PruningOptions> pruning) {
  constexpr int kCampaigns = 10;
  CampaignScore score;
  for (int i = 1; i <= kCampaigns; ++i) {
    CurveLaw law;
    law.schedule = schedule;
    law.seed = static_cast<std::uint64_t>(i);
    CampaignOptions options;
    options.ask.batch_sizes = {64, 256};
    options.ask.first_lr = 0.001 * std::exp2(i % 7 - 3);
    options.trials = 14;
    options.pruning = pruning;
    testing::score_campaign(law, options, 4, score);
  }
  return score;
}

// Intervals of 80%, 20 of them, also where curves cross and a larger learning rate wins at the end.
// A pruned trial would seldom have been the best.
TEST(CampaignPruning, LeavesIntervalsThatCover) {
  for (const CurveSchedule schedule : {CurveSchedule::constant, CurveSchedule::cosine}) {
    const CampaignScore without = score_of(schedule, {});
    for (const PruningRule rule : {PruningRule::median, PruningRule::halving}) {
      const CampaignScore with = score_of(schedule, PruningOptions{rule, 0.25});
      const auto covered = [](const CampaignScore& score) {
        return static_cast<double>(score.covered) / score.intervals;
      };
      RecordProperty("coverage", std::to_string(covered(with)));
      std::printf(
          "coverage %.2f with, %.2f without; %d of %d pruned, %d wrongly; spent %.1f of %.1f\n",
          covered(with), covered(without), with.pruned, with.trials, with.wrong, with.spent,
          without.spent);
      EXPECT_GE(covered(with), 0.8);
      EXPECT_GE(covered(with), covered(without) - 0.1);
      EXPECT_GT(with.pruned, 0);
      EXPECT_LE(with.wrong, with.pruned / 5);
    }
  }
}

}  // namespace
}  // namespace etalon
