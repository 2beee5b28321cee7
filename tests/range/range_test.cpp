// Range tests on curves whose landmarks are known.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "range/ramp.hpp"
#include "range/range_curve.hpp"
#include "range/restarts.hpp"

namespace etalon {
namespace {

TEST(Ramp, RisesByEqualFactorsOrByEqualAmounts) {
  const RampOptions exponential;
  EXPECT_DOUBLE_EQ(ramp_lr(exponential, 0), 1e-7);
  EXPECT_NEAR(ramp_lr(exponential, 99), 10.0, 1e-12);
  const RampOptions linear{.lowest = 0.1, .highest = 1.0, .steps = 10, .is_linear = true};
  for (int i = 1; i < 10; ++i) {
    EXPECT_NEAR(ramp_lr(exponential, i) / ramp_lr(exponential, i - 1), std::pow(1e8, 1.0 / 99.0),
                1e-9);
    EXPECT_NEAR(ramp_lr(linear, i) - ramp_lr(linear, i - 1), 0.1, 1e-12);
  }
}

TEST(Ramp, RefusesWhatIsNone) {
  EXPECT_THROW((RampOptions{.lowest = 0.0}.validate()), InputError);
  EXPECT_THROW((RampOptions{.lowest = 1.0, .highest = 1.0}.validate()), InputError);
  EXPECT_THROW((RampOptions{.steps = 9}.validate()), InputError);
  EXPECT_THROW((RampOptions{.smoothing = 1.0}.validate()), InputError);
  EXPECT_THROW((RampOptions{.stop_factor = 1.0}.validate()), InputError);
}

TEST(RampStop, IsDueAtFourTimesTheLeastAverageAndAtNaN) {
  RampStop plain(RampOptions{.smoothing = 0.0});
  for (const double loss : {2.0, 1.0, 3.9, 4.0}) EXPECT_FALSE(plain.is_due(loss)) << loss;
  EXPECT_TRUE(plain.is_due(4.1));
  RampStop averaged{RampOptions{}};  // 0.8·1 + 0.2·loss > 4
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(averaged.is_due(1.0));
  EXPECT_FALSE(averaged.is_due(15.0));
  EXPECT_TRUE(averaged.is_due(15.0));
  EXPECT_TRUE(RampStop(RampOptions{}).is_due(std::numeric_limits<double>::quiet_NaN()));
  RampStop negative(RampOptions{.smoothing = 0.0});  // of which no multiple is worse
  for (const double loss : {1.0, -2.0, -3.0, -1.0}) EXPECT_FALSE(negative.is_due(loss)) << loss;
}

// Falls from 2.3 to 0.5 about η = 0.01 as a logistic function, and rises again beyond 0.5.
double loss_at(double lr) {
  const double fall = 1.8 / (1.0 + std::exp(-(std::log(lr) - std::log(0.01)) / 0.5));
  const double rise = lr > 0.5 ? 2.0 * std::pow(std::log(lr / 0.5), 2) : 0.0;
  return 2.3 - fall + rise;
}

RangeCurve curve_of(double noise, std::uint64_t seed) {
  RandomStream stream(seed, "range");
  const RampOptions ramp{.lowest = 1e-5, .highest = 3.0, .steps = 120};
  RangeCurve curve;
  for (std::int64_t i = 0; i < ramp.steps; ++i) {
    curve.lrs.push_back(ramp_lr(ramp, i));
    curve.losses.push_back(loss_at(curve.lrs.back()) + noise * stream.normal());
  }
  curve.blew_up = true;
  return curve;
}

TEST(RangeLandmarks, AreWhereTheyAreWithoutAnyLag) {
  const auto landmarks = landmarks_of(curve_of(0.0, 1));
  ASSERT_TRUE(landmarks);
  // A logistic function has a tenth of its fall ln 9 widths before its middle.
  EXPECT_NEAR(std::log(landmarks->falls_from.lr), std::log(0.01) - 0.5 * std::log(9.0), 0.15);
  EXPECT_NEAR(std::log(landmarks->falls_fastest.lr), std::log(0.01), 0.11);
  EXPECT_NEAR(std::log(landmarks->least.lr), std::log(0.5), 0.5);  // a shallow valley
  // 2·ln(η/0.5)² = 0.18 at 0.5·e^0.3.
  EXPECT_NEAR(std::log(landmarks->stable_to.lr), std::log(0.5) + 0.3, 0.15);
  EXPECT_FALSE(landmarks->stays_stable());
}

TEST(RangeLandmarks, AreFoundThroughNoise) {
  double from = 0.0, stable = 0.0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto landmarks = landmarks_of(curve_of(0.15, seed));
    ASSERT_TRUE(landmarks);
    from += std::log(landmarks->falls_from.lr) / 100.0;
    stable += std::log(landmarks->stable_to.lr) / 100.0;
  }
  EXPECT_NEAR(from, std::log(0.01) - 0.5 * std::log(9.0), 0.3);
  EXPECT_NEAR(stable, std::log(0.5) + 0.3, 0.3);
}

TEST(RangeLandmarks, AreNoneWhereTheLossDoesNotFall) {
  int found = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RangeCurve flat = curve_of(0.0, seed);
    RandomStream stream(seed, "flat");
    for (double& loss : flat.losses) loss = 2.3 + 0.1 * stream.normal();
    found += landmarks_of(flat).has_value();
  }
  EXPECT_LE(found, 4);
  EXPECT_FALSE(landmarks_of({{0.1, 0.2, 0.3}, {3.0, 2.0, 1.0}, false}));
}

