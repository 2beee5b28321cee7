#include "etalon/optimum.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Losses 0.5 + 0.03 ln²(lr / 0.11) + an offset per seed, on half-octaves from `low` to `high`.
std::vector<Observation> parabola(int low, int high, int seeds) {
  std::vector<Observation> observations;
  for (int step = low; step <= high; ++step) {
    for (int seed = 1; seed <= seeds; ++seed) {
      const double lr = 0.1 * std::exp2(0.5 * step);
      const double x = std::log(lr / 0.11);
      observations.push_back(
          {32.0, lr, static_cast<std::uint64_t>(seed), 0.5 + 0.03 * x * x + 0.1 * seed});
    }
  }
  return observations;
}

// Losses of a real study at batch size 256, where rounding once left the seeds' effects a sum that
// was not zero and so moved every mean.
TEST(EstimateOptimum, LossIsThePlainMeanWhereEverySeedRan) {
  const double lrs[7] = {0.07071067811865477, 0.1, 0.14142135623730953, 0.2,
                         0.28284271247461906, 0.4, 0.5656854249492381};
  const double losses[7][3] = {{0.40423289391767503, 0.39961557547909543, 0.40005391245540733},
                               {0.3881209449813422, 0.3912485582263901, 0.3840011766624005},
                               {0.38428815542074024, 0.3772188206484832, 0.3753844887631999},
                               {0.37246851220586014, 0.3741444023712038, 0.37532363880469855},
                               {0.3918154028107704, 0.3769746986681548, 0.3724985894687936},
                               {0.3766050724674651, 0.3896945193540711, 0.39028378618781573},
                               {0.4166189577435794, 0.4979513947763413, 0.4056980140608227}};
  std::vector<Observation> observations;
  for (int k = 0; k < 7; ++k) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      observations.push_back({256.0, lrs[k], seed, losses[k][seed - 1]});
    }
  }
  const Optimum optimum = estimate_optimum(observations, {});
  EXPECT_DOUBLE_EQ(optimum.best_lr, 0.2);
  EXPECT_NEAR(optimum.loss, (losses[3][0] + losses[3][1] + losses[3][2]) / 3, 1e-12);
}

// Without noise, what is left open is the bowl's shape, of which a parabola is one.
TEST(EstimateOptimum, FindsTheVertexOfAParabolaWhateverTheSeedsAdd) {
  const Optimum optimum = estimate_optimum(parabola(-4, 4, 3), {});
  EXPECT_NEAR(optimum.lr, 0.11, 1e-4);
  EXPECT_NEAR(*optimum.lr_low, 0.11, 1e-3);
  EXPECT_NEAR(*optimum.lr_high, 0.11, 1e-3);
  EXPECT_LT(*optimum.lr_low, 0.11);
  EXPECT_GT(*optimum.lr_high, 0.11);
  EXPECT_NEAR(*optimum.curvature, 0.06, 3e-3);
  EXPECT_EQ(optimum.best_lr, 0.1);
  EXPECT_EQ(optimum.censored, Censoring::none);
  EXPECT_NEAR(optimum.loss, 0.7 + 0.03 * std::pow(std::log(0.1 / 0.11), 2), 1e-12);
}

TEST(EstimateOptimum, SaysThatABestLowestLearningRateIsCensoredBelow) {
  const Optimum optimum = estimate_optimum(parabola(2, 8, 3), {});
  EXPECT_EQ(optimum.censored, Censoring::below);
  EXPECT_EQ(optimum.lr, optimum.best_lr);
  EXPECT_FALSE(optimum.lr_low);
}

TEST(EstimateOptimum, SaysThatABestHighestLearningRateIsCensoredAbove) {
  const Optimum optimum = estimate_optimum(parabola(-8, -2, 3), {});
  EXPECT_EQ(optimum.censored, Censoring::above);
  EXPECT_EQ(optimum.lr, optimum.best_lr);
  EXPECT_FALSE(optimum.lr_high);
}

