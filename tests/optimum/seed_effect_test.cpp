#include "etalon/seed_effect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

// Losses of five learning rates under `seeds` seeds: 0.02·octaves² plus what a seed adds plus
// noise.
std::vector<Observation> measure_seeds(int seeds, double between, double within,
                                       RandomStream& stream) {
  std::vector<Observation> runs;
  for (int seed = 1; seed <= seeds; ++seed) {
    const double offset = between * stream.normal();
    for (int octave = -2; octave <= 2; ++octave) {
      const double loss = 1.0 + 0.02 * octave * octave + offset + within * stream.normal();
      runs.push_back({64, 0.1 * std::exp2(0.5 * octave), static_cast<std::uint64_t>(seed), loss});
    }
  }
  return runs;
}

TEST(SeedEffect, IsTheTwoWayAnalysisOfVariance) {
  // Rows (0, 2) and (1, 5): row means 1 and 3, seeds add −1.5 and 1.5, residuals ±0.5. Seeds take
  // off 2·2·1.5² = 9 with one degree of freedom, 4·0.25 = 1 is left with one: F = 9. Their variance
  // is (9 − 1) / 2, the trace of the normal equations being 2.
  const std::vector<Observation> runs = {
      {64, 0.1, 1, 0.0}, {64, 0.1, 2, 2.0}, {64, 0.2, 1, 1.0}, {64, 0.2, 2, 5.0}};
  const auto effect = find_seed_effect(runs);
  ASSERT_TRUE(effect);
  EXPECT_NEAR(effect->within, 1.0, 1e-9);
  EXPECT_NEAR(effect->between, 2.0, 1e-9);
  EXPECT_NEAR(effect->p_value, 0.2048, 1e-4);  // P(F(1, 1) > 9) = 1 − (2/π)·atan(3)
  EXPECT_EQ(effect->seeds, 2);
}

TEST(SeedEffect, IsFoundToBeWhatItIs) {
  RandomStream stream(1, "seed_effect");
  double between = 0.0, within = 0.0;
  constexpr int kStudies = 300;
  for (int i = 0; i < kStudies; ++i) {
    const auto effect = find_seed_effect(measure_seeds(5, 0.03, 0.01, stream));
    between += effect->between * effect->between / kStudies;
    within += effect->within * effect->within / kStudies;
  }
  EXPECT_NEAR(std::sqrt(between), 0.03, 0.003);
  EXPECT_NEAR(std::sqrt(within), 0.01, 0.0005);
}

TEST(SeedEffect, IsSeldomCalledStrongWhereSeedsAddNothing) {
  RandomStream stream(2, "seed_effect");
  int called = 0;
  constexpr int kStudies = 400;
  for (int i = 0; i < kStudies; ++i) {
    called += find_seed_effect(measure_seeds(3, 0.0, 0.01, stream))->is_strong();
  }
  EXPECT_LE(called, kStudies / 50);
}

TEST(SeedEffect, IsCalledStrongWhereSeedsAddMoreThanAllElse) {
  RandomStream stream(3, "seed_effect");
  const auto effect = find_seed_effect(measure_seeds(5, 0.05, 0.005, stream));
  EXPECT_TRUE(effect->is_strong());
  EXPECT_THAT(effect->text(), HasSubstr("compare learning rates under the same seeds"));
}

TEST(SeedEffect, IsUnknownWithoutSeedsThatShareLearningRates) {
  RandomStream stream(4, "seed_effect");
  auto runs = measure_seeds(3, 0.05, 0.005, stream);
  for (Observation& run : runs) run.seed.reset();
  EXPECT_FALSE(find_seed_effect(runs));
  EXPECT_FALSE(find_seed_effect(measure_seeds(1, 0.05, 0.005, stream)));
  EXPECT_FALSE(find_seed_effect({}));
}

}  // namespace
}  // namespace etalon
