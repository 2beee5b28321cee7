#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "ask/nearest_points.hpp"
#include "core/random.hpp"
#include "etalon/ask_tell.hpp"
#include "etalon/error.hpp"
#include "plan/run_point.hpp"
#include "support/simulated_search.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

const ProposalOptions kAt256 = {.batch_sizes = {256}, .first_lr = 0.001};

// Around 0.001 · √(B/256), an octave off losing 0.015; diverges above 0.01.
Observation run_of(const TrialSpec& spec) {
  const auto batch_size = static_cast<double>(spec.batch_size);
  const double octaves = std::log2(spec.lr / (0.001 * std::sqrt(batch_size / 256)));
  Observation run{batch_size, spec.lr, spec.seed, 2.0 + 0.015 * octaves * octaves};
  if (spec.lr > 0.01) run.loss.reset();
  return run;
}

std::vector<Observation> sweep(std::int64_t batch_size, const std::vector<double>& lrs) {
  std::vector<Observation> runs;
  for (const double lr : lrs) runs.push_back(run_of({batch_size, lr, 1}));
  return runs;
}

TEST(Propose, StartsAtTheFirstLearningRateAndBracketsIt) {
  std::vector<Observation> known;
  std::vector<double> lrs;
  for (int i = 0; i < 3; ++i) {
    const TrialSpec spec = propose(known, {}, kAt256).spec;
    EXPECT_EQ(spec.batch_size, 256);
    EXPECT_EQ(spec.seed, 1u);
    lrs.push_back(spec.lr);
    known.push_back(run_of(spec));
  }
  EXPECT_EQ(lrs, (std::vector{0.001, 0.004, 0.00025}));
}

// Neither in a bracket, nor by the fit, nor as a replicate.
TEST(Propose, NeverRunsTheLearningRateOfAPrunedTrialAgain) {
  for (const std::int64_t seeds : {1, 3}) {
    ProposalOptions options = kAt256;
    options.seeds = seeds;
    std::vector<Observation> known = sweep(256, {0.001, 0.004});
    const std::vector<TrialSpec> pruned = {{256, 0.00025, 1}, {256, 0.008, 1}, {256, 0.0005, 1}};
    for (int i = 0; i < 25; ++i) {
      const TrialSpec spec = propose(known, {}, options, {}, {}, pruned).spec;
      for (const TrialSpec& stopped : pruned) EXPECT_NE(spec.lr, stopped.lr);
      known.push_back(run_of(spec));
    }
  }
}

// What was stopped beyond the best stands there for worse, so that nothing more is tried beyond it.
TEST(Propose, TakesAPrunedTrialBeyondTheBestForWorse) {
  const std::vector<Observation> known = sweep(256, {0.00025, 0.0005, 0.001});
  EXPECT_EQ(propose(known, {}, kAt256).spec.lr, 0.002);
  const std::vector<TrialSpec> pruned = {{256, 0.004, 1}};
  const Proposal proposal = propose(known, {}, kAt256, {}, {}, pruned);
  EXPECT_LT(proposal.spec.lr, 0.004) << proposal.reason;
}

// A loss that is not a number, or is beyond what one may be, is a divergence, however it is said.
TEST(Propose, TakesEveryLossThatNoneCanBeForADivergence) {
  const std::vector<std::vector<double>> kSweeps = {
      {0.8}, {0.8, 0.1}, {0.001, 0.02}, {0.0005, 0.001, 0.002, 0.02}, {0.002, 0.004, 0.008, 0.011}};
  for (const std::vector<double>& lrs : kSweeps) {
    const std::vector<Observation> known = sweep(256, lrs);
    const TrialSpec expected = propose(known, {}, kAt256).spec;
    for (const double loss : {double{NAN}, double{INFINITY}, -double{INFINITY}, 1e308, -1.1e30}) {
      std::vector<Observation> other = known;
      for (Observation& run : other) {
        if (!run.loss) run.loss = loss;
      }
      EXPECT_EQ(propose(other, {}, kAt256).spec, expected) << lrs.back() << ' ' << loss;
    }
  }
}

TEST(Propose, RefusesWhatNoTrialCanHave) {
  const auto at = [](double batch_size, double lr) {
    return std::vector{Observation{batch_size, lr, 1, 2.0}};
  };
  EXPECT_THROW(propose(at(256, 1.79e308), {}, kAt256), InputError);
  EXPECT_THROW(propose(at(256, 1e-320), {}, kAt256), InputError);
  EXPECT_THROW(propose(at(9e18, 0.1), {}, kAt256), InputError);
  EXPECT_THROW(propose({}, std::vector<TrialSpec>{{256, 1e300, 1}}, kAt256), InputError);
  EXPECT_THROW(propose({}, {}, {.batch_sizes = {9000000000000000000}}), InputError);
}

