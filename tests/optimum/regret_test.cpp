#include "etalon/regret.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "etalon/optimum.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

// Losses of three learning rates under three seeds; the middle one is best by far. `noise` is
// added in a pattern that sums to zero over seeds.
std::vector<Observation> losses(double noise, double above = 0.3) {
  const double pattern[3] = {-1, 0, 1};
  std::vector<Observation> observations;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const double offset = 0.05 * static_cast<double>(seed);
    observations.push_back({32, 0.1, seed, 0.7 + offset - noise * pattern[seed - 1]});
    observations.push_back({32, 1.0, seed, 0.5 + offset});
    observations.push_back({32, 10.0, seed, 0.5 + above + offset + noise * pattern[seed - 1]});
  }
  return observations;
}

TEST(EstimateRegret, IsTheMeanPairedDifferenceWithAStudentInterval) {
  // Nothing lies within the window of the best, so there is no spread to pool with and no fit. The
  // differences are 0.3 − s, 0.3, 0.3 + s: deviation s, two degrees of freedom, t(95%) = 2.91999.
  const Regret regret = estimate_regret(losses(0.01), 10.0, {});
  EXPECT_EQ(regret.pairs, 3);
  EXPECT_NEAR(*regret.loss, 0.9, 1e-12);
  EXPECT_NEAR(*regret.regret, 0.3, 0.002);
  EXPECT_NEAR((*regret.regret_high - *regret.regret_low) / 2, 2.91999 * 0.01 / std::sqrt(3.0),
              1e-6);
  EXPECT_EQ(regret.verdict, Verdict::fails);
}

TEST(EstimateRegret, HoldsOnlyWhereTheWholeIntervalIsBelowTheTolerance) {
  EXPECT_EQ(estimate_regret(losses(0.0001, 0.005), 10.0, {}).verdict, Verdict::holds);
  EXPECT_EQ(estimate_regret(losses(0.01, 0.005), 10.0, {}).verdict, Verdict::cannot_tell);
  EXPECT_EQ(estimate_regret(losses(0.0001, 0.03), 10.0, {}).verdict, Verdict::fails);
}

TEST(EstimateRegret, IsZeroWithinTheNoiseAtTheBest) {
  const Regret regret = estimate_regret(losses(0.001), 1.0, {.tolerance = 0.05});
  EXPECT_NEAR(*regret.regret, 0.0, 0.002);
  EXPECT_LE(*regret.regret_low, 0.0);
  EXPECT_GE(*regret.regret_high, 0.0);
  EXPECT_EQ(regret.verdict, Verdict::holds);
}

// Five octaves under three seeds; nothing moves but by noise.
std::vector<Observation> flat_losses(double level) {
  std::vector<Observation> runs;
  for (int octave = -2; octave <= 2; ++octave) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const double noise = 1e-4 * static_cast<double>((octave + 2) * 7 % 5 + 3 * seed % 4);
      runs.push_back({32, std::exp2(octave), seed, level + noise});
    }
  }
  return runs;
}

TEST(EstimateRegret, HoldsOnNothingThatWasNotLearned) {
  const auto runs = flat_losses(2.302);
  for (const double lr : {0.25, 1.0, 4.0}) {
    const Regret regret = estimate_regret(runs, lr, {});
    EXPECT_EQ(regret.verdict, Verdict::cannot_tell);
    EXPECT_THAT(regret.explanation, HasSubstr("no learning rate that was tried loses more than"));
    EXPECT_THAT(estimate_regret(runs, lr, {.untrained_loss = 2.3026}).explanation,
                HasSubstr("nothing was learned"));
  }
}

TEST(EstimateRegret, HoldsOnAFlatLossThatWasLearned) {
  EXPECT_EQ(estimate_regret(flat_losses(0.5), 1.0, {.untrained_loss = 2.3026}).verdict,
            Verdict::holds);
}

// Divergence shows no difference among the learning rates that finish.
TEST(EstimateRegret, FailsWhereItDivergesThoughNothingWasLearned) {
  auto runs = flat_losses(2.302);
  runs.push_back({32, 8.0, 1, std::nullopt});
  EXPECT_EQ(estimate_regret(runs, 8.0, {}).verdict, Verdict::fails);
  EXPECT_EQ(estimate_regret(runs, 4.0, {}).verdict, Verdict::cannot_tell);
}

TEST(EstimateRegret, FailsWithoutANumberWhereARunDiverged) {
  auto observations = losses(0.01);
  observations.push_back({32, 10.0, 4, std::nullopt});
  const Regret regret = estimate_regret(observations, 10.0, {});
  EXPECT_EQ(regret.verdict, Verdict::fails);
  EXPECT_FALSE(regret.regret);
  EXPECT_FALSE(regret.loss);
  EXPECT_THAT(regret.explanation, HasSubstr("diverged"));
}

TEST(EstimateRegret, CannotTellFromOneSeedButGivesTheDifference) {
  const std::vector<Observation> observations = {{32, 0.1, 1, 0.7}, {32, 1.0, 1, 0.5}};
  const Regret regret = estimate_regret(observations, 0.1, {});
  EXPECT_NEAR(*regret.regret, 0.2, 1e-12);
  EXPECT_FALSE(regret.regret_low);
  EXPECT_EQ(regret.verdict, Verdict::cannot_tell);
  EXPECT_EQ(regret.pairs, 1);
}

TEST(EstimateRegret, CannotTellWithoutASharedSeed) {
  const std::vector<Observation> observations = {{32, 0.1, 1, 0.7}, {32, 1.0, 2, 0.5}};
  const Regret regret = estimate_regret(observations, 0.1, {});
  EXPECT_FALSE(regret.regret);
  EXPECT_EQ(regret.pairs, 0);
  EXPECT_EQ(regret.verdict, Verdict::cannot_tell);
}

