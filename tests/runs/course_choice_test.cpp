// At which point of its course each run is compared with the others.
#include "runs/course_choice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;

// A point every ten steps up to `end`, whose value falls.
Course course(double end, double batch_size = 32.0) {
  Course result;
  result.batch_size = batch_size;
  for (double step = 10.0; step <= end; step += 10.0) {
    result.points.push_back({step, 1.0 / step});
  }
  return result;
}

CourseChoices choose(const std::vector<Course>& courses, const MeasuredAt& at = {}) {
  return choose_points(courses, at, MetricMode::minimized);
}

TEST(CourseChoice, IsTheLastPointOfRunsOfOneLength) {
  const auto choices = choose({course(100), course(100), course(50, 64.0)});
  EXPECT_THAT(choices.points, ElementsAre(Optional(9U), Optional(9U), Optional(4U)));
  EXPECT_THAT(choices.said, IsEmpty());
}

TEST(CourseChoice, LeavesOutWhatEndedEarlyAndCutsWhatWentOn) {
  const auto choices = choose({course(100), course(100), course(60), course(200)});
  EXPECT_THAT(choices.points,
              ElementsAre(Optional(9U), Optional(9U), Eq(std::nullopt), Optional(9U)));
  EXPECT_THAT(choices.said, Contains(HasSubstr("left out 1 run that ended before")));
  EXPECT_THAT(choices.said, Contains(HasSubstr("read 1 run that went on")));
}

TEST(CourseChoice, TakesADivergedRunWhereverItEnded) {
  Course diverged = course(30);
  diverged.points.back().value = NAN;
  diverged.has_diverged = true;
  const auto choices = choose({course(100), course(100), diverged});
  EXPECT_THAT(choices.points, ElementsAre(Optional(9U), Optional(9U), Optional(2U)));
}

TEST(CourseChoice, ComparesRunsOfOneGroupOnly) {
  Course shorter = course(50);
  shorter.group = "epochs=1";
  EXPECT_THAT(choose({course(100), shorter}).points, ElementsAre(Optional(9U), Optional(4U)));
}

TEST(CourseChoice, IsTheBestPointWhereThatIsAskedFor) {
  Course dips = course(100);
  dips.points[3].value = 0.001;
  const auto choices = choose({dips, course(100)}, parse_measured_at("best"));
  EXPECT_THAT(choices.points, ElementsAre(Optional(3U), Optional(9U)));
  EXPECT_THAT(choices.said, Contains(HasSubstr("flatters runs that are noisy")));
}

TEST(CourseChoice, IsAtTheStepOrTheExamplesThatAreAskedFor) {
  EXPECT_THAT(choose({course(100), course(40)}, parse_measured_at("step:50")).points,
              ElementsAre(Optional(4U), Eq(std::nullopt)));
  EXPECT_THAT(
      choose({course(100, 32.0), course(100, 64.0)}, parse_measured_at("examples:3200")).points,
      ElementsAre(Optional(9U), Optional(4U)));
}

TEST(CourseChoice, TakesNoPointFarBeforeTheStepThatIsAskedFor) {
  EXPECT_THAT(choose({course(100)}, parse_measured_at("step:1000")).points,
              ElementsAre(Eq(std::nullopt)));
}

TEST(MeasuredAtText, IsReadAndRefused) {
  for (const char* text : {"last", "best", "step:100", "examples:1e+06"}) {
    EXPECT_EQ(parse_measured_at(text).to_text(), text);
  }
  for (const char* text : {"", "end", "step:", "step:-1", "step:nan", "examples:0", "steps:5"}) {
    EXPECT_THROW(parse_measured_at(text), InputError) << text;
  }
}

}  // namespace
}  // namespace etalon