TEST(EstimateOptimum, TakesDivergenceAboveTheBestForABound) {
  auto observations = parabola(-8, -2, 3);
  observations.push_back({32.0, 0.1, 1, std::nullopt});
  const Optimum optimum = estimate_optimum(observations, {});
  EXPECT_EQ(optimum.censored, Censoring::none);
  EXPECT_EQ(*optimum.lr_high, 0.1);
  EXPECT_LE(*optimum.lr_low, optimum.lr);
}

TEST(EstimateOptimum, TreatsALossThatIsNotFiniteAsDivergence) {
  for (const double bad : {kNan, kInfinity, -kInfinity}) {
    auto observations = parabola(-8, -2, 3);
    observations.push_back({32.0, 0.1, 1, bad});
    EXPECT_EQ(*estimate_optimum(observations, {}).lr_high, 0.1);
  }
}

TEST(EstimateOptimum, PassesOverALearningRateAtWhichOneSeedDiverged) {
  auto observations = parabola(-4, 4, 2);
  observations.push_back({32.0, 0.1, 3, std::nullopt});
  EXPECT_NE(estimate_optimum(observations, {}).best_lr, 0.1);
}

TEST(EstimateOptimum, ComparesUnequalSeedsWithTheirOffsetsTakenOut) {
  // Seed 2 adds 1 to every loss and ran only at the true best, whose plain mean is then the worst.
  const std::vector<Observation> observations = {{32, 0.05, 1, 0.6},
                                                 {32, 0.1, 1, 0.5},
                                                 {32, 0.2, 1, 0.6},
                                                 {32, 0.1, 2, 1.5},
                                                 {32, 0.2, 2, 1.6}};
  const Optimum optimum = estimate_optimum(observations, {});
  EXPECT_EQ(optimum.best_lr, 0.1);
  EXPECT_NEAR(optimum.loss, 1.0, 1e-12);  // the mean over both seeds
}

TEST(EstimateOptimum, CallsTheLowerOfEqualLearningRatesTheBest) {
  const std::vector<Observation> observations = {
      {32, 0.05, 1, 0.6}, {32, 0.1, 1, 0.5}, {32, 0.2, 1, 0.5}, {32, 0.4, 1, 0.6}};
  EXPECT_EQ(estimate_optimum(observations, {}).best_lr, 0.1);
}

TEST(EstimateOptimum, HasNoIntervalFromOneLearningRate) {
  const std::vector<Observation> observations = {{32, 0.1, 1, 0.5}, {32, 0.1, 2, 0.6}};
  const Optimum optimum = estimate_optimum(observations, {});
  EXPECT_EQ(optimum.lr, 0.1);
  EXPECT_FALSE(optimum.lr_low);
  EXPECT_FALSE(optimum.lr_high);
  EXPECT_EQ(optimum.censored, Censoring::both);
  EXPECT_THAT(optimum.explanation, HasSubstr("only one learning rate"));
}

// Three losses leave the bowl's shape and the noise open: what is told is as wide as that.
TEST(EstimateOptimum, IsToldWidelyFromThreePointsOfOneSeed) {
  const Optimum optimum = estimate_optimum(parabola(-2, 0, 1), {});
  EXPECT_EQ(optimum.censored, Censoring::above);
  const Optimum inside = estimate_optimum(parabola(-1, 1, 1), {});
  EXPECT_EQ(inside.censored, Censoring::none);
  const double high = inside.lr_high.value_or(1e9), low = inside.lr_low.value_or(1e-9);
  EXPECT_LT(low, 0.11);
  EXPECT_GT(high, 0.11);
  EXPECT_GT(high / low, 1.4);
}

