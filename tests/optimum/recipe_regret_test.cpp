// The regret of a recipe that moves more than the learning rate: known answers, and how often its
// nominal 90% intervals hold the truth in synthetic studies. Every figure is printed with its seed.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "etalon/regret.hpp"
#include "optimum/synthetic_study.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::SyntheticStudy;

constexpr std::uint64_t kSeed = 20240611;
constexpr int kStudies = 800;

// Three learning rates far apart, so that there is no fit; the middle one is best by far.
std::vector<Observation> sweep() {
  std::vector<Observation> observations;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const double offset = 0.05 * static_cast<double>(seed);
    observations.push_back({32, 0.1, seed, 0.7 + offset});
    observations.push_back({32, 1.0, seed, 0.5 + offset});
    observations.push_back({32, 10.0, seed, 0.8 + offset});
  }
  return observations;
}

// `excess` above the best of the sweep, by -spread, 0 and +spread more under the three seeds.
std::vector<Observation> recipe(double excess, double spread) {
  std::vector<Observation> runs;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const double s = static_cast<double>(seed);
    runs.push_back({32, 2.0, seed, 0.5 + 0.05 * s + excess + spread * (s - 2)});
  }
  return runs;
}

TEST(EstimateRecipeRegret, IsTheMeanPairedDifferenceWithAStudentInterval) {
  // Deviation 0.01 and two degrees of freedom: t(95%) = 2.91999.
  const Regret regret = estimate_recipe_regret(sweep(), recipe(0.1, 0.01), {});
  EXPECT_EQ(regret.lr, 2.0);
  EXPECT_EQ(regret.pairs, 3);
  EXPECT_NEAR(*regret.loss, 0.7, 1e-12);
  EXPECT_NEAR(*regret.regret, 0.1, 1e-12);
  EXPECT_NEAR(*regret.regret - *regret.regret_low, 2.91999 * 0.01 / std::sqrt(3.0), 1e-6);
  EXPECT_NEAR(*regret.regret_high - *regret.regret, 2.91999 * 0.01 / std::sqrt(3.0), 1e-6);
  EXPECT_EQ(regret.verdict, Verdict::fails);
}

TEST(EstimateRecipeRegret, HoldsAndSaysThatItIsBetterWhereTheIntervalLiesBelowZero) {
  const Regret regret = estimate_recipe_regret(sweep(), recipe(-0.1, 0.01), {});
  EXPECT_NEAR(*regret.regret, -0.1, 1e-12);
  EXPECT_LT(*regret.regret_high, 0.0);
  EXPECT_EQ(regret.verdict, Verdict::holds);
  EXPECT_THAT(regret.explanation, HasSubstr("better than every learning rate"));
}

TEST(EstimateRecipeRegret, HoldsWithoutABoastWhereItMayBeNoBetter) {
  const Regret regret = estimate_recipe_regret(sweep(), recipe(-0.005, 0.005), {});
  EXPECT_EQ(regret.verdict, Verdict::holds);
  EXPECT_THAT(regret.explanation, Not(HasSubstr("better")));
  EXPECT_EQ(estimate_recipe_regret(sweep(), recipe(0.01, 0.01), {}).verdict, Verdict::cannot_tell);
}

TEST(EstimateRecipeRegret, FailsWithoutANumberWhereARunDiverged) {
  auto runs = recipe(0, 0.01);
  runs[1].loss.reset();
  const Regret regret = estimate_recipe_regret(sweep(), runs, {});
  EXPECT_EQ(regret.verdict, Verdict::fails);
  EXPECT_FALSE(regret.regret);
  EXPECT_FALSE(regret.loss);
}

TEST(EstimateRecipeRegret, CannotTellWithoutASweepOrASharedSeed) {
  EXPECT_THAT(estimate_recipe_regret({}, recipe(0, 0.01), {}).explanation,
              HasSubstr("no learning rate"));
  std::vector<Observation> diverged = sweep();
  for (Observation& o : diverged) o.loss.reset();
  EXPECT_EQ(estimate_recipe_regret(diverged, recipe(0, 0.01), {}).verdict, Verdict::cannot_tell);
  auto runs = recipe(0, 0.01);
  for (Observation& run : runs) *run.seed += 10;
  EXPECT_THAT(estimate_recipe_regret(sweep(), runs, {}).explanation, HasSubstr("shares no seed"));
  runs[0].seed = 1;
  const Regret one = estimate_recipe_regret(sweep(), runs, {});
  EXPECT_TRUE(one.regret);
  EXPECT_FALSE(one.regret_low);
}

