// Rates and prices as people write them.
#include "etalon/hardware.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

TEST(Hardware, ReadsNumbersByBatchSizeAndWritesThemAgain) {
  const std::map<std::int64_t, double> numbers = {{32, 1800.5}, {256, 9000.0}};
  EXPECT_EQ(batch_numbers("256=9000,32=1800.5", "examples_per_second"), numbers);
  EXPECT_EQ(batch_numbers(batch_numbers_text(numbers), "examples_per_second"), numbers);
  EXPECT_TRUE(batch_numbers("", "examples_per_second").empty());
}

TEST(Hardware, RefusesWhatIsNoNumberByBatchSize) {
  for (const char* wrong :
       {"32", "32=", "=5", "32=a", "a=5", "32=5=6", "0=5", "32=5,32=6", "32 =5", "32=5,,64=6"}) {
    EXPECT_THROW(batch_numbers(wrong, "examples_per_second"), InputError) << wrong;
  }
}

TEST(Hardware, RefusesRatesAndPricesThatAreNotAboveZero) {
  EXPECT_THROW(Hardware({.examples_per_second = {{32, 0.0}}}).validate(), InputError);
  EXPECT_THROW(Hardware({.cost_per_hour = -1.0}).validate(), InputError);
  EXPECT_THROW(Hardware({.cost_per_hour_at = {{32, 0.0}}}).validate(), InputError);
  EXPECT_NO_THROW(Hardware({.examples_per_second = {{32, 5.0}}, .cost_per_hour = 1.0}).validate());
}

TEST(Hardware, HasAPriceForEveryBatchSizeOrOneForEach) {
  const Hardware hardware{.cost_per_hour_at = {{32, 2.0}}};
  EXPECT_EQ(hardware.cost_at(32), 2.0);
  EXPECT_FALSE(hardware.cost_at(64));
  EXPECT_EQ(Hardware{.cost_per_hour = 3.0}.cost_at(64), 3.0);
}

}  // namespace
}  // namespace etalon