// Of three replicates at every learning rate one ended absurdly high, or low.
TEST(EstimateOptimum, IsNotMovedByOutliers) {
  for (const double outlier : {80.0, 1.2, 0.2}) {
    for (const std::size_t at : {4u, 10u, 13u, 20u}) {
      auto runs = parabola(-4, 4, 3);
      for (std::size_t i = 0; i < runs.size(); ++i) {
        runs[i].seed.reset();
        *runs[i].loss += -0.1 * static_cast<double>(i % 3) + 1e-3 * static_cast<double>(i * i % 7);
      }
      runs[at].loss = outlier;
      const Optimum optimum = estimate_optimum(runs, {});
      EXPECT_NEAR(std::log2(optimum.lr / 0.11), 0.0, 0.3) << outlier << " at " << at;
      EXPECT_NEAR(optimum.fitted_loss, 0.603, 0.03) << outlier << " at " << at;
    }
  }
}

TEST(EstimateOptimum, IsUnboundedWhereTheLossIsFlat) {
  auto observations = parabola(-4, 4, 3);
  for (std::size_t i = 0; i < observations.size(); ++i) {
    const std::uint64_t hash = (i + 1) * 0x9E3779B97F4A7C15ull;  // noise of 0.02 on a loss of 0.5
    observations[i].loss = 0.5 + 0.02 * static_cast<double>(hash >> 40) / (1 << 24);
  }
  const Optimum optimum = estimate_optimum(observations, {});
  EXPECT_TRUE(!optimum.lr_low || !optimum.lr_high);
}

// Half-octave steps, one seed each. The slope above the best is not told from noise that grows with
// the loss; but seventeen losses that fall and rise in order leave little doubt.
TEST(EstimateOptimum, IsBoundedByTheOrderOfLossesWhereOneSeedLeavesASideOpen) {
  const double losses[] = {2.08536, 2.06918, 2.05408, 2.0399,  2.02602, 2.01624,
                           2.00668, 2.00199, 2.00096, 2.00222, 2.0098,  2.02431,
                           2.04657, 2.07888, 2.12308, 2.18369, 2.26189, 2.36255};
  std::vector<Observation> runs;
  double lr = 6.25e-5;
  for (const double loss : losses) {
    runs.push_back({64, lr, 1, loss});
    lr *= std::sqrt(2.0);
  }
  const Optimum optimum = estimate_optimum(runs, {.level = 0.8});
  ASSERT_TRUE(optimum.lr_low && optimum.lr_high);
  EXPECT_NEAR(optimum.lr, 0.001, 1e-4);
  EXPECT_LT(*optimum.lr_high, 0.006);
}

TEST(EstimateOptimum, IsBoundedByAWorseLearningRateBeyondTheFit) {
  // The slope is too noisy to bound the optimum below, but the loss is unimodal.
  const double lrs[6] = {0.0707, 0.1414, 0.2, 0.2828, 0.4, 0.5657};
  const double losses[6][3] = {{0.553, 0.548, 0.542}, {0.506, 0.523, 0.516}, {0.494, 0.553, 0.505},
                               {0.499, 0.506, 0.497}, {0.579, 0.641, 0.507}, {0.796, 0.610, 1.072}};
  std::vector<Observation> observations;
  for (int k = 0; k < 6; ++k) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      observations.push_back({2048, lrs[k], seed, losses[k][seed - 1]});
    }
  }
  const Optimum optimum = estimate_optimum(observations, {});
  ASSERT_TRUE(optimum.lr_low);
  EXPECT_GE(*optimum.lr_low, 0.0707);
}