TEST(EstimateRecipeRegret, RefusesRunsOfSeveralRecipes) {
  auto runs = recipe(0, 0.01);
  runs[2].lr = 1.0;
  EXPECT_THROW(estimate_recipe_regret(sweep(), runs, {}), InputError);
  EXPECT_THROW(estimate_recipe_regret(sweep(), {}, {}), InputError);
}

// A recipe whose expected loss lies `excess` above the least of the sweep.
struct RecipeScene {
  double excess = 0.0;
  double noise_ratio = 1.0;  // noise of its losses over that of the sweep's
  int seeds = 3;
  bool fitted = true;  // otherwise one learning rate is replicated, the optimum itself
  double skew = 0.0;   // of the valley
};

struct Shares {
  double covered = 0.0, below = 0.0, above = 0.0, width = 0.0, holds = 0.0, better = 0.0;
};

std::string name_of(const RecipeScene& scene) {
  return fmt::format("excess {}, noise x{}, {} seeds, skew {}, {}", scene.excess, scene.noise_ratio,
                     scene.seeds, scene.skew, scene.fitted ? "fitted" : "paired");
}

Shares simulate(const RecipeScene& scene) {
  SyntheticStudy study;
  study.seeds = scene.seeds;
  study.residual_deviation = 0.004;
  study.loss = [&](double lr) {
    const double x = std::log(lr / 0.1);
    return 0.5 + 0.03 * x * x + 0.03 * scene.skew * x * x * x / (1 + std::abs(x));
  };
  RandomStream stream(kSeed, name_of(scene));
  Shares shares;
  for (int i = 0; i < kStudies; ++i) {
    // The lattice lies anywhere about the optimum, which only a fit can find between its points.
    study.center = scene.fitted ? 0.1 * std::exp2(0.5 * stream.uniform()) : 0.1;
    const auto effects = study.draw_effects(stream);
    const auto sweep = study.run(effects, stream, scene.fitted ? 2 : 0);
    std::vector<Observation> runs;
    for (std::size_t seed = 0; seed < effects.offsets.size(); ++seed) {
      const double noise = scene.noise_ratio * study.residual_deviation * stream.normal();
      runs.push_back({32, 0.2, seed + 1, 0.5 + scene.excess + effects.offsets[seed] + noise});
    }
    const Regret regret = estimate_recipe_regret(sweep, runs, {.tolerance = 0.02});
    shares.below += scene.excess < *regret.regret_low;
    shares.above += scene.excess > *regret.regret_high;
    shares.width += *regret.regret_high - *regret.regret_low;
    shares.holds += regret.verdict == Verdict::holds;
    shares.better += *regret.regret_high < 0;
  }
  for (double* share :
       {&shares.below, &shares.above, &shares.width, &shares.holds, &shares.better}) {
    *share /= kStudies;
  }
  shares.covered = 1 - shares.below - shares.above;
  fmt::print(
      "{}: coverage {:.3f} (truth below {:.3f}, above {:.3f}), mean width {:.4f}, holds {:.3f}, "
      "better {:.3f}, seed {}\n",
      name_of(scene), shares.covered, shares.below, shares.above, shares.width, shares.holds,
      shares.better, kSeed);
  return shares;
}

std::vector<RecipeScene> scenes() {
  std::vector<RecipeScene> all;
  for (const int seeds : {3, 5}) {
    for (const double ratio : {0.5, 1.0, 2.0, 4.0}) {
      for (const double excess : {-0.05, 0.0, 0.1}) {
        for (const double skew : {0.0, 0.5, -0.8})
          all.push_back({excess, ratio, seeds, true, skew});
        all.push_back({excess, ratio, seeds, false, 0.0});
      }
    }
  }
  return all;
}

TEST(RecipeRegretCoverage, IsAsStatedWhateverTheRecipesOwnNoise) {
  for (const RecipeScene& scene : scenes()) {
    const Shares shares = simulate(scene);
    EXPECT_GE(shares.covered, 0.86) << name_of(scene);
    EXPECT_LE(shares.covered, 0.99) << name_of(scene);
    // A recipe that is no better is called so as seldom as one side of the interval allows, and one
    // that loses five times the tolerance is never said to hold.
    if (scene.excess == 0) {
      EXPECT_LE(shares.better, scene.fitted ? 0.08 : 0.10) << name_of(scene);
    }
    if (scene.excess == 0.1) {
      EXPECT_EQ(shares.holds, 0.0) << name_of(scene);
    }
    if (scene.excess < 0) {
      EXPECT_GE(shares.better, 0.9) << name_of(scene);
    }
  }
}

}  // namespace
}  // namespace etalon
