#include "etalon/exponent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"
#include "etalon/optimum.hpp"
#include "law/exponent_line.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;

Optimum optimum(double batch_size, double lr, double relative_width = 0.1) {
  Optimum o;
  o.batch_size = batch_size;
  o.lr = o.best_lr = lr;
  o.lr_low = lr * std::exp(-relative_width);
  o.lr_high = lr * std::exp(relative_width);
  return o;
}

TEST(FitExponent, IsExactOnAnExactPowerLaw) {
  std::vector<Optimum> optima;
  for (double b = 8; b <= 2048; b *= 2) optima.push_back(optimum(b, 0.01 * std::pow(b, 0.6)));
  const auto exponent = fit_exponent(optima, 0.9);
  ASSERT_TRUE(exponent);
  EXPECT_NEAR(exponent->exponent, 0.6, 1e-12);
  EXPECT_LT(*exponent->low, 0.6);
  EXPECT_GT(*exponent->high, 0.6);
  EXPECT_EQ(exponent->interior, 9);
  EXPECT_EQ(exponent->batch_size_low, 8);
  EXPECT_EQ(exponent->batch_size_high, 2048);
  const ExponentLine line = exponent_line(optima, 0.9).value();
  EXPECT_EQ(line.batch_size_low, 8);
  EXPECT_NEAR(line.lr_low, 0.01 * std::pow(8.0, 0.6), 1e-12);
  EXPECT_NEAR(line.lr_high, 0.01 * std::pow(2048.0, 0.6), 1e-12);
}

TEST(FitExponent, GivesTheOrdinaryRegressionIntervalWhereScatterDominates) {
  // ln η over ln B = 0, 1, 2, 3 is 0, 1.3, 1.7, 3: slope 0.94, residuals −0.09, 0.27, −0.27, 0.09,
  // squares 0.162, standard error √(0.162 / 2 / 5), t(95%, 2) = 2.91999.
  const double y[4] = {0, 1.3, 1.7, 3};
  std::vector<Optimum> optima;
  for (int i = 0; i < 4; ++i) optima.push_back(optimum(std::exp(i), std::exp(y[i]), 1e-4));
  const auto exponent = fit_exponent(optima, 0.9);
  EXPECT_NEAR(exponent->exponent, 0.94, 1e-4);
  EXPECT_NEAR(*exponent->high - exponent->exponent, 2.91999 * std::sqrt(0.162 / 2 / 5), 1e-3);
}

TEST(FitExponent, TrustsTightOptimaMore) {
  // The last point lies off a slope of 1 through the others, and knows it.
  std::vector<Optimum> optima = {optimum(1, 1, 0.01), optimum(2, 2, 0.01), optimum(4, 4, 0.01),
                                 optimum(8, 16, 2.0)};
  EXPECT_NEAR(fit_exponent(optima, 0.9)->exponent, 1.0, 0.01);
  EXPECT_NEAR(exponent_line(optima, 0.9)->lr_low, 1.0, 0.01);  // not through the middle of all
  optima.back() = optimum(8, 16, 0.01);
  EXPECT_GT(fit_exponent(optima, 0.9)->exponent, 1.2);
}

TEST(FitExponent, LeavesCensoredOptimaOutAndSaysSo) {
  std::vector<Optimum> optima = {optimum(8, 0.08), optimum(16, 0.16), optimum(32, 0.32)};
  optima.push_back(optimum(64, 0.32));
  optima.back().censored = Censoring::below;
  const auto exponent = fit_exponent(optima, 0.9);
  EXPECT_NEAR(exponent->exponent, 1.0, 1e-12);
  EXPECT_EQ(exponent->interior, 3);
  EXPECT_EQ(exponent->censored, 1);
  EXPECT_EQ(exponent->batch_size_high, 32);
  // At or below 0.32 where the law says 0.64.
  EXPECT_THAT(exponent->explanation, HasSubstr("contradicts"));
}

TEST(FitExponent, GivesTwoPointsASlopeButNoInterval) {
  const std::vector<Optimum> optima = {optimum(8, 0.1), optimum(32, 0.2)};
  const auto exponent = fit_exponent(optima, 0.9);
  EXPECT_NEAR(exponent->exponent, 0.5, 1e-12);
  EXPECT_FALSE(exponent->low);
  EXPECT_FALSE(exponent->high);
}

TEST(FitExponent, IsEmptyWithFewerThanTwoBatchSizes) {
  EXPECT_FALSE(fit_exponent({}, 0.9));
  const std::vector<Optimum> one = {optimum(8, 0.1)};
  EXPECT_FALSE(fit_exponent(one, 0.9));
  const std::vector<Optimum> same = {optimum(8, 0.1), optimum(8, 0.2)};
  EXPECT_FALSE(fit_exponent(same, 0.9));
}

TEST(FitExponent, TrustsAnOptimumWithoutIntervalNoMoreThanTheLeastCertainOne) {
  std::vector<Optimum> optima = {optimum(1, 1, 0.01), optimum(2, 2, 0.01), optimum(4, 4, 1.0),
                                 optimum(8, 10)};
  optima.back().lr_low = optima.back().lr_high = std::nullopt;
  const double without = fit_exponent(optima, 0.9)->exponent;
  optima.back() = optimum(8, 10, 1.0);
  EXPECT_NEAR(without, fit_exponent(optima, 0.9)->exponent, 1e-12);
  optima.back() = optimum(8, 10, 0.01);
  EXPECT_LT(without, fit_exponent(optima, 0.9)->exponent);
}

TEST(FitExponent, RefusesALevelOutOfRange) {
  const std::vector<Optimum> optima = {optimum(8, 0.1), optimum(32, 0.2)};
  EXPECT_THROW(fit_exponent(optima, 1.0), InputError);
  EXPECT_THROW(fit_exponent(optima, 0.0), InputError);
}

}  // namespace
}  // namespace etalon
