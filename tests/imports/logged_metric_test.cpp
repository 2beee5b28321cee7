// Which metric runs are compared by, and which way it is better.
#include "imports/logged_metric.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"

namespace etalon {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Metrics by name, each with the direction that the tool says; "" for none.
LoggedRun run_with(const std::map<std::string, std::string>& directions,
                   const std::string& study = "a") {
  LoggedRun run;
  run.directory = "/r/optuna.db";
  run.settings = {{"lr", "0.1"}, {"study", study}};
  for (const auto& [name, direction] : directions) {
    run.curves[name] = {{1, 0.5}};
    if (!direction.empty()) run.directions[name] = direction;
  }
  return run;
}

std::string metric_of(const std::vector<LoggedRun>& runs) {
  try {
    return choose_metric(runs, "/r", {});
  } catch (const InputError& error) {
    return error.what();
  }
}

TEST(LoggedMetric, IsOneThatAToolDirectsWhereNoNameSaysSomething) {
  EXPECT_EQ(metric_of({run_with({{"mystery", "max"}, {"width", ""}})}), "mystery");
  EXPECT_EQ(metric_of({run_with({{"mystery", "max"}, {"val_mystery", "max"}})}), "val_mystery");
  EXPECT_EQ(metric_of({run_with({{"mystery", "max"}, {"loss", ""}})}), "loss");
  EXPECT_THAT(metric_of({run_with({{"mystery", ""}})}), HasSubstr("looks like a loss"));
  EXPECT_EQ(metric_of({run_with({{"a", "max"}}), run_with({{"b", "max"}}), run_with({{"b", "max"}}),
                       run_with({{"b", "max"}})}),
            "b");
}

TEST(LoggedMetric, IsBetterTheWayThatItsToolSays) {
  const std::vector<LoggedRun> runs = {run_with({{"x", ""}}), run_with({{"x", "max"}})};
  EXPECT_EQ(mode_of("x", runs, {}), MetricMode::maximized);
  EXPECT_EQ(mode_of("x", runs, {.mode = MetricMode::minimized}), MetricMode::minimized);
  EXPECT_EQ(mode_of("y", runs, {}), std::nullopt);
}

TEST(LoggedMetric, OfRunsThatContradictEachOtherIsRefusedWithWhatTellsThemApart) {
  const std::vector<LoggedRun> runs = {
      run_with({{"value", "max"}}, "sweep"), run_with({{"value", "max"}}, "sweep"),
      run_with({{"value", "min"}}, "other"), run_with({{"value", "min"}}, "other")};
  try {
    mode_of("value", runs, {});
    FAIL() << "taken";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("'value' is to be maximized in some of the runs"),
                                    HasSubstr("/r/optuna.db"), HasSubstr("where study=sweep")));
  }
  EXPECT_EQ(mode_of("value", std::span(runs).first(2), {}), MetricMode::maximized);
  EXPECT_EQ(mode_of("value", std::span(runs).last(2), {}), MetricMode::minimized);
  EXPECT_EQ(mode_of("value", runs, {.mode = MetricMode::minimized}), MetricMode::minimized);
}

// A direction of what a run does not log says nothing.
TEST(LoggedMetric, IsNotDirectedByRunsThatDoNotLogIt) {
  LoggedRun other = run_with({});
  other.directions["x"] = "min";
  EXPECT_EQ(mode_of("x", std::vector<LoggedRun>{other, run_with({{"x", "max"}})}, {}),
            MetricMode::maximized);
}

}  // namespace
}  // namespace etalon
