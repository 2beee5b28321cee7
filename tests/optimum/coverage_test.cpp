// Nominal 90% intervals must hold the truth in about 90% of synthetic studies: in 83% or more here.
// Every figure is printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "etalon/regret.hpp"
#include "optimum/coverage_tally.hpp"
#include "optimum/synthetic_study.hpp"
#include "support/noisy_quadratic.hpp"

namespace etalon {
namespace {

using testing::KnownQuadratic;
using testing::kSeed;
using testing::SyntheticStudy;
using testing::Tally;
using testing::valley;

constexpr int kStudies = 250;
constexpr double kLeast = 0.83;

struct Scene {
  std::string name;
  SyntheticStudy study;
  double optimum = 0.1;
};

std::vector<Scene> scenes(int seeds) {
  std::vector<Scene> all;
  const auto add = [&](const std::string& name, std::function<double(double)> loss,
                       double optimum) -> SyntheticStudy& {
    SyntheticStudy study;
    study.seeds = seeds;
    study.loss = std::move(loss);
    all.push_back({fmt::format("{}, {} seeds", name, seeds), study, optimum});
    return all.back().study;
  };
  add("parabola", valley(0.1), 0.1);
  add("steeper above", valley(0.1, 0.5), 0.1);
  add("steeper below", valley(0.1, -0.8), 0.1);
  add("an optimum of its own for every seed", valley(0.1), 0.1).slope_deviation = 0.003;
  add("noise that doubles every octave", valley(0.1), 0.1).spread_per_octave = 2;
  const KnownQuadratic model;
  for (const double batch_size : {16.0, 64.0, 128.0, 256.0}) {
    add(
        fmt::format("noisy quadratic at B={}", batch_size),
        [=](double lr) { return model.loss(batch_size, lr); }, model.optimum(batch_size));
  }
  // With hardly any noise, what the curve cannot follow is all of the error.
  for (const double batch_size : {64.0, 128.0}) {
    add(
        fmt::format("quiet noisy quadratic at B={}", batch_size),
        [=](double lr) { return model.loss(batch_size, lr); }, model.optimum(batch_size))
        .residual_deviation = 0.001;
  }
  return all;
}

// Just below divergence no closer interval than between the neighbouring learning rates is claimed.
bool near_divergence(const Scene& scene) {
  return scene.optimum > 0.4 * KnownQuadratic::kDivergence;
}

class Coverage : public ::testing::TestWithParam<int> {};

TEST_P(Coverage, OfTheOptimumIsAsStatedOnManySurfaces) {
  for (Scene scene : scenes(GetParam())) {
    RandomStream stream(kSeed, scene.name);
    Tally tally;
    for (int i = 0; i < kStudies; ++i) {
      // The lattice lies anywhere about the optimum.
      scene.study.center = scene.optimum * std::exp2(0.5 * stream.uniform());
      const Optimum estimate = estimate_optimum(scene.study.run(stream), {});
      tally.add(scene.optimum, estimate.lr_low, estimate.lr_high);
    }
    tally.print("the optimum, " + scene.name);
    EXPECT_GE(tally.rate(), kLeast) << scene.name;
    EXPECT_LT(tally.unbounded, kStudies / 6) << scene.name;
  }
}

Tally coverage_without_seeds(Scene& scene, const std::string& name) {
  RandomStream stream(kSeed, name + scene.name);
  Tally tally;
  for (int i = 0; i < kStudies; ++i) {
    scene.study.center = scene.optimum * std::exp2(0.5 * stream.uniform());
    auto runs = scene.study.run(stream);
    for (Observation& run : runs) run.seed.reset();
    const Optimum estimate = estimate_optimum(runs, {});
    tally.add(scene.optimum, estimate.lr_low, estimate.lr_high);
  }
  tally.print(name + scene.name);
  return tally;
}

TEST_P(Coverage, OfTheOptimumIsAsStatedWhereEveryRunHasASeedOfItsOwn) {
  for (Scene scene : scenes(GetParam())) {
    scene.study.residual_deviation = 0.005;
    scene.study.seed_deviation = scene.study.slope_deviation = 0.0;
    const Tally tally = coverage_without_seeds(scene, "the optimum of runs of their own seeds, ");
    EXPECT_GE(tally.rate(), kLeast) << scene.name;
  }
}

// Runs share seeds, but nobody knows which: what is left is cautious.
TEST_P(Coverage, OfTheOptimumIsNoLessThanStatedWhereSeedsAreNotKnown) {
  for (Scene scene : scenes(GetParam())) {
    EXPECT_GE(coverage_without_seeds(scene, "the optimum without seeds, ").rate(), kLeast)
        << scene.name;
  }
}

Tally regret_coverage(Scene scene, int half_octaves_away) {
  RandomStream stream(kSeed, fmt::format("{} {}", scene.name, half_octaves_away));
  Tally tally;
  for (int i = 0; i < kStudies; ++i) {
    scene.study.center = scene.optimum * std::exp2(0.5 * stream.uniform() - 0.25);
    auto observations = scene.study.run(stream, std::max(2, std::abs(half_octaves_away)));
    const double lr = scene.study.center * std::exp2(0.5 * half_octaves_away);
    const auto replicated = [&](const Observation& o) { return o.lr == lr && o.seed == 2; };
    if (std::none_of(observations.begin(), observations.end(), replicated)) continue;
    const Regret estimate = estimate_regret(observations, lr, {});
    tally.add(scene.study.loss(lr) - scene.study.loss(scene.optimum), estimate.regret_low,
              estimate.regret_high);
  }
  tally.print(fmt::format("the regret {} half-octaves away, {}", half_octaves_away, scene.name));
  return tally;
}

TEST_P(Coverage, OfTheRegretIsAsStatedAtAndAwayFromTheOptimum) {
  for (const Scene& scene : scenes(GetParam())) {
    if (near_divergence(scene)) continue;  // the learning rates above diverge
    for (const int away : {-4, -1, 1, 2, 3}) {
      const Tally tally = regret_coverage(scene, away);
      EXPECT_GE(tally.rate(), kLeast) << scene.name << " at " << away;
      EXPECT_GT(tally.total, kStudies / 2);
    }
    // Near the optimum the regret's lower limit is often 0 itself.
    EXPECT_GE(regret_coverage(scene, 0).rate(), 0.88) << scene.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Coverage, ::testing::Values(3, 5));

}  // namespace
}  // namespace etalon
