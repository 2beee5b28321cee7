// Three or four learning rates an octave apart, some of them run twice: what people have. Losses
// are written with three decimals, so that replicates are often equal; some are one run, listed
// twice. Nominal 80% intervals hold the truth in 72% or more here, and no estimate leaves the rows
// beside the best. Every figure is printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "etalon/optimum.hpp"

namespace etalon {
namespace {

constexpr std::uint64_t kSeed = 20261127;
constexpr int kStudies = 60;

enum class Repeated { none, best, all, copied };

struct FewRows {
  int rows;
  double noise;
  Repeated repeated;
};

// A bowl that is steeper above, with its optimum within half an octave of the middle.
class SkewedBowl {
 public:
  explicit SkewedBowl(RandomStream& stream)
      : rate_(0.5 + 0.7 * stream.uniform()), optimum_(0.1 * std::exp2(stream.uniform() - 0.5)) {}

  double optimum() const { return optimum_; }
  double measured(double lr, double noise, RandomStream& stream) const {
    const double z = rate_ * std::log(lr / optimum_);
    const double loss = 2.0 + 0.15 * (std::expm1(z) - z) / (rate_ * rate_);
    return std::round(1000.0 * (loss + noise * stream.normal())) / 1000.0;
  }

 private:
  double rate_, optimum_;
};

std::vector<Observation> few_runs(const FewRows& scene, const SkewedBowl& bowl,
                                  RandomStream& stream) {
  std::vector<Observation> runs;
  const double first = 0.1 * std::exp2(-0.5 * (scene.rows - 1));
  for (int row = 0; row < scene.rows; ++row) {
    const double lr = first * std::exp2(row);
    runs.push_back({64.0, lr, {}, bowl.measured(lr, scene.noise, stream)});
  }
  const Observation best = *std::min_element(
      runs.begin(), runs.end(), [](const auto& a, const auto& b) { return *a.loss < *b.loss; });
  if (scene.repeated == Repeated::copied) runs.push_back(best);
  for (int row = 0; row < scene.rows; ++row) {
    const double lr = runs[static_cast<std::size_t>(row)].lr;
    const bool is_repeated =
        scene.repeated == Repeated::all || (scene.repeated == Repeated::best && lr == best.lr);
    if (is_repeated) runs.push_back({64.0, lr, {}, bowl.measured(lr, scene.noise, stream)});
  }
  return runs;
}

struct FewRowsResult {
  int held = 0, off = 0, open = 0;
};

FewRowsResult study(const FewRows& scene) {
  RandomStream stream(kSeed, fmt::format("few_rows.{}.{}.{}", scene.rows, scene.noise,
                                         static_cast<int>(scene.repeated)));
  FewRowsResult result;
  for (int i = 0; i < kStudies; ++i) {
    const SkewedBowl bowl(stream);
    const Optimum found = estimate_optimum(few_runs(scene, bowl, stream), {.level = 0.8});
    result.held += (!found.lr_low || *found.lr_low <= bowl.optimum()) &&
                   (!found.lr_high || bowl.optimum() <= *found.lr_high);
    result.off += std::abs(std::log2(found.lr / bowl.optimum())) > 0.9;
    result.open += !found.lr_low || !found.lr_high;
  }
  fmt::print("{} rows, noise {}, repeated {}: {} of {} held, {} off, {} open, seed {}\n",
             scene.rows, scene.noise, static_cast<int>(scene.repeated), result.held, kStudies,
             result.off, result.open, kSeed);
  return result;
}

class FewRowsCoverage : public ::testing::TestWithParam<Repeated> {};

TEST_P(FewRowsCoverage, IsAsStatedWhateverIsRepeated) {
  for (const int rows : {3, 4}) {
    for (const double noise : {0.0, 0.002, 0.02}) {
      EXPECT_GE(study({rows, noise, GetParam()}).held, kStudies * 72 / 100) << rows << ' ' << noise;
    }
  }
}

// A run more tells more: where four rates place the optimum, they do so with replicates.
TEST_P(FewRowsCoverage, PlacesTheOptimumOfFourQuietRows) {
  for (const double noise : {0.0, 0.002}) {
    const FewRowsResult result = study({4, noise, GetParam()});
    EXPECT_EQ(result.off, 0) << noise;
    EXPECT_LE(result.open, 1) << noise;
  }
}

INSTANTIATE_TEST_SUITE_P(, FewRowsCoverage,
                         ::testing::Values(Repeated::none, Repeated::best, Repeated::all,
                                           Repeated::copied));

Optimum optimum_of(const std::vector<std::pair<double, double>>& runs) {
  std::vector<Observation> observations;
  for (const auto& [lr, loss] : runs) observations.push_back({64.0, lr, {}, loss});
  return estimate_optimum(observations, {.level = 0.8});
}

// Two of three equally good: the scale of the losses is the third's.
TEST(FewRows, HaveAnOptimumWhereTwoOfThreeAreEqual) {
  const Optimum above = optimum_of({{0.05, 2.013}, {0.1, 2.009}, {0.2, 2.008}, {0.2, 2.01}});
  EXPECT_GT(above.lr, 0.1);
  EXPECT_TRUE(above.lr_low);
  const Optimum below =
      optimum_of({{0.05, 2.008}, {0.1, 2.008}, {0.2, 2.105}, {0.05, 2.009}, {0.1, 2.009}});
  EXPECT_LE(below.lr, 0.1);
}

TEST(FewRows, SayNothingWhereBothEndsAreAsGoodAsAny) {
  const Optimum flat = optimum_of({{0.05, 2.0}, {0.1, 2.0}, {0.2, 2.0}});
  EXPECT_EQ(flat.censored, Censoring::both);
  EXPECT_FALSE(flat.lr_low);
  EXPECT_FALSE(flat.lr_high);
  EXPECT_EQ(optimum_of({{0.05, 2.0}, {0.1, 2.0}, {0.2, 2.1}}).censored, Censoring::below);
}

// Far rows of one seed say as little of ten seeds' optimum as far rows of ten.
TEST(FewRows, OfOneSeedFarOffWidenNothing) {
  RandomStream stream(kSeed, "few_rows.far");
  std::vector<Observation> runs;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const double offset = 0.01 * stream.normal(), slope = 0.004 * stream.normal();
    for (int step = -3; step <= 3; ++step) {
      const double z = std::log(2.0) * 0.5 * step;
      const double loss = 0.5 + 0.03 * (std::expm1(z) - z) + offset + slope * z;
      runs.push_back({64.0, 0.1 * std::exp(z), seed, loss + 0.004 * stream.normal()});
    }
  }
  const Optimum near = estimate_optimum(runs, {});
  for (const double lr : {1.6, 3.2}) {
    const double z = std::log(lr / 0.1);
    runs.push_back({64.0, lr, 1, 0.5 + 0.03 * (std::expm1(z) - z)});
  }
  const Optimum far = estimate_optimum(runs, {});
  const double widened =
      std::log(*far.lr_high / *far.lr_low) / std::log(*near.lr_high / *near.lr_low);
  EXPECT_LT(widened, 1.2);
}

}  // namespace
}  // namespace etalon
