#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "etalon/law.hpp"

namespace etalon {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr double kQuantile80 = 1.2815515655446004;

// Optima at 16, 32, ..., 4096 with 80% intervals of a normal error in ln η.
std::vector<Optimum> observe(const std::function<double(double)>& lr, double deviation,
                             std::uint64_t seed) {
  RandomStream stream(seed, "laws_test");
  std::vector<Optimum> optima;
  for (double batch_size = 16.0; batch_size <= 4096.0; batch_size *= 2.0) {
    Optimum optimum;
    optimum.batch_size = batch_size;
    optimum.lr = lr(batch_size) * std::exp(deviation * stream.normal());
    optimum.lr_low = optimum.lr * std::exp(-kQuantile80 * deviation);
    optimum.lr_high = optimum.lr * std::exp(kQuantile80 * deviation);
    optima.push_back(optimum);
  }
  return optima;
}

const LawFit& find(const LawComparison& comparison, const std::string& name) {
  for (const LawFit& law : comparison.laws) {
    if (law.law == name) return law;
  }
  throw std::logic_error("no law " + name);
}

TEST(Laws, WeightsAreAPartitionOfOneOverSevenLaws) {
  const auto comparison = compare_laws(observe([](double b) { return 1e-3 * b; }, 0.1, 1), {});
  ASSERT_THAT(comparison.laws, SizeIs(7));
  double total = 0.0;
  for (const LawFit& law : comparison.laws) total += law.weight;
  EXPECT_NEAR(total, 1.0, 1e-12);
}

TEST(Laws, AFlatOptimumIsTakenForNoRisingLaw) {
  const auto comparison = compare_laws(observe([](double) { return 0.01; }, 0.1, 2), {});
  EXPECT_EQ(comparison.laws.front().law, "constant");
  EXPECT_LT(find(comparison, "linear").weight, 0.001);
  EXPECT_LT(find(comparison, "sqrt").weight, 0.01);
}

TEST(Laws, ALinearOptimumIsTakenForNoRoot) {
  const auto comparison =
      compare_laws(observe([](double b) { return 1e-4 * b; }, 0.1, 3), {.update = UpdateKind::sgd});
  EXPECT_LT(find(comparison, "sqrt").weight, 0.001);
  EXPECT_GT(find(comparison, "linear").weight, find(comparison, "saturating").weight);
}

TEST(Laws, ARiseThatEndsIsTakenForNoPower) {
  const auto law = [](double b) { return 0.1 * b / (b + 128.0); };
  const auto comparison = compare_laws(observe(law, 0.05, 4), {.update = UpdateKind::sgd});
  EXPECT_EQ(comparison.laws.front().law, "saturating");
  EXPECT_LT(find(comparison, "power").weight, 0.05);
}

TEST(Laws, SayWhichTheyCannotTellApart) {
  std::vector<Optimum> optima = observe([](double b) { return 1e-3 * std::sqrt(b); }, 0.5, 5);
  optima.resize(3);
  const auto comparison = compare_laws(optima, {});
  EXPECT_THAT(comparison.explanation, ::testing::HasSubstr("do not tell these laws apart"));
}

// The exponent of a power law over 200 studies: an 80% interval, with the law's own misfit in it,
// holds the truth at least that often.
TEST(Laws, IntervalsOfTheExponentHoldTheTruth) {
  int held = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto law = [](double b) { return 1e-3 * std::pow(b, 0.6); };
    const auto comparison = compare_laws(observe(law, 0.2, seed), {.seed = seed});
    for (const Coefficient& coefficient : find(comparison, "power").coefficients) {
      if (coefficient.name == "p") held += coefficient.low <= 0.6 && 0.6 <= coefficient.high;
    }
  }
  EXPECT_GE(held, 144);
}

TEST(Laws, AnEdgeOptimumIsABoundAndNotAPoint) {
  std::vector<Optimum> optima = observe([](double b) { return 1e-4 * b; }, 0.1, 6);
  for (std::size_t i = 6; i < optima.size(); ++i) {
    optima[i].lr = optima[5].lr;
    optima[i].lr_low = optima[5].lr;
    optima[i].lr_high.reset();
    optima[i].censored = Censoring::above;
  }
  const auto comparison = compare_laws(optima, {.update = UpdateKind::sgd});
  EXPECT_GT(find(comparison, "linear").weight, find(comparison, "constant").weight);
}

TEST(Laws, ABatchSizeWithOneLearningRateSaysNothing) {
  std::vector<Optimum> optima = observe([](double b) { return 1e-4 * b; }, 0.1, 8);
  const auto without = compare_laws(std::vector(optima.begin(), optima.end() - 1), {});
  optima.back().lr = 1e3;
  optima.back().censored = Censoring::both;
  const auto with = compare_laws(optima, {});
  EXPECT_EQ(find(with, "linear").coefficients.front().value,
            find(without, "linear").coefficients.front().value);
}

TEST(Laws, AreWrittenDown) {
  const auto optima = observe([](double b) { return 1e-4 * b; }, 0.1, 9);
  EXPECT_EQ(find(compare_laws(optima, {}), "power").formula, "η* = A·B^p");
  for (const UpdateKind update : {UpdateKind::sgd, UpdateKind::adaptive}) {
    for (const LawFit& law : compare_laws(optima, {.update = update}).laws) {
      EXPECT_THAT(law.formula, ::testing::StartsWith("η* = ")) << law.law;
    }
  }
}

TEST(Laws, ShowNoCoefficientThatTheoryFixes) {
  const auto optima = observe([](double b) { return 1e-4 * b; }, 0.1, 10);
  const LawFit& sgd = find(compare_laws(optima, {.update = UpdateKind::sgd}), "saturating");
  EXPECT_THAT(sgd.coefficients, SizeIs(2));
  const LawFit& adam = find(compare_laws(optima, {}), "saturating");
  EXPECT_THAT(adam.coefficients, SizeIs(3));
}

// Hundreds of exact optima over fifteen decades leave hardly a draw with weight.
TEST(Laws, HaveNoIntervalWithoutAWidth) {
  std::vector<Optimum> optima;
  for (double batch_size = 1.0; batch_size < 1e15; batch_size *= 1.1) {
    Optimum optimum;
    optimum.batch_size = batch_size;
    optimum.lr = 1e-6 * std::sqrt(batch_size);
    optimum.lr_low = 0.999 * optimum.lr;
    optimum.lr_high = 1.001 * optimum.lr;
    optima.push_back(optimum);
  }
  for (const UpdateKind update : {UpdateKind::sgd, UpdateKind::adaptive}) {
    for (const LawFit& law : compare_laws(optima, {.update = update}).laws) {
      for (const Coefficient& coefficient : law.coefficients) {
        EXPECT_LT(coefficient.low, coefficient.high) << law.law << " " << coefficient.name;
        EXPECT_LE(coefficient.low, coefficient.value);
        EXPECT_GE(coefficient.high, coefficient.value);
      }
    }
  }
}

TEST(Laws, NeedTwoInteriorOptima) {
  std::vector<Optimum> optima = observe([](double) { return 0.01; }, 0.1, 7);
  optima.resize(1);
  EXPECT_THAT(compare_laws(optima, {}).laws, IsEmpty());
}

TEST(LawOptions, QuoteTheLevelThatIsNoCoverage) {
  LawOptions options;
  options.level = 0.0;
  EXPECT_THROW(options.validate(), InputError);
}

}  // namespace
}  // namespace etalon
