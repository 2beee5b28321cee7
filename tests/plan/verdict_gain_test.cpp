#include "plan/verdict_gain.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

namespace etalon {
namespace {

constexpr std::uint64_t kSeed = 20261127;
constexpr double kDeviate = 1.6448536;  // of 90%
const RegretOptions kOptions{.level = 0.90, .tolerance = 0.02};

Regret regret_of(double estimate, double half_width, std::int64_t pairs) {
  Regret regret;
  regret.loss = 0.4;
  regret.regret = estimate;
  regret.regret_low = estimate - half_width;
  regret.regret_high = estimate + half_width;
  regret.pairs = pairs;
  const bool holds = *regret.regret_high < kOptions.tolerance;
  const bool fails = *regret.regret_low > kOptions.tolerance;
  regret.verdict = holds ? Verdict::holds : fails ? Verdict::fails : Verdict::cannot_tell;
  return regret;
}

// A regret that is somewhere by the interval of `pairs` seeds, seen with `more` of them: how often
// the interval of all no longer straddles the tolerance.
double simulated_chance(double estimate, double half_width, std::int64_t pairs, std::int64_t more) {
  constexpr int kTimes = 20000;
  RandomStream stream(kSeed, fmt::format("{} {} {} {}", estimate, half_width, pairs, more));
  const double noise = half_width / kDeviate * std::sqrt(static_cast<double>(pairs));
  int closed = 0;
  for (int i = 0; i < kTimes; ++i) {
    const double truth = estimate + half_width / kDeviate * stream.normal();
    double sum = static_cast<double>(pairs) * estimate;
    for (std::int64_t seed = 0; seed < more; ++seed) sum += truth + noise * stream.normal();
    const auto all = static_cast<double>(pairs + more);
    closed += std::abs(sum / all - kOptions.tolerance) > kDeviate * noise / std::sqrt(all);
  }
  return static_cast<double>(closed) / kTimes;
}

TEST(ChanceToClose, IsHowOftenMoreSeedsDecide) {
  for (const double estimate : {0.008, 0.015, 0.02, 0.026, 0.035}) {
    for (const std::int64_t more : {1, 2, 4, 16}) {
      const Regret regret = regret_of(estimate, 0.016, 2);
      if (!is_open(regret, kOptions.tolerance)) continue;
      const double expected = simulated_chance(estimate, 0.016, 2, more);
      EXPECT_NEAR(chance_to_close(regret, kOptions, more), expected, 0.015)
          << estimate << " with " << more << " more, seed " << kSeed;
    }
  }
}

TEST(ChanceToClose, IsNoneWhereNothingIsOpen) {
  EXPECT_EQ(chance_to_close(regret_of(0.005, 0.004, 3), kOptions, 5), 0.0);
  EXPECT_EQ(chance_to_close(regret_of(0.1, 0.02, 3), kOptions, 5), 0.0);
  EXPECT_EQ(chance_to_close(regret_of(0.02, 0.02, 3), kOptions, 0), 0.0);
  Regret insensitive = regret_of(0.005, 0.004, 3);
  insensitive.verdict = Verdict::cannot_tell;  // though its interval lies below the tolerance
  EXPECT_EQ(chance_to_close(insensitive, kOptions, 5), 0.0);
}

// Where the optimum may be at the learning rate, the interval ends at 0 whatever the noise is: what
// it says of the noise is the other side.
TEST(SeedsToClose, AreToldByTheSideThatNoiseEnds) {
  Regret regret = regret_of(0.03, 0.06, 4);
  const auto seeds = seeds_to_close(regret, kOptions);
  const auto noise = noise_of_a_seed(regret, kOptions);
  const double chance = chance_to_close(regret, kOptions, 4);
  regret.regret_low = 0.0;
  EXPECT_EQ(seeds_to_close(regret, kOptions), seeds);
  EXPECT_EQ(noise_of_a_seed(regret, kOptions), noise);
  EXPECT_EQ(chance_to_close(regret, kOptions, 4), chance);
}

TEST(SeedsToClose, AreThoseThatNarrowTheIntervalToItsGap) {
  EXPECT_EQ(seeds_to_close(regret_of(0.01, 0.02, 3), kOptions), 12);
  EXPECT_EQ(seeds_to_close(regret_of(0.04, 0.021, 3), kOptions), 4);
  EXPECT_FALSE(seeds_to_close(regret_of(0.02, 0.01, 3), kOptions)) << "at the tolerance";
  EXPECT_FALSE(seeds_to_close(regret_of(0.005, 0.004, 3), kOptions)) << "is clear";
}

TEST(SeedsWorthAdding, AreNoneWhereTheVerdictIsClearOrHopeless) {
  EXPECT_EQ(seeds_worth_adding(regret_of(0.005, 0.004, 2), kOptions, 6), 0);
  EXPECT_EQ(seeds_worth_adding(regret_of(0.1, 0.02, 2), kOptions, 6), 0);
  EXPECT_EQ(seeds_worth_adding(regret_of(0.0201, 0.03, 5), kOptions, 6), 0) << "at the tolerance";
  EXPECT_EQ(seeds_worth_adding(regret_of(0.03, 0.012, 6), kOptions, 6), 0) << "none is left";
  Regret diverged;
  diverged.verdict = Verdict::fails;
  EXPECT_EQ(seeds_worth_adding(diverged, kOptions, 6), 0);
}

TEST(SeedsWorthAdding, AreFewAtATimeWhereTheyMayDecide) {
  EXPECT_EQ(seeds_worth_adding(regret_of(0.03, 0.0105, 2), kOptions, 6), 1);
  EXPECT_EQ(seeds_worth_adding(regret_of(0.03, 0.018, 2), kOptions, 6), 2);
  EXPECT_EQ(seeds_worth_adding(regret_of(0.03, 0.018, 2), kOptions, 3), 1);
}

// Or whoever allows a thousand would wait for hundreds of rounds.
TEST(SeedsWorthAdding, AreMoreAtATimeWhereThereAreMany) {
  EXPECT_EQ(seeds_worth_adding(regret_of(0.025, 0.015, 20), kOptions, 1000), 10);
  EXPECT_EQ(seeds_worth_adding(regret_of(0.025, 0.015, 20), kOptions, 25), 0) << "too few are left";
  EXPECT_EQ(seeds_worth_adding(regret_of(0.025, 0.0055, 20), kOptions, 1000), 3);
}

TEST(SeedsWorthAdding, AreASecondOneWhereThereIsNoInterval) {
  Regret single;
  single.loss = 0.4;
  single.regret = 0.1;
  single.pairs = 1;
  EXPECT_EQ(seeds_worth_adding(single, kOptions, 6), 1);
  single.pairs = 0;
  EXPECT_EQ(seeds_worth_adding(single, kOptions, 6), 2);
}

}  // namespace
}  // namespace etalon