// 0.0005 is said to have diverged, below the best.
std::vector<Observation> contradicted() {
  std::vector<Observation> known = sweep(256, {0.00025, 0.0005, 0.001, 0.002});
  known[1].loss.reset();
  return known;
}

TEST(Propose, RunsAgainWhatDivergedBelowABetterOne) {
  std::vector<Observation> known = contradicted();
  const Proposal proposal = propose(known, {}, kAt256);
  EXPECT_EQ(proposal.spec, (TrialSpec{256, 0.0005, 2}));
  EXPECT_THAT(proposal.reason, HasSubstr("it diverged, though 0.001 above it did well"));
  EXPECT_NE(propose(known, std::vector{proposal.spec}, kAt256).spec.lr, 0.0005) << "under way";
  known.push_back(run_of(proposal.spec));
  EXPECT_NE(propose(known, {}, kAt256).spec.lr, 0.0005) << "settled";
}

TEST(Propose, IsNotKeptBelowADivergenceThatBetterRunsContradict) {
  std::vector<Observation> known = contradicted();
  double highest = 0;
  for (int i = 0; i < 6; ++i) {
    known.push_back(run_of(propose(known, {}, kAt256).spec));
    highest = std::max(highest, known.back().lr);
  }
  EXPECT_GT(highest, 0.0006);
}

TEST(CurrentAdvice, IsNotKeptBelowADivergenceThatBetterRunsContradict) {
  const double lr = current_advice(contradicted(), kAt256).at(0).lr;
  EXPECT_GT(lr, 0.0007);
  EXPECT_LT(lr, 0.0015);
}

// At 256 the best lies next to a divergence: the surface would use a learning rate below it, and
// lose little, but what is told, and run with, is the best that finished. Elsewhere rates are far
// apart.
TEST(Propose, GoesWhereTheRegretThatIsToldIsGreatestNextToADivergenceToo) {
  const auto loss_about = [](double best, double batch_size, double lr) {
    const double octaves = std::log2(lr / best);
    return Observation{batch_size, lr, 1, 2.0 + 0.015 * octaves * octaves};
  };
  std::vector<Observation> known;
  for (const double lr : {0.00025, 0.0005, 0.001, 0.002}) {
    known.push_back(loss_about(0.0015, 256, lr));
  }
  known.push_back({256, 0.004, 1, {}});
  for (const double share : {0.0625, 0.25, 1.0, 4.0, 16.0}) {
    known.push_back(loss_about(0.0015, 512, 0.001875 * share));
  }
  const ProposalOptions options = {.batch_sizes = {256, 512}, .first_lr = 0.001};
  const std::vector<Forecast> told = current_advice(known, options);
  EXPECT_EQ(told.at(0).lr, 0.002);
  ASSERT_GT(told.at(0).expected_regret, 2.0 * told.at(1).expected_regret);
  const Advisor surface(known, {.update = options.update});
  ASSERT_LT(surface.forecast(256).expected_regret, 0.5 * surface.forecast(512).expected_regret)
      << "the surface alone would go to the other one";
  EXPECT_EQ(propose(known, {}, options).spec.batch_size, 256);
}

TEST(Propose, ComesDownFromADivergence) {
  const auto proposal = propose(sweep(256, {0.8}), {}, {.batch_sizes = {256}, .first_lr = 0.8});
  EXPECT_EQ(proposal.spec.lr, 0.1);
  EXPECT_LT(propose(sweep(256, {0.8, 0.1}), {}, kAt256).spec.lr, 0.02);
}

// What is asked and what is advised agree, however far the fit has the optimum above a divergence.
TEST(Propose, GoesWellBelowADivergenceThatHasNothingBelowIt) {
  auto known = sweep(256, {0.00025, 0.0005, 0.001, 0.002, 0.004});
  known.push_back({1024, 0.0005, 1, std::nullopt});
  const Proposal proposal = propose(known, {}, kAt256, 1024);
  EXPECT_LE(proposal.spec.lr, 0.000125);
  EXPECT_THAT(proposal.reason, HasSubstr("all that was run at this batch size diverged"));
  EXPECT_LE(current_advice(known, {.batch_sizes = {1024}}).at(0).lr, 0.000125);
}

