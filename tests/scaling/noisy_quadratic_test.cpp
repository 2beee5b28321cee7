// The rules against models that are solved without them: the noisy quadratic of Zhang et al. 2019
// (arXiv 1907.04164), sign descent on it, and plain iteration of the optimizers.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "etalon/scaling.hpp"
#include "scaling/recipes.hpp"

namespace etalon {
namespace {

// E θ² after `steps` of SGD on ½hθ² with gradient noise of variance c/B, from E θ² = a:
// each step multiplies it by (1 − ηh)² and adds η²c/B.
double moment_after(double a, double lr, double h, double c, double batch_size, int steps) {
  for (int step = 0; step < steps; ++step) {
    a = (1 - lr * h) * (1 - lr * h) * a + lr * lr * c / batch_size;
  }
  return a;
}

TEST(LinearRule, TrainsANoisyQuadraticAlikeOverTheSameExamples) {
  const double base = moment_after(1, 1e-3, 1, 4, 8, 4096);
  const double lr = scale(sgd_recipe(1e-3, 8), {64}, "linear").recipe.lr;
  const double by_linear = moment_after(1, lr, 1, 4, 64, 512);
  const double by_root =
      moment_after(1, scale(sgd_recipe(1e-3, 8), {64}, "sqrt").recipe.lr, 1, 4, 64, 512);
  EXPECT_NEAR(by_linear / base, 1, 0.05);
  EXPECT_GT(by_root / base, 10);
}

// The greedy step on Σ ½hθ²: minimizes E loss after one step, Σ½h[(1 − ηh)²a + η²hc/B] here with
// noise variance hc/B, so η* = Σh²a / Σ(h³a + h²c/B).
double greedy_lr(const std::vector<double>& h, double c, double batch_size) {
  double top = 0, bottom = 0;
  for (const double x : h) {
    top += x * x;
    bottom += x * x * x + x * x * c / batch_size;
  }
  return top / bottom;
}

TEST(SaturatingRule, FollowsTheBestGreedyStepOnAQuadratic) {
  const std::vector<double> h = {1, 0.5, 0.25, 0.125, 0.0625};
  const double c = 50;
  double curvature = 0, noise = 0;
  for (const double x : h) {
    curvature += x * x * x;  // GᵀHG with a = 1
    noise += x * x * c;      // tr(HΣ)
  }
  ScaleOptions options;
  options.noise_scale = noise / curvature;
  const Recipe base = sgd_recipe(greedy_lr(h, c, 4), 4);
  for (const std::int64_t batch_size : {1, 16, 64, 256, 4096}) {
    EXPECT_NEAR(scale(base, {batch_size}, "saturating", options).recipe.lr /
                    greedy_lr(h, c, static_cast<double>(batch_size)),
                1, 1e-12);
  }
}

// Sign descent on ½θᵀHθ, gradients G + noise of standard deviation σ/√B per coordinate: the sign of
// a coordinate has mean m = erf(G√B/(√2 σ)), so E loss falls by η Σ Gm − ½η²[ΣH_ii + Σ_{i≠j} H_ij
// m_i m_j], best at η* = Σ Gm / [...].
double sign_descent_lr(double batch_size) {
  constexpr int n = 40;
  constexpr double g = 0.02, sigma = 1, diagonal = 1, other = 0.8;
  const double m = std::erf(g * std::sqrt(batch_size) / (std::sqrt(2.0) * sigma));
  return n * g * m / (n * diagonal + n * (n - 1) * other * m * m);
}

TEST(RiseAndFallRule, FollowsTheBestStepOfSignDescent) {
  double peak = 1, best = 0;
  for (double b = 1; b < 4000; b *= 1.001) {
    if (sign_descent_lr(b) > best) {
      best = sign_descent_lr(b);
      peak = b;
    }
  }
  ScaleOptions options;
  options.noise_scale = peak;
  const Recipe base = adamw_recipe(sign_descent_lr(16), 16);
  // πσ²/(2μ²) is 3927 here; the formula is for B well under it.
  for (const std::int64_t batch_size : {1, 4, 64, 256}) {
    const double said = scale(base, {batch_size}, "rise-and-fall", options).recipe.lr;
    EXPECT_NEAR(said / sign_descent_lr(static_cast<double>(batch_size)), 1, 0.05) << batch_size;
  }
}

// Adam's second moment over noise alone: with v an average of g² whose variance is 1/B, η' = √κ η
// and the SDE's betas, the update's size per example is the same.
TEST(SdeRule, MovesAsFarPerExampleWhenNoiseDominates) {
  const Recipe base = adamw_recipe(1e-3, 64);
  const Recipe scaled = scale(base, {256}, "sde").recipe;
  // Random walk of n steps of size η·g/√v: variance n·η², for E = 25600 examples.
  EXPECT_DOUBLE_EQ(25600.0 / 256 * scaled.lr * scaled.lr, 25600.0 / 64 * base.lr * base.lr);
  // ε against √v = 1/√B.
  EXPECT_DOUBLE_EQ(*scaled.eps * std::sqrt(256), *base.eps * std::sqrt(64));
  // The share of v that is older than 6400 examples, by iteration.
  const auto old_share = [](const Recipe& r) {
    double share = 1;
    for (int step = 0; step < 6400 / r.batch.global(); ++step) share *= *r.beta2;
    return share;
  };
  EXPECT_NEAR(old_share(scaled) / old_share(base), 1, 1e-3);
}

// A training with a moving target: the averaged weights after the same examples agree to first
// order when ρ moves as ρ^κ, and lag behind when it does not.
TEST(EmaRule, KeepsTheAverageOfATrainingOnAQuadratic) {
  const auto train = [](double lr, double rho, int steps) {
    double weight = 1, average = 1;
    for (int step = 0; step < steps; ++step) {
      weight -= lr * weight;
      average = rho * average + (1 - rho) * weight;
    }
    return average;
  };
  Recipe base = sgd_recipe(1e-3);
  base.ema = 0.999;
  const Recipe scaled = scale(base, {2048}, "linear").recipe;
  const double truth = train(base.lr, *base.ema, 4000);
  EXPECT_NEAR(train(scaled.lr, *scaled.ema, 500) / truth, 1, 0.02);
  EXPECT_GT(train(scaled.lr, *base.ema, 500) / truth, 3);
}

// Iterates the optimizer on ½λw² and says whether it stays bounded.
bool stays_bounded(const Recipe& recipe, double lr, double sharpness) {
  const double m = recipe.momentum.value_or(recipe.beta1.value_or(0));
  const bool averaged = recipe.beta1.has_value();
  double w = 1, v = 0;
  for (int step = 0; step < 20000 && std::abs(w) < 1e6; ++step) {
    const double g = sharpness * w;
    v = m * v + (averaged ? 1 - m : 1.0) * g;
    w -= lr * (recipe.optimizer == OptimizerFamily::nesterov ? g + m * v : v);
  }
  return std::abs(w) < 1e6;
}

TEST(StabilityLimit, IsWhereIterationOnAQuadraticStartsToDiverge) {
  Recipe sgd = sgd_recipe(), momentum = sgd_recipe(), nesterov = sgd_recipe();
  momentum.optimizer = OptimizerFamily::momentum;
  nesterov.optimizer = OptimizerFamily::nesterov;
  fill_defaults(momentum);
  fill_defaults(nesterov);
  const double sharpness = 7;
  for (const Recipe& recipe : {sgd, momentum, nesterov, adamw_recipe()}) {
    const double limit = *stability_limit(recipe, sharpness);
    EXPECT_TRUE(stays_bounded(recipe, 0.995 * limit, sharpness)) << to_string(recipe.optimizer);
    EXPECT_FALSE(stays_bounded(recipe, 1.005 * limit, sharpness)) << to_string(recipe.optimizer);
  }
  EXPECT_NEAR(*stability_limit(adamw_recipe(), 1), 38, 1e-9);  // arXiv 2207.14484
  Recipe lars = sgd_recipe();
  lars.optimizer = OptimizerFamily::lars;
  EXPECT_FALSE(stability_limit(lars, 1).has_value());
}

// The two forms of momentum part when η changes, unless the buffer that holds η is corrected.
TEST(MomentumCorrection, MakesTheFormWithLearningRateInsideAgreeWithPyTorchs) {
  double w_in = 1, v_in = 0, w_out = 1, v_out = 0, uncorrected_w = 1, uncorrected_v = 0;
  double lr = 0.1;
  for (int step = 0; step < 40; ++step) {
    const double old_lr = lr;
    lr = step < 20 ? 0.1 : 0.4;
    v_in = 0.9 * v_in * momentum_correction(old_lr, lr) + lr * w_in;
    w_in -= v_in;
    uncorrected_v = 0.9 * uncorrected_v + lr * uncorrected_w;
    uncorrected_w -= uncorrected_v;
    v_out = 0.9 * v_out + w_out;
    w_out -= lr * v_out;
  }
  EXPECT_NEAR(w_in, w_out, 1e-13);
  EXPECT_GT(std::abs(uncorrected_w - w_out), 1e-3);
}

}  // namespace
}  // namespace etalon
