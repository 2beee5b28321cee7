// Directories of logs as people have them, read to the runs that are compared.
#include "imports/read_source.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "sample_logs.hpp"

namespace etalon {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

struct RunLog {
  std::string settings;  // the file config.json
  int points = 10;
  double step = 100.0;  // between points
  double loss = 2.0;    // at the end
  std::string other{};  // what each line has besides
  bool diverges = false;
};

class ReadSourceOfLogs : public ::testing::Test {
 protected:
  void write_run(const std::string& name, const RunLog& log) {
    logs_.write("runs/" + name + "/config.json", log.settings);
    std::string text;
    for (int i = 1; i <= log.points; ++i) {
      const bool is_nan = log.diverges && i == log.points;
      const double loss = log.loss + 1.0 / i - 1.0 / log.points;
      text += fmt::format("{{\"step\": {}, \"val_loss\": {}{}}}\n", i * log.step,
                          is_nan ? "NaN" : fmt::format("{}", loss), log.other);
    }
    logs_.write("runs/" + name + "/metrics.jsonl", text);
  }

  // Nine learning rates at two batch sizes.
  void write_sweep(const std::string& prefix, const std::string& more = "", RunLog log = {}) {
    for (const int batch_size : {32, 64}) {
      for (int k = 0; k < 9; ++k) {
        log.settings = fmt::format(R"({{"batch_size": {}, "lr": {}{}}})", batch_size,
                                   0.001 * std::exp2(k), more);
        log.loss = 2.0 + 0.02 * (k - 4) * (k - 4);
        write_run(fmt::format("{}{}-{}", prefix, batch_size, k), log);
      }
    }
  }