// The lowest learning rate that there may be diverged.
TEST(Propose, SaysThatNoLowerLearningRateIsLeft) {
  std::vector<Observation> known = {
      {32, 4e-30, 1, 2.1}, {32, 8e-30, 1, 2.0}, {32, 1.6e-29, 1, 2.1}, {64, 3e-30, 1, {}}};
  EXPECT_EQ(propose(known, {}, kAt256, 64).spec.lr, 1e-30);
  known.push_back({64, 1e-30, 1, {}});
  try {
    propose(known, {}, kAt256, 64);
    FAIL() << "a learning rate is left";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no lower one is left to suggest"));
  }
}

TEST(Propose, ClimbsFromTheBestWhileItIsTheHighest) {
  EXPECT_EQ(propose(sweep(256, {0.00002, 0.0001}), {}, kAt256).spec.lr, 0.0004);
}

TEST(Propose, StartsAnotherBatchSizeByTheRootRule) {
  EXPECT_EQ(propose(sweep(256, {0.001}), {}, kAt256, 1024).spec.lr, 0.002);
}

// Whoever has many slots waits for no third loss: what is left of the bracket is asked for, and
// then the next batch size is begun.
TEST(Propose, BracketsTheNextBatchSizeRatherThanGoOnWhereItIsKnownToBeWorse) {
  const ProposalOptions options = {.batch_sizes = {256, 1024, 4096}, .first_lr = 0.001};
  for (const double worse : {0.004, 0.00025}) {
    const std::vector<Observation> known = sweep(256, {0.001, worse});
    std::map<std::int64_t, std::vector<TrialSpec>> asked;
    std::vector<TrialSpec> pending;
    for (int slot = 0; slot < 24; ++slot) {
      pending.push_back(propose(known, pending, options).spec);
      asked[pending.back().batch_size].push_back(pending.back());
    }
    for (const TrialSpec& spec : asked[256]) {
      EXPECT_TRUE(worse > 0.001 ? spec.lr < worse : spec.lr > worse) << spec.lr;
      EXPECT_EQ(spec.seed, 1u);
    }
    ASSERT_FALSE(asked[1024].empty());
    EXPECT_EQ(asked[1024].front().lr, 0.002) << "by the root rule";
    EXPECT_FALSE(asked[4096].empty());
  }
}

TEST(Propose, GivesManyWorkersDistinctRunsBeforeAnyResult) {
  std::vector<TrialSpec> pending;
  for (int worker = 0; worker < 40; ++worker) {
    pending.push_back(propose({}, pending, kAt256).spec);
  }
  EXPECT_EQ(std::set(pending.begin(), pending.end()).size(), 40u);
}

// Four workers at a time, from nothing to sixty runs at three batch sizes.
TEST(Propose, NeverRepeatsARunNorGoesAboveADivergence) {
  const ProposalOptions options{.batch_sizes = {64, 256, 1024}, .first_lr = 0.03, .seeds = 2};
  std::vector<Observation> known;
  std::vector<TrialSpec> pending;
  std::set<TrialSpec> all;
  for (int i = 0; i < 60; ++i) {
    const TrialSpec spec = propose(known, pending, options).spec;
    EXPECT_TRUE(all.insert(spec).second) << spec.batch_size << ' ' << spec.lr << ' ' << spec.seed;
    for (const Observation& run : known) {
      if (run.loss || run.batch_size != static_cast<double>(spec.batch_size)) continue;
      EXPECT_LT(spec.lr, run.lr) << "at batch size " << spec.batch_size;
    }
    pending.push_back(spec);
    if (pending.size() < 4) continue;
    known.push_back(run_of(pending.front()));
    pending.erase(pending.begin());
  }
}

TEST(Propose, ReplicatesTheBestAndItsNeighboursWithEverySeed) {
  auto known = sweep(256, {0.00025, 0.0005, 0.001, 0.002, 0.004});
  ProposalOptions options = kAt256;
  options.seeds = 3;
  std::set<TrialSpec> replicates;
  for (int i = 0; i < 6; ++i) {
    const TrialSpec spec = propose(known, {}, options).spec;
    replicates.insert(spec);
    known.push_back(run_of(spec));
  }
  const std::set<TrialSpec> expected = {{256, 0.0005, 2}, {256, 0.0005, 3}, {256, 0.001, 2},
                                        {256, 0.001, 3},  {256, 0.002, 2},  {256, 0.002, 3}};
  EXPECT_EQ(replicates, expected);
}

TEST(Propose, RunsOnlyTheBatchSizeThatIsAsked) {
  auto known = sweep(256, {0.00025, 0.001, 0.004});
  for (int i = 0; i < 6; ++i) {
    const TrialSpec spec = propose(known, {}, {.batch_sizes = {256, 8192}}, 2048).spec;
    EXPECT_EQ(spec.batch_size, 2048);
    known.push_back(run_of(spec));
  }
}