TEST(RangeLandmarks, SayWhereTheEndOfTheRampIsABound) {
  RangeCurve curve = curve_of(0.0, 1);
  curve.lrs.resize(95), curve.losses.resize(95);
  curve.blew_up = false;
  EXPECT_TRUE(landmarks_of(curve)->stays_stable());
  curve.blew_up = true;
  EXPECT_FALSE(landmarks_of(curve)->stays_stable());
}

std::map<std::string, double> by_name(const RangeCurve& curve) {
  std::map<std::string, double> lrs;
  for (const RangeSuggestion& each : suggestions_of(curve)) lrs[each.name] = each.lr.lr;
  return lrs;
}

// Of 100 losses that fall all the way, 85 are seen, rates 10 to 94, and all of them are the valley.
TEST(RangeSuggestions, AreThoseOfTheRulesOnALossThatFallsEvenly) {
  RangeCurve curve;
  for (int i = 0; i < 100; ++i) {
    curve.lrs.push_back(std::exp(0.1 * i));
    curve.losses.push_back(10.0 - 0.05 * i);
  }
  const auto lrs = by_name(curve);
  ASSERT_EQ(lrs.size(), 4u);
  EXPECT_DOUBLE_EQ(lrs.at("minimum"), 0.1 * std::exp(9.4));
  EXPECT_DOUBLE_EQ(lrs.at("valley"), std::exp(0.1 * (10 + 28 + 14)));
  // The running average falls ever faster; its slopes agree at once.
  EXPECT_DOUBLE_EQ(lrs.at("steepest"), std::exp(9.3));
  EXPECT_DOUBLE_EQ(lrs.at("slide"), std::exp(0.1 * (94 - 15)));
}

TEST(RangeSuggestions, AreNoneForFewLosses) {
  EXPECT_TRUE(suggestions_of({std::vector<double>(29, 0.1), std::vector<double>(29, 1.0)}).empty());
}

TEST(Restarts, HaveStudentsIntervalOfTheLogarithm) {
  const double lrs[] = {0.01, 0.02, 0.04};
  const RangedLr lr = ranged(lrs, 0.90);
  EXPECT_NEAR(lr.lr, 0.02, 1e-12);
  // t(2, 0.95) = 2.919986; the deviation of the mean is ln 2/√3.
  EXPECT_NEAR(std::log(*lr.high / lr.lr), 2.919986 * std::log(2.0) / std::sqrt(3.0), 1e-5);
  EXPECT_NEAR(*lr.low * *lr.high, lr.lr * lr.lr, 1e-12);
  EXPECT_FALSE(ranged(std::span(lrs).first(1), 0.90).low);
}

