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
  EXPECT_NEAR(std::log(landmarks->falls_from), std::log(0.01) - 0.5 * std::log(9.0), 0.15);
  EXPECT_NEAR(std::log(landmarks->falls_fastest), std::log(0.01), 0.11);
  EXPECT_NEAR(std::log(landmarks->least), std::log(0.5), 0.5);  // a shallow valley
  // 2·ln(η/0.5)² = 0.18 at 0.5·e^0.3.
  EXPECT_NEAR(std::log(landmarks->stable_to), std::log(0.5) + 0.3, 0.15);
  EXPECT_FALSE(landmarks->stays_stable);
}

TEST(RangeLandmarks, AreFoundThroughNoise) {
  double from = 0.0, stable = 0.0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto landmarks = landmarks_of(curve_of(0.15, seed));
    ASSERT_TRUE(landmarks);
    from += std::log(landmarks->falls_from) / 100.0;
    stable += std::log(landmarks->stable_to) / 100.0;
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
  EXPECT_TRUE(landmarks_of(curve)->stays_stable);
  curve.blew_up = true;
  EXPECT_FALSE(landmarks_of(curve)->stays_stable);
}

std::map<std::string, double> by_name(const RangeCurve& curve) {
  std::map<std::string, double> lrs;
  for (const RangeSuggestion& each : suggestions_of(curve)) lrs[each.name] = each.lr;
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

}  // namespace
}  // namespace etalon
