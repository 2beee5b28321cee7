// What a ramp was that somebody else ran, by the rates that were logged.
#include "range/logged_ramp.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace etalon {
namespace {

// Every `each`-th of the first `count` steps.
std::vector<double> rates_of(const RampOptions& ramp, std::int64_t count, std::int64_t each) {
  std::vector<double> lrs;
  for (std::int64_t i = 0; i < count; i += each) lrs.push_back(ramp_lr(ramp, i));
  return lrs;
}

TEST(LoggedRamp, KnowsItsShapeAndItsLengthWhereItStoppedEarly) {
  for (const bool is_linear : {false, true}) {
    const RampOptions told{.lowest = 1e-4, .highest = 1.0, .steps = 201, .is_linear = is_linear};
    const RampOptions guess{.lowest = 1e-4, .highest = 1.0};
    for (const std::int64_t each : {1, 5}) {
      for (const std::int64_t count : {201, 121}) {
        const RampOptions seen = logged_ramp(rates_of(told, count, each), guess);
        EXPECT_EQ(seen.is_linear, is_linear);
        EXPECT_EQ(seen.steps, 1 + 200 / each) << each << ' ' << count;
      }
    }
  }
}

TEST(LoggedRamp, HasAPlaceForEachRate) {
  RampOptions ramp{.lowest = 1e-4, .highest = 1.0};
  EXPECT_NEAR(place_on_ramp(1e-4, ramp), 0.0, 1e-12);
  EXPECT_NEAR(place_on_ramp(1e-3, ramp), 0.25, 1e-12);
  ramp.is_linear = true;
  EXPECT_NEAR(place_on_ramp(0.25 + 0.75e-4, ramp), 0.25, 1e-12);
  EXPECT_NEAR(place_on_ramp(1.0, ramp), 1.0, 1e-12);
}

TEST(LoggedRamp, EndsWhereARampOfOurOwnWouldHaveStopped) {
  const RampOptions ramp{.lowest = 1e-3, .highest = 1.0, .steps = 10, .smoothing = 0.0};
  const std::vector<double> lrs = rates_of(ramp, 6, 1);
  const RangeCurve risen = logged_curve(lrs, std::vector{2.0, 1.0, 1.5, 3.9, 5.0, 900.0}, ramp);
  EXPECT_EQ(risen.losses, (std::vector{2.0, 1.0, 1.5, 3.9}));
  EXPECT_TRUE(risen.blew_up);
  EXPECT_EQ(risen.blew_up_at, lrs[4]);
  const RangeCurve lost =
      logged_curve(lrs, std::vector<double>{2.0, 1.0, 1.5, 1.0, 1.2, NAN}, ramp);
  EXPECT_EQ(lost.lrs.size(), 5U);
  EXPECT_EQ(lost.blew_up_at, lrs[5]);
  const RangeCurve whole = logged_curve(lrs, std::vector{2.0, 1.0, 1.5, 1.0, 1.2, 1.3}, ramp);
  EXPECT_EQ(whole.lrs, lrs);
  EXPECT_FALSE(whole.blew_up);
}

}  // namespace
}  // namespace etalon
