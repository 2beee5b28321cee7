// How often verdicts are right, wrong or withheld where losses look like real ones: the loss turns
// up steeply above the optimum, and its noise grows with its rise and is skewed. Every figure is
// printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/random.hpp"
#include "etalon/optimum.hpp"
#include "etalon/regret.hpp"

namespace etalon {
namespace {

constexpr std::uint64_t kSeed = 20240611;
constexpr int kStudies = 150;
constexpr double kTolerance = 0.02;
constexpr double kOptimum = 0.2;
constexpr double kDivergence = 2.5;  // a loss above it counts as a diverged run

struct Scene {
  std::string name;
  double below = 0.025, above = 0.03;  // of the loss's rise with (ln lr)² on either side
  double blow_up = 0.3;                // with (ln lr)⁴ above
  double noise = 0.007;                // of a loss near the least
  double growth = 0.6;                 // of the noise with the rise above the optimum
  int seeds = 3;

  double rise(double lr) const {
    const double x = std::log(lr / kOptimum);
    return x < 0 ? below * x * x : above * x * x + blow_up * x * x * x * x;
  }

  // The learning rate that loses `regret`, on the side of the sign of `side`.
  double lr_at(double regret, int side) const {
    double low = 0, high = 6;
    for (int i = 0; i < 80; ++i) {
      const double middle = 0.5 * (low + high);
      (rise(kOptimum * std::exp(side * middle)) < regret ? low : high) = middle;
    }
    return kOptimum * std::exp(side * low);
  }
};

// What a planner would run: octaves on the first seed, half-octaves around its best on every seed,
// and the rule's learning rate, which lies on the lattice, on every seed.
class Study {
 public:
  Study(const Scene& scene, double rule_lr, RandomStream& stream)
      : scene_(scene), stream_(stream), rule_lr_(rule_lr) {
    for (int seed = 0; seed < scene.seeds; ++seed) offsets_.push_back(0.01 * stream.normal());
    const int rule = static_cast<int>(std::lround(2 * std::log2(rule_lr / kOptimum)));
    int best = 0;
    double least = 1e300;
    for (int step = -6; step <= 6; step += 2) {
      const double loss = run(step - rule, 0).value_or(1e300);
      if (loss < least) best = step;
      least = std::min(least, loss);
    }
    for (int seed = 0; seed < scene.seeds; ++seed) {
      for (int step = best - 2; step <= best + 2; ++step) {
        if (seed > 0 || step % 2 != 0 || std::abs(step) > 6) run(step - rule, seed);
      }
      const bool ran = seed == 0 ? std::abs(rule) <= 6 && rule % 2 == 0 : false;
      if (!ran && std::abs(rule - best) > 2) run(0, seed);
    }
  }

  const std::vector<Observation>& observations() const { return observations_; }

 private:
  std::optional<double> run(int half_octaves_from_rule, int seed) {
    const double lr = rule_lr_ * std::exp2(0.5 * half_octaves_from_rule);
    const double rise = scene_.rise(lr), growth = scene_.growth;
    const double skewed = std::exp(growth * stream_.normal() - 0.5 * growth * growth) - 1;
    const double loss = 0.4 + rise + offsets_[static_cast<std::size_t>(seed)] +
                        scene_.noise * stream_.normal() + (lr > kOptimum ? rise * skewed : 0);
    observations_.push_back({32, lr, static_cast<std::uint64_t>(seed) + 1,
                             loss < kDivergence ? std::optional(loss) : std::nullopt});
    return observations_.back().loss;
  }

  const Scene& scene_;
  RandomStream& stream_;
  double rule_lr_ = 0.0;
  std::vector<double> offsets_;
  std::vector<Observation> observations_;
};

struct Shares {
  double holds = 0, fails = 0, covered = 0, width = 0, bounded = 0;
};

Shares verdicts(const Scene& scene, double regret, int side) {
  const double lr = scene.lr_at(regret, side);
  RandomStream stream(kSeed, fmt::format("{} {} {}", scene.name, regret, side));
  Shares shares;
  for (int i = 0; i < kStudies; ++i) {
    const Study study(scene, lr, stream);
    const Regret estimate = estimate_regret(study.observations(), lr, {.tolerance = kTolerance});
    shares.holds += estimate.verdict == Verdict::holds;
    shares.fails += estimate.verdict == Verdict::fails;
    if (!estimate.regret_low) continue;  // diverged
    shares.bounded += 1;
    shares.covered += *estimate.regret_low <= regret + 1e-9 && regret <= *estimate.regret_high;
    shares.width += *estimate.regret_high - *estimate.regret_low;
  }
  shares.covered /= shares.bounded;
  shares.width /= shares.bounded;
  shares.holds /= kStudies;
  shares.fails /= kStudies;
  const bool same = regret < kTolerance;
  fmt::print(
      "regret {} {}, {}: {:.3f} right, {:.3f} wrong, {:.3f} cannot tell, coverage {:.3f}, mean "
      "width {:.4f}, seed {}\n",
      regret, side < 0 ? "below" : "above", scene.name, same ? shares.holds : shares.fails,
      same ? shares.fails : shares.holds, 1 - shares.holds - shares.fails, shares.covered,
      shares.width, kSeed);
  return shares;
}

std::vector<Scene> scenes() {
  return {{.name = "like a real study"},
          {.name = "quiet", .noise = 0.003},
          {.name = "loud", .noise = 0.012},
          {.name = "a steep side", .below = 0.015, .blow_up = 0.8, .growth = 0.8},
          {.name = "even noise", .below = 0.03, .blow_up = 0, .growth = 0},
          {.name = "five seeds", .seeds = 5}};
}

// The least share of right verdicts asked of the two easiest regrets; three loud seeds tell less.
double least_right(const Scene& scene, double regret, int side) {
  if (regret == 0) return scene.noise > 0.01 ? 0.5 : 0.8;
  if (regret == 0.3) return 0.8;
  return side < 0 && regret == 0.1 ? 0.9 : 0.0;
}

TEST(Verdicts, AreSeldomWrongAndReachedWhereNoiseGrowsAboveTheOptimum) {
  for (const Scene& scene : scenes()) {
    for (const int side : {-1, 1}) {
      for (const double regret : {0.0, 0.005, 0.04, 0.1, 0.3}) {
        if (regret == 0 && side > 0) continue;
        const Shares shares = verdicts(scene, regret, side);
        const bool same = regret < kTolerance;
        EXPECT_LE(same ? shares.fails : shares.holds, 0.02) << scene.name << " " << regret;
        EXPECT_GE(same ? shares.holds : shares.fails, least_right(scene, regret, side))
            << scene.name << " " << regret;
        // The mean of three skewed losses often falls short of their expectation far above the
        // optimum, so the upper limit does too; no verdict hangs on it.
        const double least = side > 0 && regret > kTolerance ? 0.72 : 0.83;
        EXPECT_GE(shares.covered, least) << scene.name << " " << regret;
      }
    }
  }
}

}  // namespace
}  // namespace etalon
