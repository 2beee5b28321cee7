// Nominal 80% intervals of laws' coefficients and of forecasts must hold the truth in about 80% of
// synthetic studies. Laws allow for a misfit of their own, so that data drawn from a law exactly
// are held more often. Every figure is printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/random.hpp"
#include "etalon/forecaster.hpp"

namespace etalon {
namespace {

constexpr std::uint64_t kSeed = 20240611;
constexpr double kQuantile80 = 1.2815515655446004;

using Law = std::function<double(double batch_size)>;

// Optima that lie about a law as laws are taken to hold: with a misfit of 0.15 at every batch
// size, measured with a deviation of 0.15 more.
std::vector<Optimum> scatter(const Law& law, RandomStream& stream) {
  constexpr double kMeasured = 0.15;
  std::vector<Optimum> optima;
  for (double batch_size = 16.0; batch_size <= 4096.0; batch_size *= 2.0) {
    Optimum optimum;
    optimum.batch_size = batch_size;
    const double deviation = std::hypot(0.15, kMeasured);
    optimum.lr = law(batch_size) * std::exp(deviation * stream.normal());
    optimum.lr_low = optimum.lr * std::exp(-kQuantile80 * kMeasured);
    optimum.lr_high = optimum.lr * std::exp(kQuantile80 * kMeasured);
    optima.push_back(optimum);
  }
  return optima;
}

// Which share of studies holds each coefficient of a law in its interval.
struct Drawn {
  Law law;
  std::vector<double> truth;  // A, then p and B0 where the law has them
};

std::vector<double> coverage(const std::string& name, UpdateKind update,
                             const std::function<Drawn(RandomStream&)>& draw) {
  constexpr int kStudies = 300;
  RandomStream stream(kSeed, name);
  std::vector<double> held;
  for (int i = 0; i < kStudies; ++i) {
    const Drawn drawn = draw(stream);
    held.resize(drawn.truth.size());
    const auto comparison =
        compare_laws(scatter(drawn.law, stream), {.update = update, .seed = kSeed + i});
    for (const LawFit& fit : comparison.laws) {
      if (fit.law != name) continue;
      for (std::size_t k = 0; k < held.size(); ++k) {
        const Coefficient& coefficient = fit.coefficients[k];
        held[k] += (coefficient.low <= drawn.truth[k] && drawn.truth[k] <= coefficient.high) /
                   static_cast<double>(kStudies);
      }
    }
  }
  for (std::size_t k = 0; k < held.size(); ++k) {
    fmt::print("coverage of coefficient {} of {}: {:.3f} of {}, seed {}\n", k, name, held[k],
               kStudies, kSeed);
  }
  return held;
}

void expect_as_stated(const std::vector<double>& held) {
  for (const double share : held) {
    EXPECT_GE(share, 0.74);
    EXPECT_LE(share, 0.87);
  }
}

TEST(CoefficientCoverage, OfThePowerLawIsAsStated) {
  expect_as_stated(coverage("power", UpdateKind::adaptive, [](RandomStream& stream) {
    const double p = 0.5 + 0.3 * stream.normal();
    return Drawn{[p](double b) { return 2e-3 * std::pow(b, p); }, {2e-3, p}};
  }));
}

TEST(CoefficientCoverage, OfTheFixedLawsIsAsStated) {
  for (const auto& [name, p] : {std::pair{"constant", 0.0}, {"sqrt", 0.5}, {"linear", 1.0}}) {
    expect_as_stated(coverage(name, UpdateKind::sgd, [power = p](RandomStream&) {
      return Drawn{[power](double b) { return 2e-3 * std::pow(b, power); }, {2e-3}};
    }));
  }
}

// Turns lie at exp(2 · normal) about the middle of the batch sizes, 256.
double draw_turn(RandomStream& stream) { return 256.0 * std::exp(2.0 * stream.normal()); }

TEST(CoefficientCoverage, OfTheSaturatingLawIsAsStated) {
  expect_as_stated(coverage("saturating", UpdateKind::adaptive, [](RandomStream& stream) {
    const double p = 0.5 + 0.5 * stream.uniform();
    const double turn = draw_turn(stream);
    return Drawn{[=](double b) { return 0.1 * std::pow(b / (b + turn), p); }, {0.1, p, turn}};
  }));
}

TEST(CoefficientCoverage, OfRiseAndFallIsAsStated) {
  expect_as_stated(coverage("rise_and_fall", UpdateKind::adaptive, [](RandomStream& stream) {
    const double turn = draw_turn(stream);
    return Drawn{[=](double b) { return 0.2 / (std::sqrt(b / turn) + std::sqrt(turn / b)); },
                 {0.1, turn}};
  }));
}

TEST(CoefficientCoverage, OfTheCappedLawIsAsStated) {
  expect_as_stated(coverage("capped", UpdateKind::adaptive, [](RandomStream& stream) {
    const double p = std::abs(0.5 + 0.3 * stream.normal());
    const double turn = draw_turn(stream);
    return Drawn{[=](double b) { return 0.1 * std::pow(std::min(1.0, b / turn), p); },
                 {0.1, p, turn}};
  }));
}

// Sweeps of three batch sizes; the best of a sweep at four times the greatest must fall into the
// forecast's interval about as often as it says. The truth rises by a random power and then
// saturates, which is no member of the surface's family.
TEST(ForecastCoverage, OfTheBestOfASweepIsAsStated) {
  constexpr int kStudies = 100;
  RandomStream stream(kSeed, "forecast_coverage");
  int held = 0;
  for (int i = 0; i < kStudies; ++i) {
    const double p = 0.2 + 0.7 * stream.uniform();
    const double turn = 64.0 * std::exp2(6.0 * stream.uniform());
    const double place = std::exp2(stream.uniform());
    const auto sweep = [&](double batch_size, std::vector<Observation>& runs) {
      const double optimum = 1e-2 * place * std::pow(batch_size / (batch_size + turn), p);
      double least = 1e9, best = 0.0;
      for (int step = -12; step <= 8; ++step) {
        const double lr = 1e-2 * std::exp2(0.5 * step);
        const double z = 0.7 * std::log(lr / optimum);
        const double loss = 2.0 + 0.03 * (std::expm1(z) - z) + 0.0015 * stream.normal();
        runs.push_back({batch_size, lr, 1, loss});
        if (loss < least) {
          least = loss;
          best = lr;
        }
      }
      return best;
    };
    std::vector<Observation> known, ignored;
    for (const double batch_size : {64.0, 128.0, 256.0}) sweep(batch_size, known);
    const double best = sweep(1024.0, ignored);
    const Forecast forecast = Forecaster(known, {}).forecast(1024.0);
    held += forecast.lr_low <= best && best <= forecast.lr_high;
  }
  fmt::print("coverage of forecasts: {} of {}, seed {}\n", held, kStudies, kSeed);
  EXPECT_GE(held, kStudies * 72 / 100);
  EXPECT_LE(held, kStudies * 95 / 100);
}

TEST(Forecaster, GivesTheSurfaceAndTheLawsWeightsBetweenZeroAndOne) {
  RandomStream stream(kSeed, "forecaster");
  std::vector<Observation> runs;
  for (const double batch_size : {64.0, 128.0, 256.0, 512.0}) {
    for (int step = -8; step <= 6; ++step) {
      const double lr = 1e-2 * std::exp2(0.5 * step);
      const double z = 0.7 * std::log(lr / (6e-4 * std::sqrt(batch_size)));
      runs.push_back({batch_size, lr, 1, 2 + 0.03 * (std::expm1(z) - z) + 1e-3 * stream.normal()});
    }
  }
  const Forecaster forecaster(runs, {});
  EXPECT_GT(forecaster.surface_weight(), 0.0);
  EXPECT_LT(forecaster.surface_weight(), 1.0);
  EXPECT_EQ(forecaster.laws().laws.size(), 7u);
  const Forecast forecast = forecaster.forecast(2048.0);
  const double lrs[] = {0.25 * forecast.lr, forecast.lr, 4.0 * forecast.lr};
  const std::vector<double> regrets = forecaster.expected_regrets(2048.0, lrs);
  EXPECT_NEAR(regrets[1], forecast.expected_regret, 1e-9);
  EXPECT_GT(regrets[0], regrets[1]);
  EXPECT_GT(regrets[2], regrets[1]);
}

// One batch size says nothing about a law: the surface stands alone.
TEST(Forecaster, LeavesOutLawsWhereThereAreNone) {
  std::vector<Observation> runs;
  for (int step = -4; step <= 4; ++step) {
    runs.push_back({64.0, 1e-2 * std::exp2(step), 1, 2 + 0.01 * step * step});
  }
  const Forecaster forecaster(runs, {});
  EXPECT_EQ(forecaster.surface_weight(), 1.0);
  EXPECT_TRUE(forecaster.laws().laws.empty());
  EXPECT_GT(forecaster.forecast(256.0).lr, 0.0);
}

}  // namespace
}  // namespace etalon
