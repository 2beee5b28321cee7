// Parts of runs, as tools scatter them over directories, made whole.
#include "imports/joined_runs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imports/path_guess.hpp"

namespace etalon {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

FoundPart part(const std::string& directory, std::map<std::string, std::string> settings,
               std::map<std::string, LoggedCurve> curves, std::size_t reader = 0) {
  FoundPart found;
  found.part.directory = directory;
  found.part.settings = std::move(settings);
  found.part.curves = std::move(curves);
  found.reader = reader;
  return found;
}

TEST(JoinedRuns, AreThePartsOfOneDirectory) {
  const auto runs = join_parts(
      {part("/r/a", {{"lr", "0.1"}}, {}), part("/r/a", {}, {{"loss", {{1, 2.0}, {2, 1.5}}}}),
       part("/r/b", {}, {{"loss", {{1, 3.0}}}})},
      "/r");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_THAT(runs[0].settings, ElementsAre(Pair("lr", "0.1")));
  EXPECT_EQ(runs[0].curves.at("loss").back().value, 1.5);
  EXPECT_EQ(path_of(runs[1], "/r"), "b");
}

// A run that was started again from a checkpoint logs steps a second time.
TEST(JoinedRuns, HaveOnePointAStepTheLastOneLogged) {
  const auto runs = join_parts(
      {part("/r", {}, {{"loss", {{1, 2.0}, {2, 1.0}, {3, 9.0}, {2, 1.1}, {3, 0.9}}}})}, "/r");
  ASSERT_THAT(runs, SizeIs(1));
  const LoggedCurve& curve = runs[0].curves.at("loss");
  ASSERT_THAT(curve, SizeIs(3));
  EXPECT_EQ(curve[1].value, 1.1);
  EXPECT_EQ(curve[2].value, 0.9);
}

TEST(JoinedRuns, TakeAMetricFromTheFirstReaderThatHasIt) {
  const LoggedCurve table = {{10, 2.0}}, events = {{1, 5.0}};
  for (const bool table_first : {true, false}) {
    std::vector<FoundPart> parts = {part("/r", {}, {{"loss", table}}, 0),
                                    part("/r", {}, {{"loss", events}}, 1)};
    if (!table_first) std::swap(parts[0], parts[1]);
    const auto runs = join_parts(std::move(parts), "/r");
    ASSERT_THAT(runs.at(0).curves.at("loss"), SizeIs(1));
    EXPECT_EQ(runs[0].curves.at("loss")[0].step, 10);
  }
}

TEST(JoinedRuns, NameTheMetricsOfKerasByTheirDirectory) {
  const auto runs = join_parts({part("/r/a/train", {}, {{"epoch_loss", {{0, 2.0}}}}),
                                part("/r/a/validation", {}, {{"epoch_loss", {{0, 3.0}}}})},
                               "/r");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].curves.at("validation/epoch_loss")[0].value, 3.0);
}

TEST(JoinedRuns, TakeTheHyperparametersOfADirectoryNamedByTheTime) {
  const auto runs = join_parts({part("/r/a", {}, {{"loss", {{1, 2.0}}}}),
                                part("/r/a/1636712345.28", {{"lr", "0.1"}}, {{"hp", {{0, 1.0}}}})},
                               "/r");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].settings.at("lr"), "0.1");
}

TEST(JoinedRuns, InheritTheSettingsOfDirectoriesAboveThem) {
  const auto runs =
      join_parts({part("/r", {{"lr", "0.3"}, {"seed", "1"}}, {}), part("/r/a", {{"lr", "0.1"}}, {}),
                  part("/r/a/version_0", {}, {{"loss", {{1, 2.0}}}})},
                 "/r");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].settings, ElementsAre(Pair("lr", "0.1"), Pair("seed", "1")));
}

