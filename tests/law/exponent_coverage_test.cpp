// Nominal 90% intervals of the exponent must hold the truth in at least 84% of synthetic studies,
// and in more with three points. Every figure is printed with its seed.
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/exponent.hpp"
#include "optimum/coverage_tally.hpp"
#include "optimum/synthetic_study.hpp"

namespace etalon {
namespace {

using testing::kSeed;
using testing::SyntheticStudy;
using testing::Tally;
using testing::valley;

constexpr int kStudies = 250;
constexpr double kLeast = 0.84;

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
