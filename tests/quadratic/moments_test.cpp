// The moments and the closed forms against known answers, plain iteration and simulation.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "etalon/quadratic.hpp"

namespace etalon {
namespace {

constexpr QuadraticCoordinate kOne = {1.0, 2.0, 3.0};
constexpr QuadraticUpdate kUpdate = {4.0, 0.1, 0.9};

TEST(QuadraticMoments, AreTheKnownAnswers) {
  EXPECT_NEAR(moments_after(kOne, kUpdate, 37).position, 0.29031806889, 1e-10);
  EXPECT_NEAR(stationary_position(kOne, kUpdate), 0.25675675676, 1e-10);
  EXPECT_EQ(moments_after(kOne, kUpdate, 0).position, 3.0);
}

// θ and m as explicit sums of the start and of every gradient's noise, no recursion of moments.
TEST(QuadraticMoments, AreThoseOfTheSumOfAllNoises) {
  const int steps = 23;
  const auto response = [&](double position, double velocity, int updates) {
    for (int i = 0; i < updates; ++i) {
      velocity = kUpdate.momentum * velocity + kOne.curvature * position;
      position -= kUpdate.lr * velocity;
    }
    return std::pair(position, velocity);
  };
  const auto [start, start_velocity] = response(1.0, 0.0, steps);
  QuadraticMoments sum = {kOne.start * start * start, kOne.start * start * start_velocity,
                          kOne.start * start_velocity * start_velocity};
  for (int i = 0; i < steps; ++i) {  // a noise of 1 puts m at 1 and θ at −η
    const auto [position, velocity] = response(-kUpdate.lr, 1.0, i);
    const double variance = kOne.variance / kUpdate.batch_size;
    sum.position += variance * position * position;
    sum.mixed += variance * position * velocity;
    sum.velocity += variance * velocity * velocity;
  }
  const QuadraticMoments moments = moments_after(kOne, kUpdate, steps);
  EXPECT_NEAR(moments.position, sum.position, 1e-12);
  EXPECT_NEAR(moments.mixed, sum.mixed, 1e-12);
  EXPECT_NEAR(moments.velocity, sum.velocity, 1e-12);
}

TEST(QuadraticMoments, SettleAtTheStationaryOnes) {
  EXPECT_NEAR(moments_after(kOne, kUpdate, 100'000).position, stationary_position(kOne, kUpdate),
              1e-10);
  const QuadraticUpdate unstable = {4.0, 3.81, 0.9};  // from 2(1 + β)/h = 3.8 on
  EXPECT_EQ(stationary_position(kOne, unstable), std::numeric_limits<double>::infinity());
  EXPECT_GT(moments_after(kOne, unstable, 5000).position, 1e3);
}

NoisyQuadratic known_answer() { return NoisyQuadratic(parse_quadratic("quadratic:300")); }

TEST(NoisyQuadratic, HasTheKnownOptima) {
  const NoisyQuadratic model = known_answer();
  // To the digits of the table, which was made on a coarser scale.
  const std::pair<double, double> table[] = {{1, 0.00834}, {16, 0.132},  {64, 0.514},
                                             {128, 0.966}, {256, 1.527}, {512, 1.811}};
  for (const auto& [batch_size, lr] : table) {
    EXPECT_NEAR(model.best_lr(batch_size, 65536 / batch_size) / lr, 1.0, 0.004) << batch_size;
  }
}

TEST(NoisyQuadratic, HasNoBetterLearningRateThanTheBest) {
  const NoisyQuadratic plain = known_answer(), heavy(parse_quadratic("quadratic:300"), 0.9);
  for (const NoisyQuadratic* model : {&plain, &heavy}) {
    const double best = model->best_lr(64, 512), least = model->expected_loss(64, best, 512);
    for (double share = 1e-4; share < 1.0; share *= 1.03) {
      EXPECT_GE(model->expected_loss(64, share * model->stability_limit(), 512), least) << share;
    }
  }
}

// Without momentum the closed form and the recursion are two ways to one number.
TEST(NoisyQuadratic, LosesInClosedFormWhatTheRecursionSays) {
  const NoisyQuadratic model = known_answer();
  double sum = 0.0;
  for (const QuadraticCoordinate& each : model.coordinates()) {
    sum += 0.5 * each.curvature * moments_after(each, {32.0, 0.3, 0.0}, 200).position;
  }
  EXPECT_NEAR(model.expected_loss(32.0, 0.3, 200), sum, 1e-12);
}

TEST(NoisyQuadratic, GreedyLearningRateIsTheBestOfOneUpdate) {
  const NoisyQuadratic model(parse_quadratic("quadratic:20,c=30"));
  EXPECT_NEAR(model.greedy_lr(64), model.best_lr(64, 1), 1e-6);
  const QuadraticNoise noise = model.noise_scales(64, 0.1, 0);
  const double most = model.greedy_lr(std::numeric_limits<double>::infinity());
  EXPECT_NEAR(model.greedy_lr(64), most / (1.0 + noise.weighted / 64), 1e-12);
  EXPECT_GT(noise.simple, noise.weighted);  // small curvatures are noisy beside their gradient
}

TEST(NoisyQuadratic, NoiseScaleGrowsWhileItTrains) {
  const NoisyQuadratic model = known_answer();
  EXPECT_GT(model.noise_scales(64, 0.3, 500).simple, 10 * model.noise_scales(64, 0.3, 0).simple);
}

TEST(NoisyQuadratic, RefusesWhatIsNoQuadratic) {
  EXPECT_THROW(NoisyQuadratic({}), InputError);
  EXPECT_THROW(NoisyQuadratic({{0.0, 1.0, 1.0}}), InputError);
  EXPECT_THROW(NoisyQuadratic({{1.0, -1.0, 1.0}}), InputError);
  EXPECT_THROW(NoisyQuadratic({kOne}, 1.0), InputError);
}

// Updates one by one with the noise of thousands of runs, by a generator of the test's own choice.
TEST(NoisyQuadratic, ExpectsWhatRunsLoseOnAverage) {
  const NoisyQuadratic model(parse_quadratic("quadratic:5,c=3,a=2"), 0.8);
  RandomStream stream(1, "runs of a quadratic");
  constexpr int kRuns = 20'000, kSteps = 30;
  double sum = 0.0, squares = 0.0;
  for (int run = 0; run < kRuns; ++run) {
    double loss = 0.0;
    for (const auto& [h, c, a] : model.coordinates()) {
      double position = std::sqrt(a) * stream.normal(), velocity = 0.0;
      for (int step = 0; step < kSteps; ++step) {
        velocity = 0.8 * velocity + h * position + std::sqrt(c / 16.0) * stream.normal();
        position -= 0.2 * velocity;
      }
      loss += 0.5 * h * position * position;
    }
    sum += loss, squares += loss * loss;
  }
  const double mean = sum / kRuns, error = std::sqrt((squares / kRuns - mean * mean) / kRuns);
  EXPECT_NEAR(model.expected_loss(16.0, 0.2, kSteps), mean, 4.0 * error);
}

TEST(NoisyQuadratic, ReachesATargetInNoFewerUpdatesThanItSays) {
  const NoisyQuadratic model = known_answer();
  const auto fewest = model.fewest_steps(64, 0.1);
  ASSERT_TRUE(fewest);
  EXPECT_NEAR(model.expected_loss(64, fewest->lr, fewest->steps), 0.1, 1e-8);
  for (double lr = 0.01; lr < 2.0; lr *= 1.02) {
    EXPECT_GE(model.expected_loss(64, lr, 0.999 * fewest->steps), 0.1) << lr;
  }
}

// The limits are those of very small and very large batches.
TEST(NoisyQuadratic, HasACriticalBatchSizeBetweenItsLimits) {
  const NoisyQuadratic model = known_answer();
  const double target = 0.1;
  const double examples = *model.fewest_examples(target);
  EXPECT_NEAR(1e-3 * model.fewest_steps(1e-3, target)->steps / examples, 1.0, 1e-4);
  const double steps = model.fewest_steps(1e7, target)->steps;
  EXPECT_NEAR(*model.critical_batch_size(target) / (examples / steps), 1.0, 1e-2);
  EXPECT_FALSE(model.fewest_steps(64, model.start_loss()));
  EXPECT_FALSE(model.fewest_examples(0.0));
}

// One coordinate without noise: a single update at η = 1/h is there.
TEST(NoisyQuadratic, NeedsOneUpdateWhereOneIsEnough) {
  const NoisyQuadratic model({kOne});
  EXPECT_LE(model.fewest_steps(std::numeric_limits<double>::infinity(), 0.01)->steps, 1.0);
}

}  // namespace
}  // namespace etalon