// Hugging Face writes its events into runs/DATE_HOST of the directory of trainer_state.json.
TEST(JoinedRuns, HoldTheLogsBelowTheirOwnDirectories) {
  FoundPart state = part("/r/a", {}, {{"eval_loss", {{1, 2.0}}}}, 6);
  state.part.holds = {"/r/a/runs"};
  state.part.state = "unfinished";
  FoundPart events = part("/r/a/runs/Jan01/1.5", {{"lr", "0.1"}}, {{"eval/loss", {{1, 2.0}}}});
  events.part.state = "success";
  const auto runs =
      join_parts({events, state, part("/r/a/other", {}, {{"eval/loss", {{1, 3.0}}}})}, "/r");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].directory, "/r/a");
  EXPECT_EQ(runs[0].state, "unfinished");
  EXPECT_THAT(runs[0].settings, ElementsAre(Pair("lr", "0.1")));
  EXPECT_THAT(runs[0].curves, SizeIs(2));
}

TEST(JoinedRuns, MayLieInWhatAnotherRunHolds) {
  FoundPart outer = part("/r/a", {{"lr", "0.1"}}, {{"loss", {{1, 2.0}}}}, 1);
  outer.part.holds = {"/r/a/artifacts"};
  FoundPart inner = part("/r/a/artifacts/out", {}, {{"eval_loss", {{1, 2.0}}}}, 6);
  inner.part.holds = {"/r/a/artifacts/out/runs"};
  const auto runs = join_parts(
      {outer, inner, part("/r/a/artifacts/out/runs/x", {}, {{"e/loss", {{1, 2.0}}}})}, "/r");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_THAT(runs[0].curves, SizeIs(3));
}

FoundPart resumed(const std::string& directory, const std::string& begun, LoggedCurve curve,
                  const std::string& state) {
  FoundPart found = part(directory, {{"begun", begun}}, {{"loss", std::move(curve)}});
  found.part.id = "project/x1";
  found.part.begun = begun;
  found.part.state = state;
  return found;
}

TEST(JoinedRuns, OfOneIdGoOnWhereTheyWereResumed) {
  const FoundPart first =
      resumed("/r/run-1", "20231231_1", {{1, 3.0}, {2, 2.0}, {3, 1.0}}, "failed");
  const FoundPart second = resumed("/r/offline-run-2", "20240101_1", {{3, 1.5}, {4, 0.5}}, "");
  FoundPart other = resumed("/r/run-3", "20240102_1", {{1, 9.0}}, "finished");
  other.part.id = "project/x2";
  const auto runs = join_parts(
      {second, first, other, part("/r/offline-run-2", {}, {{"extra", {{1, 1.0}}}})}, "/r");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].directory, "/r/run-1");
  EXPECT_EQ(runs[0].state, "");
  EXPECT_EQ(runs[0].settings.at("begun"), "20240101_1");
  EXPECT_EQ(runs[0].curves.at("extra").size(), 1U);
  const LoggedCurve& curve = runs[0].curves.at("loss");
  ASSERT_THAT(curve, SizeIs(4));
  EXPECT_EQ(curve[2].value, 1.5);
  EXPECT_EQ(curve[3].value, 0.5);
}

TEST(JoinedRuns, OfOneIdAndTwoReadersAreTwo) {
  FoundPart other = resumed("/r/b", "2", {{1, 1.0}}, "");
  other.reader = 1;
  EXPECT_THAT(join_parts({resumed("/r/a", "1", {{1, 1.0}}, ""), other}, "/r"), SizeIs(2));
}