TEST(Restarts, LeaveOutThoseInWhichNothingFell) {
  RangeCurve flat = curve_of(0.0, 1);
  for (double& loss : flat.losses) loss = 2.3;
  const std::vector<RangeCurve> curves = {curve_of(0.1, 1), flat, curve_of(0.1, 2)};
  const auto summary = summarize(curves, 0.90);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->restarts, 2u);
  EXPECT_EQ(summary->suggestions.size(), 4u);
  EXPECT_FALSE(summarize(std::span(curves).subspan(1, 1), 0.90));
}

TEST(RangeLandmarks, FallFastestNowhereBelowWhereTheyFall) {
  // All of the fall between two rates: the middle of that step lies below the first that is lower.
  const RangeCurve curve{{0.01, 0.03, 0.1, 0.3, 1.0, 3.0}, {2.0, 2.0, 2.0, 1.0, 0.9, 5.0}, false};
  const auto landmarks = landmarks_of(curve, {.width = 0.0, .noise = 0.0});
  ASSERT_TRUE(landmarks);
  EXPECT_EQ(landmarks->falls_from.lr, 0.3);
  EXPECT_EQ(landmarks->falls_fastest.lr, 0.3);
}

TEST(RangeLandmarks, LieBetweenTheRatesThatWereTried) {
  RangeCurve curve{{0.001, 0.01, 0.1, 1.0, 10.0, 100.0}, {2.0, 2.0, 1.5, 1.0, 1.05, 5.0}, false};
  const RangeReading exact{.width = 0.0, .noise = 0.0};
  const auto landmarks = landmarks_of(curve, exact);
  EXPECT_NEAR(*landmarks->falls_from.low, 0.01, 1e-12);
  EXPECT_EQ(landmarks->falls_from.high, landmarks->falls_from.lr);
  EXPECT_NEAR(*landmarks->least.low, 0.1, 1e-12);
  EXPECT_NEAR(*landmarks->least.high, 10.0, 1e-9);
  EXPECT_EQ(landmarks->stable_to.low, landmarks->stable_to.lr);
  EXPECT_NEAR(*landmarks->stable_to.high, 100.0, 1e-9);
  curve.lrs.pop_back(), curve.losses.pop_back();
  EXPECT_FALSE(landmarks_of(curve, exact)->stable_to.high);
  curve.blew_up = true;  // at the next rate, a factor of ten on
  EXPECT_NEAR(*landmarks_of(curve, exact)->stable_to.high, 100.0, 1e-9);
}

TEST(Restarts, HoldWhatTheGridLeavesOpenWhereAllAgree) {
  const std::vector<LrOnGrid> same(3, {0.03, 0.01, 0.03});
  const RangedLr lr = ranged(same, 0.90);
  EXPECT_NEAR(lr.lr, 0.03, 1e-12);
  EXPECT_NEAR(*lr.low, 0.01, 1e-12);
  EXPECT_NEAR(*lr.high, 0.03, 1e-12);
  EXPECT_GE(*lr.high, lr.lr);
}

TEST(Restarts, NeverAverageBounds) {
  std::vector<LrOnGrid> some = {{0.01, 0.01, {}}, {0.002, 0.002, 0.003}, {0.01, 0.01, {}}};
  const RangedLr three = ranged(some, 0.90);
  EXPECT_EQ(three.lr, 0.01);
  EXPECT_FALSE(three.low);  // three lie on one side of the median in one of eight
  EXPECT_FALSE(three.high);
  some.insert(some.end(), {{0.004, 0.004, 0.005}, {0.005, 0.005, 0.006}});
  const RangedLr five = ranged(some, 0.90);
  EXPECT_EQ(five.lr, 0.005);
  EXPECT_EQ(five.low, 0.002);
  EXPECT_FALSE(five.high);
}

// How often intervals hold the landmarks of the curve that all restarts are about, in draws of
// everything: where the grid lies, where each restart's curve does, and the noise of its losses.
struct Coverage {
  double falls_from = 0.0, falls_fastest = 0.0, least = 0.0, stable_to = 0.0;
};

struct Simulation {
  RampOptions ramp{.lowest = 1e-5, .highest = 3.0, .steps = 100};
  RangeReading reading = reading_of(ramp);
  int restarts = 5;
  double spread = 0.3;  // of the restarts, in ln η
  double noise = 0.02;  // of a loss
};