TEST(EstimateRegret, DoesNotFallForTheWinnersCurse) {
  // Pure noise on seven equal learning rates: against the least mean every one seems to lose.
  // A lower limit of two-sided level 90% should rise above 0 in 5% of studies; differences of three
  // seeds from references that share losses are not quite independent.
  int above = 0;
  std::uint64_t state = 1;
  const auto noise = [&] {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<double>(state >> 33) / static_cast<double>(1u << 31) - 0.5;
  };
  constexpr int kStudies = 2000;
  for (int study = 0; study < kStudies; ++study) {
    std::vector<Observation> observations;
    for (int k = 0; k < 7; ++k) {
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        observations.push_back({32, std::pow(100.0, k), seed, noise()});
      }
    }
    above += *estimate_regret(observations, 1.0, {}).regret_low > 0;
  }
  EXPECT_LE(above, 0.09 * kStudies);
}

struct Row {
  double lr;
  double losses[3];
};

std::vector<Observation> table(double batch_size, const std::vector<Row>& rows) {
  std::vector<Observation> observations;
  for (const Row& row : rows) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      observations.push_back({batch_size, row.lr, seed, row.losses[seed - 1]});
    }
  }
  return observations;
}

// Losses of a real study, where high learning rates are steep, noisy and skewed.
std::vector<Observation> steep_table() {
  return table(2048, {{0.0707, {0.55349, 0.54835, 0.54160}},
                      {0.1, {0.52498, 0.53836, 0.53321}},
                      {0.1414, {0.50582, 0.52335, 0.51587}},
                      {0.2, {0.49442, 0.55252, 0.50456}},
                      {0.2828, {0.49861, 0.50571, 0.49652}},
                      {0.4, {0.57897, 0.64113, 0.50659}},
                      {0.5657, {0.79622, 0.60966, 1.07204}}});
}

TEST(EstimateRegret, SeesThatALearningRateLosesWhoseEveryPairLosesMuch) {
  const Regret regret = estimate_regret(steep_table(), 0.5657, {});
  EXPECT_EQ(regret.verdict, Verdict::fails);
  EXPECT_GT(*regret.regret_high, 0.326);  // the mean difference from the best
}

// Losses of a real study, where the bowl takes the two highest learning rates for no part of it.
TEST(EstimateRegret, OfReplicatesFarAboveTheBestIsNotLostWithTheBowl) {
  const std::vector<std::pair<double, std::vector<double>>> rows = {
      {0.05, {0.48646, 0.51178, 0.48545, 0.49144}},
      {0.0707, {0.46624}},
      {0.1, {0.44901}},
      {0.1414, {0.43148}},
      {0.2, {0.42259, 0.48403, 0.41565, 0.44373}},
      {0.2828, {0.44857, 0.45022, 0.42036, 0.43460, 0.44101, 0.43180}},
      {0.4, {0.41914, 0.43552, 0.42652, 0.43574, 0.45854, 0.42567}},
      {0.5657, {0.59226, 0.44023, 0.52578, 0.49598, 0.68241, 0.55279}},
      {0.8, {1.35303, 1.00210, 1.40112, 1.30660, 0.81834}}};
  std::vector<Observation> observations;
  for (const auto& [lr, losses] : rows) {
    for (std::size_t i = 0; i < losses.size(); ++i) observations.push_back({512, lr, i, losses[i]});
  }
  const Regret regret = estimate_regret(observations, 0.8, {});
  EXPECT_EQ(regret.verdict, Verdict::fails);
  EXPECT_GT(*regret.regret_low, 0.2);
  const Optimum optimum = estimate_optimum(observations, {});
  ASSERT_TRUE(optimum.lr_high);
  EXPECT_LE(*optimum.lr_high, 0.8);
}

TEST(EstimateRegret, UsesAllLossesAroundTheBest) {
  const auto losses = table(256, {{0.0707, {0.40423, 0.39962, 0.40005}},
                                  {0.1, {0.38812, 0.39125, 0.38400}},
                                  {0.1414, {0.38429, 0.37722, 0.37538}},
                                  {0.2, {0.37247, 0.37414, 0.37532}},
                                  {0.2828, {0.39182, 0.37697, 0.37250}},
                                  {0.4, {0.37661, 0.38969, 0.39028}},
                                  {0.5657, {0.41662, 0.49795, 0.40570}}});
  EXPECT_EQ(estimate_regret(losses, 0.0707, {}).verdict, Verdict::fails);
  const Regret best = estimate_regret(losses, 0.2, {});
  EXPECT_EQ(best.verdict, Verdict::holds);
  EXPECT_LT(*best.regret_high, 0.005);
}

TEST(EstimateRegret, RisesAwayFromTheBest) {
  const auto losses = steep_table();
  double low = 1e9;
  for (const double lr : {0.0707, 0.1, 0.1414, 0.2}) {
    const Regret regret = estimate_regret(losses, lr, {});
    EXPECT_LE(*regret.regret_low, low);
    EXPECT_GE(*regret.regret_low, 0);
    EXPECT_LE(*regret.regret_low, *regret.regret);
    EXPECT_GE(*regret.regret_high, *regret.regret);
    low = *regret.regret_low;
  }
}

TEST(EstimateRegret, RefusesALearningRateThatWasNotTried) {
  EXPECT_THROW(estimate_regret(losses(0.01), 0.3, {}), InputError);
  EXPECT_THROW(estimate_regret(losses(0.01), 0.1, {.tolerance = 0}), InputError);
  EXPECT_THROW(estimate_regret(losses(0.01), 0.1, {.level = 1}), InputError);
}

}  // namespace
}  // namespace etalon
