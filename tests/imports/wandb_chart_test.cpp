// Charts as W&B exports them.
#include "imports/wandb_chart.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "etalon/error.hpp"
#include "imports/read_log.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using etalon::testing::kInf;
using etalon::testing::kNan;
using etalon::testing::PointIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class WandbChart : public ::testing::Test {
 protected:
  bool is_chart(const std::string& text) const {
    etalon::testing::write_text(file_, text);
    return is_wandb_chart(file_);
  }
  std::vector<LoggedRun> read(const std::string& text) const {
    EXPECT_TRUE(is_chart(text)) << text;
    return etalon::testing::runs_in(file_, read_wandb_chart);
  }

  etalon::testing::TemporaryDirectory directory_;
  const std::filesystem::path file_ = directory_.path() / "wandb_export_2026-01-01.csv";
};

TEST_F(WandbChart, AColumnIsARunsCurve) {
  const auto runs = read(
      "\"Step\",\"lr0.1-b64 - val/loss\",\"lr0.1-b64 - val/loss__MIN\",\"lr0.1-b64 - "
      "val/loss__MAX\",\"a - b - val/loss\",\"a - b - val/loss__MIN\",\"a - b - val/loss__MAX\"\n"
      "\"0\",\"2.5\",\"2\",\"3\",\"\",\"\",\"\"\n"
      "\"100\",\"NaN\",\"NaN\",\"NaN\",\"1.5\",\"1.5\",\"1.5\"\n"
      "\"200\",\"Infinity\",\"1\",\"1\",\"1.25\",\"1.25\",\"1.25\"\n");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].directory, directory_.path());
  EXPECT_EQ(runs[0].name, "a - b");
  EXPECT_THAT(runs[0].settings, IsEmpty());
  EXPECT_THAT(
      runs[0].curves,
      ElementsAre(Pair("val/loss", ElementsAre(PointIs(100.0, 1.5), PointIs(200.0, 1.25)))));
  EXPECT_EQ(runs[1].name, "lr0.1-b64");
  EXPECT_THAT(runs[1].curves,
              ElementsAre(Pair("val/loss", ElementsAre(PointIs(0.0, 2.5), PointIs(100.0, kNan),
                                                       PointIs(200.0, kInf)))));
}

TEST_F(WandbChart, ColumnsOfStepsAreNoCurves) {
  const auto runs = read(
      "\"Relative Time (Wall)\",\"a - loss\",\"a - _step\",\"a - _step__MIN\"\n"
      "0.5,2,10,10\n");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].curves, ElementsAre(Pair("loss", ElementsAre(PointIs(0.5, 2.0)))));
}

TEST_F(WandbChart, ARunMayHaveSeveralMetrics) {
  const auto runs = read("Step,a - loss,a - acc\n1,2,0.5\n");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].curves, ElementsAre(Pair("acc", ElementsAre(PointIs(1.0, 0.5))),
                                          Pair("loss", ElementsAre(PointIs(1.0, 2.0)))));
}

TEST_F(WandbChart, ARowWithoutItsStepIsLeftOut) {
  EXPECT_THAT(read("Step,a - loss\n,2\nnan,3\n4,1\n").at(0).curves.at("loss"),
              ElementsAre(PointIs(4.0, 1.0)));
}

TEST_F(WandbChart, IsKnownByItsHeader) {
  EXPECT_TRUE(is_chart("\xEF\xBB\xBF\"Step\",\"a - loss\"\r\n1,2\r\n"));
  EXPECT_TRUE(is_chart("samples seen,a - loss,a - loss__MIN,a - loss__MAX\n1,2,2,2\n"));
  EXPECT_FALSE(is_chart("samples seen,a - loss\n1,2\n"));
  EXPECT_FALSE(is_chart("Step,loss,a - loss\n1,2,3\n"));
  EXPECT_FALSE(is_chart("Step\n1\n"));
  EXPECT_FALSE(is_chart("a - step,a - loss\n1,2\n"));
  EXPECT_FALSE(is_chart(""));
  EXPECT_FALSE(is_wandb_chart(directory_.path()));
  EXPECT_FALSE(is_wandb_chart(directory_.path() / "none.csv"));
}

TEST_F(WandbChart, HundredsOfRunsAreRead) {
  std::string header = "\"Step\"", row = "7";
  for (int i = 0; i < 500; ++i) {
    header += fmt::format(",\"run-{0} - loss\",\"run-{0} - loss__MIN\",\"run-{0} - loss__MAX\"", i);
    row += fmt::format(",{0},{0},{0}", i);
  }
  const auto runs = read(header + '\n' + row + '\n');
  ASSERT_THAT(runs, SizeIs(500));
  for (const LoggedRun& run : runs) {
    EXPECT_THAT(run.curves.at("loss"), ElementsAre(PointIs(7.0, std::stod(run.name.substr(4)))));
  }
}

}  // namespace
}  // namespace etalon