TEST(Propose, RunsWhereTheRegretIsGreatestAndForgetsNoBatchSize) {
  auto known = sweep(256, {0.00025, 0.0005, 0.001, 0.002, 0.004});
  const ProposalOptions options{.batch_sizes = {64, 256, 4096}};
  EXPECT_EQ(propose(known, {}, options).spec.batch_size, 4096);
  std::map<std::int64_t, int> runs;
  for (int i = 0; i < 20; ++i) {
    const TrialSpec spec = propose(known, {}, options).spec;
    ++runs[spec.batch_size];
    known.push_back(run_of(spec));
  }
  EXPECT_GE(runs[64], 4);
  EXPECT_GE(runs[4096], 4);
}

TEST(Propose, NamesTheFieldThatIsWrong) {
  const auto expect_refused = [](const ProposalOptions& options, const char* field) {
    try {
      propose({}, {}, options);
      FAIL() << field;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), HasSubstr(field));
    }
  };
  expect_refused({.batch_sizes = {}}, "batch_sizes");
  expect_refused({.batch_sizes = {0}}, "batch_sizes");
  expect_refused({.batch_sizes = {8}, .first_lr = NAN}, "first_lr");
  expect_refused({.batch_sizes = {8}, .seeds = 0}, "seeds");
  EXPECT_THROW(propose({}, {}, kAt256, 0), InputError);
}

TEST(CurrentAdvice, NeedsThreeLearningRatesOfOneBatchSize) {
  EXPECT_TRUE(current_advice(sweep(256, {0.0005, 0.002}), kAt256).empty());
  const auto advice = current_advice(sweep(256, {0.00025, 0.0005, 0.001, 0.002, 0.004}), kAt256);
  ASSERT_EQ(advice.size(), 1u);
  EXPECT_NEAR(std::log2(advice[0].lr / 0.001), 0.0, 0.35);
}

TEST(CurrentAdvice, StaysAtWhatFinishedWhereSomethingAboveItDiverged) {
  auto known = sweep(256, {0.0001, 0.0002, 0.0004});
  known.push_back({256, 0.0005, 1, std::nullopt});
  EXPECT_LE(current_advice(known, kAt256).at(0).lr, 0.0004);
}

// The learning rates of the sweep do not meet the optimum, which lies between two of them.
TEST(CurrentAdvice, IsNotMovedByADivergenceFarAboveTheBest) {
  auto known = sweep(256, {0.00017, 0.00034, 0.00068, 0.00136, 0.00272});
  const double without = current_advice(known, kAt256).at(0).lr;
  EXPECT_NEAR(std::log2(without / 0.001), 0.0, 0.15);
  known.push_back({256, 0.0109, 1, std::nullopt});
  EXPECT_NEAR(std::log2(current_advice(known, kAt256).at(0).lr / without), 0.0, 0.15);
}

// Random learning rates over ten octaves at four batch sizes, around those of `run_of`.
std::vector<Observation> random_search(std::size_t runs, std::uint64_t seed) {
  RandomStream stream(seed, "proposal_test.random_search");
  std::vector<Observation> known;
  for (std::size_t i = 0; i < runs; ++i) {
    const std::int64_t batch_size = 64 << stream.below(4);
    const double lr = 0.001 * std::exp2(10.0 * stream.uniform() - 5.0);
    Observation run = run_of({batch_size, lr, i});
    if (run.loss) *run.loss += 0.003 * stream.normal();
    known.push_back(run);
  }
  return known;
}

// How far the advice lies from the optima, and the greatest regret that it expects.
struct AdviceError {
  double octaves = 0.0, regret = 0.0;
};

AdviceError advice_error(std::size_t runs) {
  const ProposalOptions options{.batch_sizes = {64, 128, 256, 512}};
  AdviceError error;
  for (const std::uint64_t seed : {1, 2}) {
    for (const Forecast& forecast : current_advice(random_search(runs, seed), options)) {
      const double best = 0.001 * std::sqrt(forecast.batch_size / 256);
      error.octaves = std::max(error.octaves, std::abs(std::log2(forecast.lr / best)));
      error.regret = std::max(error.regret, forecast.expected_regret);
    }
  }
  return error;
}