// Losses of a real study at batch size 1024: a wide flat valley, and a cliff at 0.566 that a bowl
// takes for an outlier and would pass.
TEST(EstimateOptimum, DoesNotPassALearningRateThatIsWorse) {
  const std::vector<Observation> observations = {
      {1024.0, 0.07071, 1, 0.5274}, {1024.0, 0.4, 1, 0.4632},     {1024.0, 2.263, 1, kNan},
      {1024.0, 0.07071, 2, 0.5209}, {1024.0, 0.4, 2, 0.4838},     {1024.0, 0.1414, 1, 0.4866},
      {1024.0, 0.2828, 1, 0.4950},  {1024.0, 0.5657, 1, 0.6692},  {1024.0, 0.8, 1, 0.9662},
      {1024.0, 0.2828, 2, 0.4821},  {1024.0, 0.5657, 2, 0.5692},  {1024.0, 0.1, 1, 0.5040},
      {1024.0, 0.2, 1, 0.4914},     {1024.0, 0.1414, 2, 0.4849},  {1024.0, 0.1, 2, 0.5093},
      {1024.0, 0.2, 2, 0.4989},     {1024.0, 0.07071, 3, 0.5285}, {1024.0, 0.4, 3, 0.4991},
      {1024.0, 0.4, 4, 0.5037},
  };
  const Optimum optimum = estimate_optimum(observations, {});
  EXPECT_GT(optimum.lr, 0.1414);
  EXPECT_LT(optimum.lr, 0.5657);
  ASSERT_TRUE(optimum.lr_high.has_value());
  EXPECT_LE(*optimum.lr_high, 0.5657);
}

TEST(EstimateOptimum, DoesNotDependOnTheOrderOfObservations) {
  auto observations = parabola(-4, 4, 3);
  for (std::size_t i = 0; i < observations.size(); ++i)
    *observations[i].loss += 0.001 * static_cast<double>(i % 5);
  const Optimum forward = estimate_optimum(observations, {});
  std::reverse(observations.begin(), observations.end());
  EXPECT_EQ(forward.lr, estimate_optimum(observations, {}).lr);
}

// Three replicates of seeds that add 0.01 each, in the order of their seeds.
TEST(EstimateOptimum, DoesNotPairRunsWithoutASeedByTheirOrder) {
  std::vector<Observation> observations = parabola(-4, 4, 3);
  for (Observation& run : observations) *run.loss -= 0.09 * static_cast<double>(*run.seed);
  const double width_of_pairs = std::log(*estimate_optimum(observations, {}).lr_high /
                                         *estimate_optimum(observations, {}).lr_low);
  for (Observation& run : observations) run.seed.reset();
  const Optimum ordered = estimate_optimum(observations, {});
  ASSERT_TRUE(ordered.lr_low && ordered.lr_high);
  EXPECT_GT(std::log(*ordered.lr_high / *ordered.lr_low), 100 * width_of_pairs);
  std::mt19937 generator(1);
  for (int i = 0; i < 10; ++i) {
    std::shuffle(observations.begin(), observations.end(), generator);
    const Optimum shuffled = estimate_optimum(observations, {});
    EXPECT_EQ(shuffled.lr, ordered.lr);
    EXPECT_EQ(shuffled.lr_low, ordered.lr_low);
    EXPECT_EQ(shuffled.lr_high, ordered.lr_high);
    EXPECT_EQ(shuffled.loss, ordered.loss);
    EXPECT_EQ(shuffled.fitted_loss, ordered.fitted_loss);
  }
}

// One run a learning rate: there is nothing to pair, and a seed says no more than none.
TEST(EstimateOptimum, IsTheSameWithOneSeedAsWithNone) {
  std::vector<Observation> observations = parabola(-4, 4, 1);
  for (std::size_t i = 0; i < observations.size(); ++i) {
    *observations[i].loss += 0.001 * static_cast<double>(i * i % 7);
  }
  const Optimum with = estimate_optimum(observations, {});
  for (Observation& run : observations) run.seed.reset();
  const Optimum without = estimate_optimum(observations, {});
  EXPECT_EQ(with.lr, without.lr);
  EXPECT_EQ(with.lr_low, without.lr_low);
  EXPECT_EQ(with.lr_high, without.lr_high);
  EXPECT_NEAR(with.fitted_loss, without.fitted_loss, 1e-12);
}

