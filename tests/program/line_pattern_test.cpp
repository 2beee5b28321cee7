// Numbers out of lines of any form, by an expression with named groups.
#include "program/line_pattern.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsNan;

auto is(const std::string& name, double value) {
  return AllOf(Field(&NamedValue::name, name), Field(&NamedValue::value, value));
}

TEST(LinePattern, TakesTheNumbersOfItsNamedGroups) {
  const LinePattern pattern("acc (?<metric>[0-9.]+)(, at (?<step>[0-9]+))?", "accuracy");
  EXPECT_THAT(pattern.metrics_in("42: acc 0.81, at 500 of 900"),
              ElementsAre(is("accuracy", 0.81), is("step", 500)));
  EXPECT_THAT(pattern.metrics_in("acc 0.5"), ElementsAre(is("accuracy", 0.5)));
  EXPECT_THAT(pattern.metrics_in("acc ..."), IsEmpty());
  EXPECT_THAT(pattern.metrics_in("loss 0.5"), IsEmpty());
  EXPECT_TRUE(pattern.names("Accuracy"));
  EXPECT_FALSE(pattern.names("loss"));
}

TEST(LinePattern, TakesGroupsInBothSpellingsAndLeavesClassesAlone) {
  const LinePattern pattern(R"([(?<x>]+ \(?<(?P<val_loss>[^>]+)>)", "val_loss");
  EXPECT_THAT(pattern.metrics_in("(?x (<1e-3>"), ElementsAre(is("val_loss", 1e-3)));
  EXPECT_THAT(LinePattern("(?<loss>\\S+)", "").metrics_in(" nan "),
              ElementsAre(Field(&NamedValue::value, IsNan())));
}

TEST(LinePattern, RefusesWhatCannotBeUsed) {
  const auto message = [](const std::string& pattern) -> std::string {
    try {
      LinePattern(pattern, "loss");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(message("acc ([0-9]+)"), HasSubstr("no named group"));
  EXPECT_THAT(message("(?<metric>[0-9+"), HasSubstr("missing"));
  EXPECT_THAT(message("(?<metric>a)(?=b)"), HasSubstr("pattern"));
}

// What takes other engines longer than the world will last.
TEST(LinePattern, IsLinearInTheLine) {
  const LinePattern pattern("(?<metric>(a*)*b)", "loss");
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THAT(pattern.metrics_in(std::string(60'000, 'a')), IsEmpty());
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace etalon
