// Nominal 90% intervals must hold the truth in about 90% of synthetic studies: between 84% and 97%
// here, more where the estimate is meant to be cautious. Every figure is printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "law/synthetic_study.hpp"
#include "support/noisy_quadratic.hpp"

namespace etalon {
namespace {

using testing::NoisyQuadratic;
using testing::SyntheticStudy;

constexpr std::uint64_t kSeed = 20240611;
constexpr int kStudies = 250;
constexpr double kLeast = 0.84;
constexpr double kMost = 0.98;

struct Tally {
  int covered = 0, total = 0, unbounded = 0;
  double width = 0;

  double rate() const { return static_cast<double>(covered) / total; }
  void add(double truth, std::optional<double> low, std::optional<double> high) {
    ++total;
    covered += (!low || *low <= truth) && (!high || truth <= *high);
    if (low && high) {
      width += *high - *low;
    } else {
      ++unbounded;
    }
  }
  void print(const std::string& name) const {
    fmt::print("coverage of {}: {:.3f} of {}, mean width {:.4f}, {} unbounded, seed {}\n", name,
               rate(), total, width / std::max(1, total - unbounded), unbounded, kSeed);
  }
};

// Parabola of curvature 0.03 per (ln lr)², skewed by a cubic term that flattens far out.
std::function<double(double)> valley(double optimum, double skew = 0) {
  return [=](double lr) {
    const double x = std::log(lr / optimum);
    return 0.5 + 0.03 * x * x + 0.03 * skew * x * x * x / (1 + std::abs(x));
  };
}

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
  const NoisyQuadratic model;
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
  return scene.optimum > 0.4 * NoisyQuadratic::kDivergence;
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
    EXPECT_LE(tally.rate(), near_divergence(scene) ? 1.0 : kMost) << scene.name;
    EXPECT_LT(tally.unbounded, kStudies / 6) << scene.name;
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
      EXPECT_LE(tally.rate(), 0.99) << scene.name << " at " << away;
      EXPECT_GT(tally.total, kStudies / 2);
    }
    // Near the optimum the regret's lower limit is often 0 itself.
    EXPECT_GE(regret_coverage(scene, 0).rate(), 0.88) << scene.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Coverage, ::testing::Values(3, 5));

Tally exponent_coverage(double scatter, int points) {
  const std::string name = fmt::format("scatter {} about the law, {} points", scatter, points);
  RandomStream stream(kSeed, name);
  Tally tally;
  for (int i = 0; i < kStudies; ++i) {
    std::vector<Optimum> optima;
    for (int k = 0; k < points; ++k) {
      const double batch_size = 8 * std::exp2(k);
      const double optimum =
          0.05 * std::pow(batch_size / 8, 0.7) * std::exp(scatter * stream.normal());
      SyntheticStudy study;
      study.loss = valley(optimum);
      study.center = 0.1 * std::exp2(std::floor(std::log2(optimum / 0.1)));
      optima.push_back(estimate_optimum(study.run(stream), {}));
      optima.back().batch_size = batch_size;
    }
    const auto exponent = fit_exponent(optima, 0.9);
    tally.add(0.7, exponent->low, exponent->high);
  }
  tally.print("the exponent, " + name);
  return tally;
}

TEST(ExponentCoverage, IsAsStatedWhetherOrNotTheLawIsExact) {
  for (const double scatter : {0.0, 0.15}) {
    for (const int points : {5, 9}) {
      const Tally tally = exponent_coverage(scatter, points);
      EXPECT_GE(tally.rate(), kLeast);
      EXPECT_LE(tally.rate(), 1.0);
      EXPECT_EQ(tally.unbounded, 0);
    }
  }
}

TEST(ExponentCoverage, IsCautiousWithThreePoints) {
  EXPECT_GE(exponent_coverage(0.0, 3).rate(), 0.95);
  EXPECT_GE(exponent_coverage(0.15, 3).rate(), 0.90);
}

}  // namespace
}  // namespace etalon