TEST(CurrentAdvice, IsNoWorseOfMoreTrials) {
  const AdviceError few = advice_error(300);
  for (const std::size_t runs : {1000, 20000}) {
    const AdviceError many = advice_error(runs);
    fmt::print("{} trials: {:.3f} octaves off, expected regret {:.5f}; of 300 {:.3f} and {:.5f}\n",
               runs, many.octaves, many.regret, few.octaves, few.regret);
    EXPECT_LE(many.octaves, std::max(few.octaves, 0.125)) << runs;
    EXPECT_LE(many.regret, few.regret) << runs;
  }
}

// Only some of what lies close together, but all batch sizes' optima, from both sides.
TEST(NearestPoints, MergesWhatLiesCloseTogether) {
  std::vector<Observation> known = random_search(5000, 3);
  known.push_back({256, 0.0101, 1, {}});
  const std::vector<std::int64_t> batch_sizes = {256};
  std::map<double, std::pair<double, double>> ends;
  std::set<std::pair<double, double>> points;
  for (const Observation& run : nearest_points(known, batch_sizes, 64)) {
    points.insert({run.batch_size, run.lr});
    auto& [low, high] = ends.try_emplace(run.batch_size, run.lr, run.lr).first->second;
    low = std::min(low, run.lr);
    high = std::max(high, run.lr);
  }
  EXPECT_EQ(points.size(), 64u);
  EXPECT_GT(ends.at(256).second / ends.at(256).first, 4.0);
  for (const auto& [batch_size, end] : ends) {
    const double best = 0.001 * std::sqrt(batch_size / 256);
    EXPECT_LT(end.first, best) << batch_size;
    EXPECT_GT(end.second, best) << batch_size;
  }
}

TEST(NearestPoints, KeepsWhatIsNearestToTheOptimaOfTheBatchSizesCaredAbout) {
  std::vector<Observation> known;
  for (int b = 0; b < 10; ++b) {
    for (int i = -10; i <= 10; ++i)
      known.push_back(run_of({64 << b, 0.001 * std::exp2(i / 2.0), 1}));
  }
  const std::vector<std::int64_t> batch_sizes = {256};
  const auto kept = nearest_points(known, batch_sizes, 50);
  EXPECT_EQ(kept.size(), 50u);
  std::map<double, int> runs;
  for (const Observation& run : kept) ++runs[run.batch_size];
  for (const auto& [batch_size, count] : runs) EXPECT_LE(count, runs[256]) << batch_size;
  EXPECT_EQ(runs.count(64 << 9), 0u);
  EXPECT_TRUE(std::any_of(kept.begin(), kept.end(), [](const Observation& run) {
    return run.batch_size == 256 && run.lr == 0.001;
  }));
}

TEST(RoundedLr, HasThreeSignificantDigits) {
  EXPECT_EQ(rounded_lr(0.00212345), 0.00212);
  EXPECT_EQ(fmt::format("{}", rounded_lr(0.1 / 3)), "0.0333");
}

struct Regrets {
  double advised = 0, grid = 0, random = 0;
};

Regrets regrets_after(const std::vector<std::int64_t>& batch_sizes, int per_batch_size) {
  Regrets sums;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const bool quadratic : {true, false}) {
      const auto task = testing::search_task(
          quadratic ? testing::random_quadratic(seed) : testing::random_bowl(seed), batch_sizes,
          quadratic ? UpdateKind::sgd : UpdateKind::adaptive, seed);
      testing::SimulatedSearch search(task);
      const auto runs = per_batch_size * static_cast<int>(batch_sizes.size());
      for (int run = 0; run < runs; ++run) search.run_proposed();
      sums.advised += search.regret_of_advice() / 12;
      sums.grid += testing::grid_search(task, per_batch_size).regret_of_best() / 12;
      sums.random += testing::random_search(task, per_batch_size).regret_of_best() / 12;
    }
  }
  fmt::print("{} runs: suggested {:.4f}, grid {:.4f}, random {:.4f}\n",
             per_batch_size * batch_sizes.size(), sums.advised, sums.grid, sums.random);
  return sums;
}

TEST(Propose, LosesLessThanAGridOrRandomSearchOfAsManyRunsAtOneBatchSize) {
  const Regrets regrets = regrets_after({512}, 6);
  EXPECT_LT(regrets.advised, 0.7 * regrets.grid);
  EXPECT_LT(regrets.advised, 0.5 * regrets.random);
}

TEST(Propose, LosesLessThanAGridOrRandomSearchOfAsManyRunsAtFourBatchSizes) {
  const Regrets regrets = regrets_after({64, 256, 1024, 4096}, 4);
  EXPECT_LT(regrets.advised, 0.7 * regrets.grid);
  EXPECT_LT(regrets.advised, 0.5 * regrets.random);
}

}  // namespace
}  // namespace etalon