// Losses of resnet8 after so few steps that its batch norms' running statistics still move: at
// batch size 16 they are too noisy to place the optimum, and no learning rate from beyond those
// that were tried stands for it.
TEST(EstimateOptima, KeepTheBestMeanWhereTheNoisePlacesNothing) {
  const std::vector<Observation> runs = {{16, 0.005, 1, 0.9115948559828102},
                                         {16, 0.01, 1, 0.9089540317310021},
                                         {16, 0.02, 1, 1.1560677140129265},
                                         {16, 0.04, 1, 1.1322277902930256},
                                         {16, 0.08, 1, 0.9076816186733958},
                                         {16, 0.16, 1, 1.337914243818741},
                                         {16, 0.32, 1, 1.4044248765333964},
                                         {16, 0.05656854249492381, 1, 1.0156076625570132},
                                         {16, 0.11313708498984762, 1, 1.1202216836874723},
                                         {16, 0.08, 2, 1.4279070397107716},
                                         {16, 0.05656854249492381, 2, 0.7327941169104306},
                                         {16, 0.11313708498984762, 2, 0.8326917361239903},
                                         {16, 0.04, 2, 0.903357330093073},
                                         {64, 0.05656854249492381, 1, 0.96560067597311},
                                         {64, 0.11313708498984762, 1, 1.3675201995321256},
                                         {64, 0.22627416997969524, 1, 3.3393429721713295},
                                         {256, 0.05656854249492381, 1, kNan},
                                         {256, 0.22627416997969524, 1, kNan},
                                         {256, 0.905096679918781, 1, kNan},
                                         {64, 0.05656854249492381, 2, 0.9112342967623044},
                                         {64, 0.11313708498984762, 2, 1.8038516848747732},
                                         {64, 0.22627416997969524, 2, 1.6442453239139927},
                                         {64, 0.02, 1, 0.9633510905206204},
                                         {64, 0.04, 1, 0.869488950761035},
                                         {64, 0.08, 1, 0.9228591054403805},
                                         {256, 0.028284271247461905, 1, 2.664947192490101},
                                         {256, 0.014142135623730952, 1, 2.1363137371987104},
                                         {64, 0.04, 2, 1.2101625501597628},
                                         {64, 0.08, 2, 0.9277891576101538},
                                         {256, 0.007071067811865476, 1, 2.025783498518169},
                                         {256, 0.003535533905932738, 1, 2.1582381759285925},
                                         {256, 0.005, 1, 2.0858580612391235},
                                         {256, 0.01, 1, 2.0194923304468393},
                                         {256, 0.01, 2, 1.9995815100073815},
                                         {256, 0.007071067811865476, 2, 2.053365578457713},
                                         {256, 0.014142135623730952, 2, 2.00962335857749},
                                         {64, 0.08, 3, 1.2214852710244595},
                                         {64, 0.05656854249492381, 3, 1.2647734582889825},
                                         {64, 0.11313708498984762, 3, 1.7985877852660475},
                                         {64, 0.08, 4, 0.9597466134891656},
                                         {64, 0.05656854249492381, 4, 1.0669814967322164},
                                         {64, 0.11313708498984762, 4, 1.0776711454047172}};
  const Optimum noisy = estimate_optima(runs, {}).front();
  EXPECT_EQ(noisy.batch_size, 16.0);
  EXPECT_NEAR(noisy.lr, 0.05657, 1e-5);
  EXPECT_EQ(noisy.lr, noisy.best_lr);
  EXPECT_EQ(noisy.fitted_loss, noisy.loss);
  EXPECT_FALSE(noisy.lr_high.has_value());
}

