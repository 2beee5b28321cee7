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

// Of one learning rate.
std::vector<TrialRecord> both_seeds(std::int64_t batch_size, double lr, double loss,
                                    double other_loss) {
  std::vector<TrialRecord> both = {trial(Stage::base, batch_size, loss),
                                   trial(Stage::base, batch_size, other_loss)};
  for (TrialRecord& each : both) each.spec.lr = lr;
  both.back().spec.seed = 2;
  return both;
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
  EXPECT_THAT(scene.shown[1], HasSubstr("10 of ~46 trials, 10 s"));
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

TEST(Progress, NeverWritesPastTheTerminalsWidthAndCutsNoPart) {
  for (std::size_t width = 20; width <= 120; ++width) {
    ProgressOptions options = on_terminal();
    options.width = width;
    Scene scene(options);
    const std::vector<TrialRecord> round = both_seeds(32, 0.1, 0.41, 0.43);
    scene.progress.on_round(1, round);
    for (const TrialRecord& each : round) {
      scene.now += 1;
      scene.progress.on_trial(each);
    }
    const std::string line = scene.shown.back().substr(4);
    EXPECT_LT(columns_of(line), width);
    const bool whole = line.find("best") == std::string::npos || line.ends_with("η=0.1");
    EXPECT_TRUE(whole) << line;
  }
}

TEST(Progress, FitsAllItSaysIntoEightyColumns) {
  ProgressOptions options = on_terminal();
  options.width = 80;
  Scene scene(options);
  const std::vector<TrialRecord> round = both_seeds(32, 0.1, 0.41, 0.43);
  scene.progress.on_round(1, round);
  for (const TrialRecord& each : round) {
    scene.now += 100;
    scene.progress.on_trial(each);
  }
  EXPECT_THAT(scene.shown.back(), HasSubstr("of ~"));
  EXPECT_THAT(scene.shown.back(), HasSubstr(" left, "));
  EXPECT_THAT(scene.shown.back(), HasSubstr("best mean 0.4200 at B=32 η=0.1"));
}

// 0.30 is one seed's luck: the other one of 0.2 has not run yet, and that of 0.4 diverged.
TEST(Progress, CallsBestWhatAllSeedsHaveRun) {
  Scene scene(on_terminal());
  std::vector<TrialRecord> round = both_seeds(32, 0.1, 0.41, 0.43);
  round.push_back(both_seeds(32, 0.2, 0.30, 0.9).front());
  std::vector<TrialRecord> diverging = both_seeds(32, 0.4, 0.20, 0.0);
  diverging.back().result.state = TrialState::diverged;
  diverging.back().result.objective.reset();
  round.insert(round.end(), diverging.begin(), diverging.end());
  scene.progress.on_round(1, round);
  for (const TrialRecord& each : round) {
    scene.now += 1;
    scene.progress.on_trial(each);
  }
  EXPECT_THAT(scene.shown.back(), HasSubstr("best mean 0.4200 at B=32 η=0.1"));
}

TEST(Progress, HasALineOfItsOwnForWhatFailed) {
  Scene scene(on_terminal());
  TrialRecord record = trial(Stage::base, 32);
  record.id = 7;
  record.result = {};
  record.result.message = "no space\x1b[2J left";
  scene.progress.on_round(1, std::vector<TrialRecord>{record});
  scene.progress.on_retry(record);
  EXPECT_EQ(scene.shown.back(),
            "\r\x1b[Ketalon: trial 7 (B=32, η=0.1, seed 1) failed and is tried again: "
            "no space?[2J left\n");
  scene.progress.on_trial(record);
  const std::string& said = scene.shown[scene.shown.size() - 2];
  EXPECT_THAT(said, HasSubstr("trial 7 (B=32, η=0.1, seed 1) failed: no space"));
}

TEST(Progress, CountsTheTrialsThatAResumedStudyHas) {
  Scene scene(on_terminal());
  const std::vector<TrialRecord> stored(7, trial(Stage::base, 32));
  scene.progress.on_stored(stored);
  scene.progress.on_round(2, std::vector<TrialRecord>{trial(Stage::base, 32)});
  EXPECT_THAT(scene.shown.back(), HasSubstr("7 of ~"));
}

TEST(Progress, LivesWithItsTickerAndLeavesNothingRunning) {
  std::FILE* sink = std::tmpfile();
  make_progress(sink, false, {}, small_study())
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
