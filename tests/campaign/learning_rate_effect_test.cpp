// Losses that the learning rate moves are told from losses that it does not.
#include "campaign/learning_rate_effect.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"

namespace etalon {
namespace {

// Five learning rates an octave apart at each of four batch sizes.
std::vector<Observation> sweep(double curvature, double noise, std::uint64_t seed) {
  RandomStream random(seed, "learning rate effect");
  std::vector<Observation> runs;
  for (const double batch_size : {64.0, 128.0, 256.0, 512.0}) {
    for (int octave = -2; octave <= 2; ++octave) {
      const double loss = 1.0 + curvature * octave * octave + noise * random.normal();
      runs.push_back({batch_size, 0.01 * std::exp2(octave), 1, loss});
    }
  }
  return runs;
}

TEST(ChanceOfEffect, IsAsOftenSmallAsItSaysWhereThereIsNoEffect) {
  int rejected = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    rejected += *chance_of_effect(sweep(0.0, 0.05, seed)) < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(rejected, 50, 21);  // three deviations of a binomial
}

TEST(ChanceOfEffect, IsSmallWhereTheLearningRateMatters) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_LT(*chance_of_effect(sweep(0.05, 0.02, seed)), 0.01) << seed;
  }
  EXPECT_EQ(*chance_of_effect(sweep(0.05, 0.0, 1)) < 1e-6, true);
}

TEST(ChanceOfEffect, IsUnknownWhereThereAreTooFewRuns) {
  EXPECT_FALSE(chance_of_effect({}));
  EXPECT_FALSE(chance_of_effect(std::vector<Observation>{
      {64, 0.1, 1, 1.0}, {64, 0.2, 1, 2.0}, {64, 0.4, 1, 3.0}, {64, 0.8, 1, {}}}));
}

}  // namespace
}  // namespace etalon