TEST(EstimateOptimum, GivesTheLossThatBelongsToItsLearningRate) {
  // The parabola's least, 0.5 + the mean of the seeds' 0.1, 0.2 and 0.3, at 0.11; 0.1 was measured.
  const Optimum optimum = estimate_optimum(parabola(-4, 4, 3), {});
  EXPECT_NEAR(optimum.fitted_loss, 0.7, 1e-6);
  EXPECT_LT(optimum.fitted_loss, optimum.loss);
  // Not every seed ran everywhere.
  auto observations = parabola(-4, 4, 3);
  std::erase_if(observations, [](const Observation& run) { return run.seed == 3 && run.lr < 0.1; });
  EXPECT_NEAR(estimate_optimum(observations, {}).fitted_loss, 0.7, 1e-6);
  // At the edge the best that was tried stands, and so does its loss.
  const Optimum edge = estimate_optimum(parabola(2, 8, 3), {});
  EXPECT_EQ(edge.fitted_loss, edge.loss);
}

// Whatever a log may hold.
TEST(EstimateOptimum, TakesLossesOfAnySize) {
  const double sizes[] = {1e-300, 1e-140, 1e-12, 1e12};
  for (const double size : sizes) {
    for (const double sign : {1.0, -1.0}) {
      auto runs = parabola(-4, 4, 2);
      for (Observation& run : runs) *run.loss *= sign * size;
      const Optimum optimum = estimate_optimum(runs, {});
      EXPECT_GT(optimum.lr, 0.0) << size;
      EXPECT_TRUE(sign < 0 || std::abs(optimum.lr - 0.11) < 0.01) << size;
      runs.front().loss = -runs.back().loss.value();
      EXPECT_GT(estimate_optimum(runs, {}).lr, 0.0) << size;
    }
  }
  auto equal = parabola(-4, 4, 2);
  for (Observation& run : equal) run.loss = 0.0;
  EXPECT_EQ(estimate_optimum(equal, {}).best_lr, 0.025);
}

TEST(EstimateOptimum, RefusesWhatIsOutOfBounds) {
  for (const double bad : {1e-320, 9e-31, 1.1e30, 1.79e308}) {
    const std::vector<Observation> runs = {{32, bad, 1, 0.5}};
    EXPECT_THROW(estimate_optimum(runs, {}), InputError) << bad;
  }
  for (const double bad : {0.5, 1.1e15, 1e300}) {
    const std::vector<Observation> runs = {{bad, 0.1, 1, 0.5}};
    EXPECT_THROW(estimate_optimum(runs, {}), InputError) << bad;
  }
}

TEST(HasOptimum, NeedsALearningRateAtWhichNoRunDiverged) {
  const std::vector<Observation> mixed = {{32, 0.1, 1, 0.5}, {32, 0.1, 2, {}}};
  EXPECT_FALSE(has_optimum(mixed));
  EXPECT_FALSE(has_optimum({}));
  EXPECT_TRUE(has_optimum(parabola(0, 0, 1)));
}

TEST(EstimateOptimum, RefusesWhatHasNoOptimum) {
  EXPECT_THROW(estimate_optimum({}, {}), InputError);
  const std::vector<Observation> all_diverged = {{32, 0.1, 1, {}}, {32, 0.2, 1, {}}};
  EXPECT_THROW(estimate_optimum(all_diverged, {}), InputError);
  const std::vector<Observation> mixed = {{32, 0.1, 1, 0.5}, {64, 0.1, 1, 0.5}};
  EXPECT_THROW(estimate_optimum(mixed, {}), InputError);
  for (const double bad : {0.0, -0.1, kNan, kInfinity}) {
    const std::vector<Observation> bad_lr = {{32, bad, 1, 0.5}};
    EXPECT_THROW(estimate_optimum(bad_lr, {}), InputError);
    const std::vector<Observation> bad_batch_size = {{bad, 0.1, 1, 0.5}};
    EXPECT_THROW(estimate_optimum(bad_batch_size, {}), InputError);
  }
}

TEST(OptimumOptions, NameTheValueThatIsOutOfRange) {
  for (const double level : {0.0, 1.0, kNan}) {
    EXPECT_THROW(estimate_optimum(parabola(-4, 4, 3), {.level = level}), InputError);
  }
}

}  // namespace
}  // namespace etalon
