// Programs that are stopped where their metric comes to a target, by a runner that plays them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <vector>

#include "etalon/error.hpp"
#include "etalon/target.hpp"

namespace etalon {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

constexpr std::int64_t kBatchSize = 8;

// What a program says: values of its metric as losses, at these steps; 0 examples: no step is said.
struct Said {
  std::int64_t step = 0;
  double loss = 0.0;
  bool has_step = true;
};

CurvePoint point_of(const Said& said) {
  CurvePoint point;
  point.step = said.step;
  point.examples = said.has_step ? said.step * kBatchSize : 0;
  point.validation_loss = said.loss;
  return point;
}

// Plays one trial: says what is left to say unless it is stopped, and then ends.
class PlayedRunner final : public TrialRunner {
 public:
  PlayedRunner(std::vector<Said> said, TrialState end, bool is_heard)
      : said_(said.begin(), said.end()), end_(end), is_heard_(is_heard) {}

  std::int64_t slots() const override { return 3; }
  void start(std::int64_t trial, const TrialSpec& /*spec*/) override { trial_ = trial; }
  std::optional<TrialEvent> wait(milliseconds /*at_most*/) override {
    if (!is_stopped && is_heard_ && !said_.empty()) {
      curve_.push_back(point_of(said_.front()));
      said_.pop_front();
      return TrialEvent{trial_, curve_.back()};
    }
    return TrialEvent{trial_, result()};
  }
  void abort(std::int64_t trial) override { is_stopped = trial == trial_; }

  bool is_stopped = false;

 private:
  TrialResult result() {
    if (!is_heard_) {
      for (const Said& each : said_) curve_.push_back(point_of(each));
    }
    TrialResult result;
    result.state = is_stopped ? TrialState::interrupted : end_;
    result.curve = curve_;
    result.steps = curve_.empty() ? 0 : curve_.back().step;
    if (result.state == TrialState::finished) result.objective = curve_.back().validation_loss;
    return result;
  }

  std::deque<Said> said_;
  std::vector<CurvePoint> curve_;
  TrialState end_;
  bool is_heard_;
  std::int64_t trial_ = 0;
};

TrialEvent end_of(const Target& target, const std::vector<Said>& said,
                  TrialState end = TrialState::finished, bool is_heard = true) {
  TargetRunner runner(std::make_unique<PlayedRunner>(said, end, is_heard), target, "val loss",
                      target.accuracy.has_value());
  runner.start(7, {kBatchSize, 0.1, 1});
  for (;;) {
    auto event = runner.wait(milliseconds(0));
    if (!std::holds_alternative<CurvePoint>(event->what)) return *event;
  }
}

TrialResult result_of(const Target& target, const std::vector<Said>& said,
                      TrialState end = TrialState::finished, bool is_heard = true) {
  const TrialEvent event = end_of(target, said, end, is_heard);
  EXPECT_EQ(event.trial, 7);
  return std::get<TrialResult>(event.what);
}

std::string refusal_of(const Target& target, const std::vector<Said>& said) {
  return std::get<InputError>(end_of(target, said).what).what();
}

const std::vector<Said> kFalling = {{10, 0.8}, {20, 0.4}, {30, 0.1}, {40, 0.05}};

TEST(TargetRunner, StopsAProgramWhereItArrives) {
  const TrialResult result = result_of({.loss = 0.2}, kFalling);
  EXPECT_EQ(result.state, TrialState::finished);
  EXPECT_EQ(result.curve.size(), 3u);
  EXPECT_EQ(result.steps, 30);
  EXPECT_NEAR(std::exp(*result.objective), 25.0, 1e-9);  // 0.2 is halfway from 0.4 to 0.1
}

TEST(TargetRunner, JudgesATrialThatNobodyHeardByItsCurve) {
  const TrialResult result = result_of({.loss = 0.2}, kFalling, TrialState::finished, false);
  EXPECT_EQ(result.curve.size(), 4u);
  EXPECT_NEAR(std::exp(*result.objective), 25.0, 1e-9);
}

TEST(TargetRunner, TakesWhatIsMaximizedForAnAccuracyInShareAndInPercent) {
  const std::vector<Said> shares = {{10, -0.2}, {20, -0.6}, {30, -0.9}};
  EXPECT_NEAR(std::exp(*result_of({.accuracy = 0.8}, shares).objective), 25.0, 1e-9);
  const std::vector<Said> percents = {{10, -20.0}, {20, -60.0}, {30, -90.0}};
  EXPECT_NEAR(std::exp(*result_of({.accuracy = 80.0}, percents).objective), 25.0, 1e-9);
}

TEST(TargetRunner, CountsATrialThatDoesNotArriveByHowFarItIs) {
  const TrialResult result = result_of({.loss = 0.2}, {{10, 0.8}, {20, 0.3}});
  EXPECT_NEAR(std::exp(*result.objective), 20.0 * 1.5, 1e-9);
}

TEST(TargetRunner, LeavesWhatEndsOtherwiseAsItIsUnlessItArrivedBefore) {
  for (const TrialState end : {TrialState::failed, TrialState::diverged, TrialState::interrupted}) {
    EXPECT_EQ(result_of({.loss = 0.01}, kFalling, end).state, end);
    EXPECT_EQ(result_of({.loss = 0.2}, kFalling, end).state, TrialState::finished);
  }
}

TEST(TargetRunner, SaysWhatToPrintWhereAMetricHasNoStepOrIsSaidOnce) {
  EXPECT_THAT(refusal_of({.loss = 0.2}, {{1, 0.8, false}, {2, 0.1, false}}),
              HasSubstr("'val loss' is said without the step that it is of"));
  EXPECT_THAT(refusal_of({.loss = 0.2}, {{100, 0.1}}),
              HasSubstr("'val loss' is said once, after 100 steps"));
  EXPECT_THAT(refusal_of({.loss = 0.2}, {{100, 0.1}}), HasSubstr("'step 250: val loss 0.71'"));
}

// What is said before the first step need not say so.
TEST(TargetRunner, ReadsOnWhereOneValueAloneHasNoStep) {
  const TrialResult result = result_of({.loss = 0.2}, {{1, 0.9, false}, {20, 0.4}, {30, 0.1}});
  EXPECT_NEAR(std::exp(*result.objective), 25.0, 1e-9);
}

TEST(TargetRunner, RefusesAShareOfWhatIsInPercent) {
  EXPECT_THAT(refusal_of({.accuracy = 0.8}, {{10, -20.0}, {20, -60.0}}),
              HasSubstr("give the target in percent"));
}

TEST(TargetRunner, RefusesATargetThatTheStartMeets) {
  EXPECT_THAT(refusal_of({.loss = 2.0}, {{0, 1.0}, {10, 0.5}}),
              HasSubstr("loss 2 is there before the first update"));
}

TEST(TargetRunner, RefusesATargetOfTheOtherDirection) {
  const auto make = [](const Target& target, bool maximizes) {
    return TargetRunner(std::make_unique<PlayedRunner>(kFalling, TrialState::finished, true),
                        target, "score", maximizes);
  };
  EXPECT_THROW(make({.loss = 0.2}, true), InputError);
  EXPECT_THROW(make({.accuracy = 0.9}, false), InputError);
  EXPECT_THROW(make({.accuracy = 100.0}, true), InputError);
  EXPECT_EQ(make({.accuracy = 99.0}, true).slots(), 3);
}

}  // namespace
}  // namespace etalon