RangeSummary simulated(const Simulation& of, std::uint64_t draw) {
  RandomStream stream(draw, "coverage");
  const double step =
      std::log(of.ramp.highest / of.ramp.lowest) / static_cast<double>(of.ramp.steps - 1);
  const double phase = std::exp(step * (stream.uniform() - 0.5));
  std::vector<RangeCurve> curves;
  for (int k = 0; k < of.restarts; ++k) {
    const double moved = std::exp(of.spread * stream.normal());
    RangeCurve curve{{}, {}, true};
    for (std::int64_t i = 0; i < of.ramp.steps; ++i) {
      curve.lrs.push_back(phase * ramp_lr(of.ramp, i));
      curve.losses.push_back(loss_at(moved * curve.lrs.back()) + of.noise * stream.normal());
    }
    curves.push_back(std::move(curve));
  }
  return *summarize(curves, 0.90, of.reading);
}

Coverage coverage_of(const Simulation& of) {
  constexpr int kDraws = 500;
  // Of the curve itself.
  RampOptions fine = of.ramp;
  fine.steps = 100'000;
  RangeCurve exact{{}, {}, true};
  for (std::int64_t i = 0; i < fine.steps; ++i) {
    exact.lrs.push_back(ramp_lr(fine, i));
    exact.losses.push_back(loss_at(exact.lrs.back()));
  }
  const auto truth = landmarks_of(exact, {.width = 0.0, .noise = 0.0});
  Coverage coverage;
  const auto holds = [](const RangedLr& in, const LrOnGrid& lr) {
    return (*in.low <= lr.lr && lr.lr <= *in.high) ? 1.0 / kDraws : 0.0;
  };
  for (int draw = 0; draw < kDraws; ++draw) {
    const RangeSummary summary = simulated(of, static_cast<std::uint64_t>(draw));
    coverage.falls_from += holds(summary.falls_from, truth->falls_from);
    coverage.falls_fastest += holds(summary.falls_fastest, truth->falls_fastest);
    coverage.least += holds(summary.least, truth->least);
    coverage.stable_to += holds(summary.stable_to, truth->stable_to);
  }
  return coverage;
}

Simulation of_ramp(double spread) { return {.spread = spread}; }

Simulation of_grid(std::int64_t rates, double spread) {
  Simulation grid{.restarts = 3, .spread = spread};
  grid.ramp.steps = rates;
  grid.reading = {.width = 0.0, .noise = grid.noise};
  return grid;
}

// Where restarts differ by less than the rates do, intervals are what the rates leave open, and
// hold more than they say.
TEST(RangeCoverage, IsAtLeastWhatIsSaid) {
  for (const double spread : {0.0, 0.1, 0.3, 0.6, 1.0}) {
    for (const Simulation& each : {of_ramp(spread), of_grid(11, spread), of_grid(21, spread)}) {
      const Coverage held = coverage_of(each);
      fmt::print(
          "{} rates, spread {}: falls from {:.3f}, fastest {:.3f}, least {:.3f}, stable to "
          "{:.3f}\n",
          each.ramp.steps, spread, held.falls_from, held.falls_fastest, held.least, held.stable_to);
      for (const double share : {held.falls_from, held.falls_fastest, held.least, held.stable_to}) {
        EXPECT_GE(share, 0.85) << each.ramp.steps << " rates, spread " << spread;
      }
      if (spread < 1.0) continue;
      EXPECT_LE(held.falls_from, 0.97);
      EXPECT_LE(held.stable_to, 0.97);
    }
  }
}

// Whose first tenth, that all is held against, has most of the fall.
TEST(RangeCoverage, IsAtLeastWhatIsSaidOfALinearRamp) {
  for (const double spread : {0.1, 0.3, 0.6}) {
    Simulation linear{.spread = spread};
    linear.ramp.is_linear = true;
    const Coverage held = coverage_of(linear);
    fmt::print("linear, spread {}: stable to {:.3f}\n", spread, held.stable_to);
    EXPECT_GE(held.stable_to, 0.85) << spread;
    EXPECT_LE(held.stable_to, 0.97) << spread;
  }
}

}  // namespace
}  // namespace etalon
