// Every rule against numbers that were not computed by it: a paper's, or one derived by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "etalon/scaling.hpp"
#include "scaling/recipes.hpp"

namespace etalon {
namespace {

ScaleOptions noise(double scale) {
  ScaleOptions options;
  options.noise_scale = scale;
  return options;
}

// Goyal et al. 2017: reference 0.1 at 256, kn = 8192 gives 0.1 · 32 = 3.2, 90 epochs at any size.
TEST(LinearRule, GivesGoyalsImageNetRecipe) {
  Recipe base = sgd_recipe();
  base.momentum = 0.9;
  base.weight_decay = 1e-4;
  base.schedule.warmup = {5, DurationUnit::epochs};
  base.budget = {90, DurationUnit::epochs};
  base.schedule.name = "step";
  base.schedule.milestones = {
      {30, DurationUnit::epochs}, {60, DurationUnit::epochs}, {80, DurationUnit::epochs}};
  const ScaledRecipe scaled = scale(base, {8192}, "linear");
  EXPECT_DOUBLE_EQ(scaled.recipe.lr, 3.2);
  EXPECT_EQ(scaled.recipe.momentum, 0.9);
  EXPECT_EQ(scaled.recipe.weight_decay, 1e-4);
  EXPECT_EQ(scaled.recipe.schedule.warmup, base.schedule.warmup);
  EXPECT_EQ(scaled.recipe.budget, base.budget);
  EXPECT_EQ(scaled.recipe.schedule.milestones, base.schedule.milestones);
}

TEST(LinearRule, DividesWhatCountsStepsByKappa) {
  Recipe base = sgd_recipe();
  base.schedule.warmup = {500, DurationUnit::steps};
  base.budget = {10000, DurationUnit::steps};
  base.schedule.name = "step";
  base.schedule.milestones = {{4000, DurationUnit::steps}};
  const Recipe scaled = scale(base, {1024}, "linear").recipe;
  EXPECT_DOUBLE_EQ(scaled.schedule.warmup->amount, 125);
  EXPECT_DOUBLE_EQ(scaled.budget->amount, 2500);
  EXPECT_DOUBLE_EQ(scaled.schedule.milestones[0].amount, 1000);
}

// The covariance of one update is η²Σ/B: 0.1²/256 = 0.4²/4096.
TEST(SquareRootRule, KeepsTheCovarianceOfOneUpdate) {
  const double lr = scale(sgd_recipe(), {4096}, "sqrt").recipe.lr;
  EXPECT_DOUBLE_EQ(lr, 0.4);
  EXPECT_DOUBLE_EQ(lr * lr / 4096, 0.1 * 0.1 / 256);
}

TEST(FixedRule, MovesNothingButTheNumberOfSteps) {
  Recipe base = adamw_recipe();
  base.ema = 0.999;
  base.budget = {1000, DurationUnit::steps};
  for (const FieldChange& change : scale(base, {512}, "fixed").fields) {
    EXPECT_EQ(change.moved, change.field == "steps") << change.field;
  }
}

// η_max/(1 + 1000/B): at 250 a fifth of η_max, at 1000 a half, at 4000 four fifths.
TEST(SaturatingRule, IsLinearBelowTheNoiseScaleAndFlatAboveIt) {
  const Recipe base = sgd_recipe(0.2, 250);
  EXPECT_NEAR(scale(base, {1000}, "saturating", noise(1000)).recipe.lr, 0.5, 1e-12);
  EXPECT_NEAR(scale(base, {4000}, "saturating", noise(1000)).recipe.lr, 0.8, 1e-12);
  EXPECT_NEAR(scale(base, {4000}, "saturating", noise(1e12)).recipe.lr, 0.2 * 16, 1e-6);
}

TEST(SaturatingRule, TakesTheRootForAdamUnlessToldOtherwise) {
  const Recipe base = adamw_recipe(1e-3, 250);
  EXPECT_NEAR(scale(base, {4000}, "saturating", noise(1000)).recipe.lr, 2e-3, 1e-15);
  ScaleOptions options = noise(1000);
  options.noise_exponent = 1.0;
  EXPECT_NEAR(scale(base, {4000}, "saturating", options).recipe.lr, 4e-3, 1e-15);
}

// Malladi et al. 2022: the SDE depends on (1 − β)/η², on εη and on η²/B alone (σ² ∝ 1/B), so these
// stay the same; κ = 4 by hand: β1 = 1 − 4·0.1, β2 = 1 − 4·0.001, ε = 1e-8/2.
TEST(SdeRule, KeepsTheInvariantsOfAdamsEquation) {
  const Recipe base = adamw_recipe();
  const Recipe scaled = scale(base, {1024}, "sde").recipe;
  EXPECT_DOUBLE_EQ(scaled.lr, 2e-3);
  EXPECT_DOUBLE_EQ(*scaled.beta1, 0.6);
  EXPECT_DOUBLE_EQ(*scaled.beta2, 0.996);
  EXPECT_DOUBLE_EQ(*scaled.eps, 5e-9);
  EXPECT_DOUBLE_EQ(*scaled.weight_decay, 0.02);
  EXPECT_NEAR((1 - *scaled.beta1) / (scaled.lr * scaled.lr), (1 - 0.9) / 1e-6, 1e-6);
  EXPECT_NEAR((1 - *scaled.beta2) / (scaled.lr * scaled.lr), (1 - 0.999) / 1e-6, 1e-6);
  EXPECT_DOUBLE_EQ(*scaled.eps * scaled.lr, 1e-8 * 1e-3);
}

TEST(SdeRule, MovesRmspropsSmoothingConstant) {
  Recipe base = sgd_recipe(1e-3);
  base.optimizer = OptimizerFamily::rmsprop;
  fill_defaults(base);
  EXPECT_DOUBLE_EQ(*scale(base, {1024}, "sde").recipe.beta2, 0.96);
}

TEST(SdeRule, PutsThePowerInAndSaysSoWhereNoBetaIsLeft) {
  const ScaledRecipe scaled = scale(adamw_recipe(), {2560}, "sde");
  EXPECT_DOUBLE_EQ(*scaled.recipe.beta1, std::pow(0.9, 10));
  EXPECT_DOUBLE_EQ(*scaled.recipe.beta2, 0.99);
  EXPECT_TRUE(has_warning(scaled, "not under 1/(1 − beta1) = 10"));
  EXPECT_FALSE(has_warning(scale(adamw_recipe(), {2559}, "sde"), "not under 1/(1 − beta1)"));
}

// |β^κ − (1 − κ(1 − β))| <= κ(κ − 1)/2 · (1 − β)², Taylor's remainder.
TEST(SdePowerRule, AgreesWithTheSdeRuleToFirstOrder) {
  for (const double gap : {0.1, 0.01, 0.001}) {
    Recipe base = adamw_recipe();
    base.beta1 = 1 - gap;
    const double power = *scale(base, {1024}, "sde-power").recipe.beta1;
    const double published = *scale(base, {1024}, "sde").recipe.beta1;
    EXPECT_GT(power, published);
    EXPECT_LE(power - published, 6 * gap * gap);
  }
}

// 1/[½(√(B_n/B) + √(B/B_n))] is 1 at B_n and 1/[½(2 + ½)] = 0.8 at B_n/4 and at 4·B_n.
TEST(RiseAndFallRule, PeaksAtTheNoiseScaleAndIsSymmetric) {
  const Recipe base = adamw_recipe(0.8e-3, 256);
  EXPECT_NEAR(scale(base, {1024}, "rise-and-fall", noise(1024)).recipe.lr, 1e-3, 1e-15);
  EXPECT_NEAR(scale(base, {4096}, "rise-and-fall", noise(1024)).recipe.lr, 0.8e-3, 1e-15);
}

TEST(LegwRule, StretchesTheWarmUpEpochsAndKeepsItsSteps) {
  Recipe base = sgd_recipe();
  base.schedule.warmup = {0.5, DurationUnit::epochs};
  const ScaledRecipe by_epochs = scale(base, {4096}, "legw");
  EXPECT_DOUBLE_EQ(by_epochs.recipe.lr, 0.4);
  EXPECT_DOUBLE_EQ(by_epochs.recipe.schedule.warmup->amount, 8.0);
  base.schedule.warmup = {300, DurationUnit::steps};
  EXPECT_DOUBLE_EQ(scale(base, {4096}, "legw").recipe.schedule.warmup->amount, 300);
}

// r = (σ² + μ²)/(σ²/κ + μ²) with σ² = 3, μ² = 1, κ = 6: 4/1.5; B_noise = B·σ²/μ² = 768.
TEST(AdaScaleRule, GivesTheGainOfThePaper) {
  EXPECT_DOUBLE_EQ(adascale_gain(768, 256, 6), 4 / 1.5);
  EXPECT_NEAR(adascale_gain(1e-9, 256, 6), 1.0, 1e-9);  // no noise: nothing to gain
  EXPECT_NEAR(adascale_gain(1e15, 256, 6), 6.0, 1e-9);  // noise alone: linear
}

TEST(AdaScaleRule, IsTheLargeBatchModelWithMoreSteps) {
  Recipe base = sgd_recipe();
  base.budget = {1000, DurationUnit::steps};
  base.weight_decay = 1e-4;
  const Recipe scaled = scale(base, {1536}, "adascale", noise(768)).recipe;
  EXPECT_NEAR(scaled.lr, scale(base, {1536}, "saturating", noise(768)).recipe.lr, 1e-15);
  EXPECT_NEAR(scaled.budget->amount, 375, 1e-9);  // not 1000/6
  base.budget = {90, DurationUnit::epochs};       // κ/r times the examples: 6/(4/1.5) = 2.25
  EXPECT_NEAR(scale(base, {1536}, "adascale", noise(768)).recipe.budget->amount, 202.5, 1e-9);
}

// The half-life of β2 in examples, B·ln ½ / ln β2.
TEST(HalfLifeRule, KeepsTheHalfLifeOfTheSecondMomentInExamples) {
  const auto half_life = [](double batch_size, double beta) {
    return batch_size * std::log(0.5) / std::log(beta);
  };
  const Recipe scaled = scale(adamw_recipe(1e-3, 512), {1}, "half-life").recipe;
  EXPECT_NEAR(half_life(1, *scaled.beta2) / half_life(512, 0.999), 1.0, 1e-9);
  EXPECT_EQ(scaled.beta1, 0.9);
  EXPECT_EQ(scaled.lr, 1e-3);
}

// An epoch of AdamW with zero gradient shrinks a weight by (1 − ηλ)^(N/B).
TEST(TimeScaleRule, KeepsTheShrinkageOfAnEpoch) {
  const double n = 65536;
  const auto shrinkage = [n](const Recipe& recipe) {
    return std::pow(1 - recipe.lr * *recipe.weight_decay,
                    n / static_cast<double>(recipe.batch.global()));
  };
  const Recipe base = adamw_recipe();
  for (const char* rule : {"time-scale", "sde", "sqrt", "linear"}) {
    const Recipe scaled = scale(base, {2048}, rule).recipe;
    EXPECT_NEAR(shrinkage(scaled), shrinkage(base), 1e-6) << rule;
  }
  EXPECT_DOUBLE_EQ(*scale(base, {2048}, "time-scale").recipe.weight_decay, 0.08);
}

TEST(WeightDecay, StaysWhereItIsATermOfTheLoss) {
  Recipe base = sgd_recipe();
  base.weight_decay = 1e-4;
  EXPECT_EQ(scale(base, {4096}, "sqrt").recipe.weight_decay, 1e-4);
}

// κ steps at a fixed distance from the weights take the average as near as one step of ρ^κ.
TEST(EmaRule, TakesOneStepAsFarAsKappaSmallOnes) {
  Recipe base = sgd_recipe();
  base.ema = 0.99;
  const double rho = *scale(base, {2048}, "ema").recipe.ema;
  double average = 3.0;
  const double weight = 1.0;
  for (int step = 0; step < 8; ++step) average = 0.99 * average + 0.01 * weight;
  EXPECT_NEAR(rho * 3.0 + (1 - rho) * weight, average, 1e-14);
}

TEST(EmaRule, FollowsTheGainOfAdaScale) {
  Recipe base = sgd_recipe();
  base.ema = 0.99;
  EXPECT_DOUBLE_EQ(*scale(base, {1536}, "adascale", noise(768)).recipe.ema,
                   std::pow(0.99, 4 / 1.5));
}

}  // namespace
}  // namespace etalon