// As lightning-hydra-template leaves a job.
TEST(JoinedRuns, OfOneJobAreItsLoggers) {
  const auto runs =
      join_parts({part("/r/0", {{"lr", "0.1"}}, {}, 9), part("/r/0/tb", {{"dim", "8"}}, {}, 11),
                  part("/r/0/tb/version_0", {}, {{"loss", {{1, 2.0}}}}, 0),
                  part("/r/0/csv/version_0", {}, {{"loss", {{1, 2.5}}}, {"time", {{1, 7.0}}}}, 12),
                  part("/r/1", {{"lr", "0.2"}}, {}, 9),
                  part("/r/1/csv/version_0", {}, {{"loss", {{1, 3.0}}}}, 12)},
                 "/r");
  ASSERT_THAT(runs, SizeIs(2));
  EXPECT_EQ(runs[0].directory, "/r/0");
  EXPECT_THAT(runs[0].settings, ElementsAre(Pair("dim", "8"), Pair("lr", "0.1")));
  EXPECT_THAT(runs[0].curves, SizeIs(2));
  ASSERT_THAT(runs[0].curves.at("loss"), SizeIs(1));
  EXPECT_EQ(runs[0].curves.at("loss")[0].value, 2.0);  // of the first reader
}

TEST(JoinedRuns, OfOneDirectoryOfSettingsAreSeveralWhereAReaderFoundSeveral) {
  const LoggedCurve curve = {{1, 2.0}};
  EXPECT_THAT(
      join_parts({part("/r", {{"seed", "1"}}, {}), part("/r/a", {}, {{"loss", curve}}, 0),
                  part("/r/b", {}, {{"loss", curve}}, 1), part("/r/c", {}, {{"loss", curve}}, 1)},
                 "/r"),
      SizeIs(3));
  EXPECT_THAT(join_parts({part("/r", {{"seed", "1"}}, {}),
                          part("/r/a", {{"lr", "0.1"}}, {{"loss", curve}}, 0),
                          part("/r/b", {{"lr", "0.2"}}, {{"loss", curve}}, 1)},
                         "/r"),
              SizeIs(2));
  EXPECT_THAT(
      join_parts({part("/r/a", {}, {{"loss", curve}}, 0), part("/r/b", {}, {{"loss", curve}}, 1)},
                 "/r"),
      SizeIs(2));
}

// A directory that was used twice, or a run that was started again with other settings.
TEST(JoinedRuns, HaveTheSettingsThatWereWrittenLast) {
  FoundPart early = part("/r", {{"lr", "0.1"}}, {{"loss", {{1, 2.0}}}});
  FoundPart late = part("/r", {{"lr", "0.2"}}, {{"loss", {{1, 3.0}}}});
  early.part.begun = "1700000000";
  late.part.begun = "1700009999";
  const auto runs = join_parts({late, early, part("/r", {{"lr", "0.3"}}, {}, 11)}, "/r");
  ASSERT_THAT(runs, SizeIs(1));
  EXPECT_EQ(runs[0].settings.at("lr"), "0.2");
  EXPECT_EQ(runs[0].curves.at("loss")[0].value, 3.0);
}

TEST(PathGuess, FindsTheNumbersBehindNamesThatSaySomething) {
  EXPECT_THAT(settings_in_path("s1_b0256/lr_0.01_Jun_01_2021"),
              ElementsAre(Pair("b", "0256"), Pair("lr", "0.01")));
  EXPECT_THAT(settings_in_path("bs=64,lr=1e-3,seed=7"),
              ElementsAre(Pair("bs", "64"), Pair("lr", "1e-3"), Pair("seed", "7")));
  EXPECT_THAT(settings_in_path("run_12/version_3"), IsEmpty());
  EXPECT_THAT(settings_in_path("batch_size_32-learning_rate_5e-05"),
              ElementsAre(Pair("batch_size", "32"), Pair("learning_rate", "5e-05")));
}

TEST(PathGuess, LeavesRunsAloneThatSayTheirBatchSize) {
  std::vector<LoggedRun> runs(1);
  runs[0].directory = "/r/b64";
  runs[0].settings["batch_size"] = "32";
  EXPECT_THAT(take_settings_of_paths(runs, "/r"), IsEmpty());
  runs[0].settings.clear();
  EXPECT_THAT(take_settings_of_paths(runs, "/r"), ElementsAre("b"));
  EXPECT_EQ(runs[0].settings.at("b"), "64");
}

}  // namespace
}  // namespace etalon