  ReadSource read(const SourceOptions& options = {}) {
    said_.clear();
    return read_source(logs_.path("runs"), options,
                       [this](const std::string& sentence) { said_.push_back(sentence); });
  }
  std::vector<Observation> observations() { return read().runs.groups.at(0).observations; }
  std::string message(const SourceOptions& options = {}) {
    try {
      read(options);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  }
  static SourceOptions where(const std::string& condition) {
    SourceOptions options;
    options.columns.where = {condition};
    return options;
  }
  static SourceOptions at(const std::string& point) {
    SourceOptions options;
    options.columns.at = parse_measured_at(point);
    return options;
  }

  testing::SampleLogs logs_;
  std::vector<std::string> said_;
};

TEST_F(ReadSourceOfLogs, GivesRunsWithTheirCurves) {
  write_sweep("a");
  const ReadSource source = read();
  ASSERT_THAT(source.runs.groups, SizeIs(1));
  ASSERT_THAT(source.runs.groups[0].observations, SizeIs(18));
  EXPECT_NEAR(*source.runs.groups[0].observations[4].loss, 2.0, 1e-12);
  ASSERT_THAT(source.curves, SizeIs(1));
  EXPECT_THAT(source.curves[0][4], SizeIs(10));
  EXPECT_THAT(said_, Contains(HasSubstr("took 'val_loss' of 18 runs, at its last value")));
}

// Those of one model were trained for twice as long.
TEST_F(ReadSourceOfLogs, ComparesTheLengthsOfOneSettingOnly) {
  write_sweep("big", R"(, "model": "big")", {.settings = "", .points = 20});
  write_sweep("small", R"(, "model": "small")");
  const ReadSource both = read();
  ASSERT_THAT(both.runs.groups, SizeIs(2));
  for (const RunGroup& group : both.runs.groups) EXPECT_THAT(group.observations, SizeIs(18));
  const ReadSource one = read(where("model=small"));
  ASSERT_THAT(one.runs.groups, SizeIs(1));
  EXPECT_THAT(one.runs.groups[0].observations, SizeIs(18));
  EXPECT_THAT(said_, Contains(HasSubstr("left out 18 runs where 'model' is not small")));
  EXPECT_THAT(message(where("model=huge")),
              HasSubstr("no run is as where asks, 'model' may be one of big, small"));
}

TEST_F(ReadSourceOfLogs, ComparesWithRunsThatWereFinishedThoughMoreWereAborted) {
  write_sweep("done");
  write_sweep("aborted", "", {.settings = "", .points = 3});
  const ReadSource source = read();
  ASSERT_THAT(source.runs.groups[0].observations, SizeIs(18));
  EXPECT_LT(*source.runs.groups[0].observations[4].loss, 2.01);
}

TEST_F(ReadSourceOfLogs, LeavesOutARunWithoutSettings) {
  write_sweep("a");
  write_run("lost", {.settings = R"({"note": "none"})"});
  EXPECT_THAT(read().runs.groups[0].observations, SizeIs(18));
  EXPECT_THAT(said_, Contains(HasSubstr("left out 1 run without a 'batch_size'")));
}

TEST_F(ReadSourceOfLogs, CallsASettingOfTwoToolsByOneName) {
  write_sweep("a");
  for (int k = 0; k < 9; ++k) {
    write_run(fmt::format("b{}", k),
              {.settings = fmt::format(R"({{"batch_size": 128, "optim": {{"lr": {}}}}})",
                                       0.001 * std::exp2(k))});
  }
  const ReadSource source = read();
  std::set<double> sizes;
  for (const Observation& run : source.runs.groups[0].observations) sizes.insert(run.batch_size);
  EXPECT_THAT(sizes, UnorderedElementsAre(32, 64, 128));
}

TEST_F(ReadSourceOfLogs, TakesTheBatchSizeOfEachRunFromItsOwnSettings) {
  write_sweep("a");
  for (int k = 0; k < 9; ++k) {
    write_run(fmt::format("b{}", k),
              {.settings = fmt::format(R"({{"per_device_train_batch_size": 16, "lr": {},)"
                                       R"( "gradient_accumulation_steps": 8}})",
                                       0.001 * std::exp2(k))});
  }
  std::set<double> sizes;
  for (const Observation& run : observations()) sizes.insert(run.batch_size);
  EXPECT_THAT(sizes, UnorderedElementsAre(32, 64, 128));
  EXPECT_THAT(said_, Contains(HasSubstr("took the batch size of each run from its own settings: "
                                        "'batch_size'; 'per_device_train_batch_size' x ")));
}

TEST_F(ReadSourceOfLogs, TakesADivergenceFromTheLossAndNotFromAPartOfIt) {
  write_sweep("a", "", {.settings = "", .other = R"(, "distill_loss": NaN)"});
  for (const Observation& run : observations()) EXPECT_FALSE(run.diverged());
  write_sweep("a", "", {.settings = "", .other = R"(, "train_loss": NaN)"});
  for (const Observation& run : observations()) EXPECT_TRUE(run.diverged());
  EXPECT_THAT(said_, Contains(HasSubstr("took 18 runs as diverged whose 'val_loss' is finite")));
}

TEST_F(ReadSourceOfLogs, ReadsTheMetricWhereItIsAskedFor) {
  write_sweep("a");
  EXPECT_NEAR(*read(at("step:500")).runs.groups[0].observations[4].loss, 2.1, 1e-9);
  EXPECT_NEAR(*read(at("share:0.5")).runs.groups[0].observations[4].loss, 2.1, 1e-9);
  EXPECT_THAT(said_, Not(Contains(HasSubstr("budget"))));
  EXPECT_THAT(message(at("step:120")),
              HasSubstr("the first of them was measured at 100, 200, 300, 400, 500, and last at "
                        "1000"));
}

TEST_F(ReadSourceOfLogs, SaysThatNoneHasEnded) {
  logs_.write("runs/a/params.json", R"({"batch_size": 32, "lr": 0.1})");
  logs_.write("runs/a/result.json", R"({"training_iteration": 1, "val_loss": 2.0})"
                                    "\n");
  logs_.write("runs/a/error.txt", "Traceback");
  EXPECT_THAT(message(), HasSubstr("no run has a 'val_loss' there to compare"));
}

TEST_F(ReadSourceOfLogs, KnowsTheDatabaseOfAnotherToolByItsTables) {
  EXPECT_FALSE(holds_study(logs_.path("runs")));
  logs_.write("runs/trials.csv", "name,lr\nx,0.1\n");
  write_sweep("a");
  EXPECT_THAT(read().runs.groups[0].observations, SizeIs(18));
}

TEST_F(ReadSourceOfLogs, ReadsTheOneTableOfADirectory) {
  logs_.write("runs/export.csv", "batch_size,lr,loss\n32,0.1,2\n32,0.2,3\n");
  EXPECT_THAT(read().runs.groups[0].observations, SizeIs(2));
  EXPECT_THAT(said_, Contains(HasSubstr("all that can be read there")));
}

}  // namespace
}  // namespace etalon
