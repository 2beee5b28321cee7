#include "report/study/progress.hpp"

#include <gmock/gmock.h>

#include "core/text.hpp"
#include "report/display.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TrialRecord trial(Stage stage, std::int64_t batch_size, double loss = 0.5, double seconds = 2.0) {
  TrialRecord record;
  record.stage = stage;
  record.spec = {batch_size, 0.1, 1};
  record.result.state = TrialState::finished;
  record.result.objective = loss;
  record.result.wall_seconds = seconds;
  return record;
}

StudyOptions small_study() {
  StudyOptions options;
  options.batch_sizes = {32, 64};
  options.base_batch_size = 32;
  options.seeds = 2;
  options.jobs = 1;
  return options;
}

// What was shown, and a clock that stands still until it is moved.
struct Scene {
  explicit Scene(ProgressOptions options)
      : progress(
            small_study(), options, [this](std::string_view text) { shown.emplace_back(text); },
            [this] { return now; }) {}
  double now = 100.0;
  std::vector<std::string> shown;
  StudyProgress progress;
};

ProgressOptions on_terminal() {
  ProgressOptions options;
  options.terminal = true;
  options.width = 200;
  return options;
}

TEST(Progress, SaysNothingWhenQuiet) {
  ProgressOptions options = on_terminal();
  options.quiet = true;
  Scene scene(options);
  const std::vector<TrialRecord> round = {trial(Stage::base, 32)};
  scene.progress.on_round(1, round);
  scene.now += 60;
  scene.progress.on_trial(round[0]);
  scene.progress.finish();
  EXPECT_TRUE(scene.shown.empty());
}

TEST(Progress, WritesAPlainLineAtOnceAndThenOnlyEveryTenSeconds) {
  Scene scene(ProgressOptions{});
  const std::vector<TrialRecord> round(30, trial(Stage::base, 32));
  scene.progress.on_round(1, round);
  for (int second = 1; second <= 25; ++second) {
    scene.now += 1;
    scene.progress.on_trial(round[0]);
  }
  ASSERT_EQ(scene.shown.size(), 3u);
  for (const std::string& line : scene.shown) {
    EXPECT_THAT(line, ::testing::EndsWith("\n"));
    EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  }
  EXPECT_THAT(scene.shown[1], HasSubstr("10/30 trials planned so far, 10 s"));
}

TEST(Progress, WritesAPlainLineWhenTheStageChanges) {
  Scene scene(ProgressOptions{});
  scene.progress.on_round(1, std::vector<TrialRecord>{trial(Stage::base, 32)});
  scene.progress.on_round(2, std::vector<TrialRecord>{trial(Stage::base, 32)});
  scene.progress.on_round(3, std::vector<TrialRecord>{trial(Stage::rules, 64)});
  ASSERT_EQ(scene.shown.size(), 2u);
  EXPECT_THAT(scene.shown[0], StartsWith("base"));
  EXPECT_THAT(scene.shown[1], StartsWith("rules"));
}

TEST(Progress, RedrawsOneLineOnATerminalAndTakesItAwayAtTheEnd) {
  Scene scene(on_terminal());
  const std::vector<TrialRecord> round(2, trial(Stage::base, 32));
  scene.progress.on_round(1, round);
  scene.now += 1;
  scene.progress.on_trial(round[0]);
  scene.progress.finish();
  ASSERT_EQ(scene.shown.size(), 3u);
  for (const std::string& text : scene.shown) {
    EXPECT_THAT(text, StartsWith("\r\x1b[K"));
    EXPECT_THAT(text, Not(HasSubstr("\n")));
  }
  EXPECT_EQ(scene.shown.back(), "\r\x1b[K");
}

TEST(Progress, ShowsTimePassingBetweenTrials) {
  Scene scene(on_terminal());
  scene.progress.on_round(1, std::vector<TrialRecord>{trial(Stage::base, 32)});
  scene.now += 65;
  scene.progress.tick();
  EXPECT_THAT(scene.shown.back(), HasSubstr("1:05"));
}

TEST(Progress, NeverWritesPastTheTerminalsWidth) {
  ProgressOptions options = on_terminal();
  options.width = 40;
  Scene scene(options);
  scene.progress.on_round(1, std::vector<TrialRecord>{trial(Stage::base, 32)});
  EXPECT_LT(columns_of(scene.shown.back().substr(4)), 40u);
}

TEST(Progress, KeepsTheBestLossSeen) {
  Scene scene(on_terminal());
  const std::vector<TrialRecord> round = {trial(Stage::base, 32, 0.41),
                                          trial(Stage::base, 32, 0.6)};
  scene.progress.on_round(1, round);
  for (const TrialRecord& each : round) {
    scene.now += 1;
    scene.progress.on_trial(each);
  }
  EXPECT_THAT(scene.shown.back(), HasSubstr("best 0.4100 at B=32 η=0.1"));
}

TEST(Progress, CountsTheTrialsThatAResumedStudyHas) {
  Scene scene(on_terminal());
  const std::vector<TrialRecord> stored(7, trial(Stage::base, 32));
  scene.progress.on_stored(stored);
  scene.progress.on_round(2, std::vector<TrialRecord>{trial(Stage::base, 32)});
  EXPECT_THAT(scene.shown.back(), HasSubstr("7/8 trials"));
}

TEST(Progress, LivesWithItsTickerAndLeavesNothingRunning) {
  std::FILE* sink = std::tmpfile();
  make_progress(sink, false, small_study())
      ->on_round(1, std::vector<TrialRecord>{trial(Stage::base, 32)});
  EXPECT_GT(std::ftell(sink), 0);
  std::fclose(sink);
}

TEST(Eta, SaysNothingBeforeATrialHasFinished) {
  EtaEstimator eta(small_study());
  eta.plan(trial(Stage::base, 32));
  EXPECT_FALSE(eta.remaining_seconds());
}

// Base: 10 trials of 2 s, all done. B=64: as long a search and half of 3 rules x 2 seeds, 13
// trials, of which 6 are done at 1 s each; 7 s are left.
TEST(Eta, ExpectsEveryBatchSizeToTakeWhatTheBaseTook) {
  EtaEstimator eta(small_study());
  for (int i = 0; i < 10; ++i) {
    eta.plan(trial(Stage::base, 32));
    eta.finish(trial(Stage::base, 32, 0.5, 2.0));
  }
  for (int i = 0; i < 6; ++i) {
    eta.plan(trial(Stage::rules, 64));
    eta.finish(trial(Stage::rules, 64, 0.5, 1.0));
  }
  EXPECT_DOUBLE_EQ(eta.expected_trials(), 23.0);
  EXPECT_DOUBLE_EQ(eta.remaining_seconds().value(), 7.0);
}

TEST(Eta, IsHalvedByTwoJobs) {
  StudyOptions two = small_study();
  two.jobs = 2;
  EtaEstimator alone(small_study()), together(two);
  for (EtaEstimator* eta : {&alone, &together}) {
    eta->plan(trial(Stage::base, 32));
    eta->finish(trial(Stage::base, 32));
  }
  EXPECT_DOUBLE_EQ(*alone.remaining_seconds(), 2.0 * *together.remaining_seconds());
}

}  // namespace
}  // namespace etalon
