#include "watch/terminal_view.hpp"

#include <gmock/gmock.h>

#include "support/synthetic_study.hpp"

namespace etalon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

WatchedStudy half_a_study() {
  WatchedStudy study;
  study.result = testing::synthetic_study();
  study.result.interrupted = true;
  study.outlook = {.ended = 20, .expected = 40, .seconds_left = 125.0, .cost_left = 1.5};
  study.open = {{"sqrt", 64, 6}, {"linear", 512, {}}};
  return study;
}

LiveTrial running_trial() {
  LiveTrial trial;
  trial.record.id = 100'000;
  trial.record.spec = {64, 0.2, 1, {}};
  trial.started = 940.0;
  for (const double loss : {2.5, 1.5, 0.5}) {
    LivePoint live;
    live.point.step = 10;
    live.point.validation_loss = loss;
    trial.points.push_back(live);
  }
  return trial;
}

std::string view(const WatchedStudy& study, const std::vector<const LiveTrial*>& live = {}) {
  return terminal_view(study, live, {true, 0.0, 1000.0}, {});
}

TEST(TerminalView, SaysWhatIsLeftAndWhatWouldSettleWhatIsOpen) {
  const std::string text = view(half_a_study());
  EXPECT_THAT(text, HasSubstr("20 of about 40 trials, about 2:05 left, which cost about 1.50.\n"));
  EXPECT_THAT(text, HasSubstr("  whether sqrt holds at B=64: about 6 more trials\n"));
  EXPECT_THAT(text, HasSubstr("  whether linear holds at B=512: so near the tolerance"));
  EXPECT_THAT(text, Not(HasSubstr("Under way")));
}

TEST(TerminalView, DrawsTheCurveOfWhatRuns) {
  const LiveTrial trial = running_trial();
  EXPECT_THAT(
      view(half_a_study(), {&trial}),
      HasSubstr("Under way\n  trial 100000 (B=64, η=0.2, seed 1), 1:00, step 10: 0.5000  █▅▁\n"));
}

TEST(TerminalView, PrintsNothingThatATerminalWouldActOn) {
  WatchedStudy study = half_a_study();
  study.result.trials[0].result.state = TrialState::failed;
  study.result.trials[0].result.message = "boom\x1b[2J\nTraceback\n  line";
  const std::string text = view(study);
  EXPECT_THAT(text, HasSubstr("): boom?[2J\n    Traceback\n      line\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(TerminalView, SaysThatAStudyIsComplete) {
  WatchedStudy study = half_a_study();
  study.result.interrupted = false;
  EXPECT_THAT(view(study), HasSubstr("Complete: 20 trials.\n"));
}

}  // namespace
}  // namespace etalon
