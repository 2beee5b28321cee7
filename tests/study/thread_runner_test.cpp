#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <system_error>
#include <thread>

#include "core/threads.hpp"
#include "etalon/error.hpp"
#include "etalon/runner.hpp"
#include "study/study_fixture.hpp"

namespace etalon {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

// Reports three points, then waits to be stopped where its learning rate is 1.
class Talking : public Workload {
 public:
  WorkloadInfo info() const override { return {}; }
  TrialResult run(const TrialSpec& spec, TrialMonitor& monitor) const override {
    CurvePoint point;
    for (point.step = 1; point.step <= 3; ++point.step) monitor.report(point);
    while (spec.lr == 1.0 && !monitor.should_stop()) std::this_thread::yield();
    TrialResult result = result_in(spec.lr == 1.0 ? TrialState::interrupted : TrialState::finished);
    result.objective = spec.lr;
    return result;
  }
};

// What the trials of the runner say until `ends` of them have ended.
std::vector<TrialEvent> events_of(TrialRunner& runner, int ends) {
  std::vector<TrialEvent> events;
  while (ends > 0) {
    auto event = runner.wait(10s);
    if (!event) break;
    ends -= !std::holds_alternative<CurvePoint>(event->what);
    events.push_back(std::move(*event));
  }
  return events;
}

TEST(ThreadRunner, TellsThePointsOfATrialInOrderAndThenItsEnd) {
  const Talking workload;
  ThreadRunner runner(workload, 2);
  runner.start(7, {32, 0.5, 1});
  runner.start(8, {32, 0.25, 1});
  std::map<std::int64_t, std::vector<TrialEvent>> by_trial;
  for (TrialEvent& event : events_of(runner, 2)) by_trial[event.trial].push_back(std::move(event));
  ASSERT_EQ(by_trial.size(), 2u);
  for (const auto& [trial, events] : by_trial) {
    ASSERT_EQ(events.size(), 4u);
    for (std::int64_t step = 1; step <= 3; ++step) {
      EXPECT_EQ(std::get<CurvePoint>(events[static_cast<std::size_t>(step - 1)].what).step, step);
    }
    const auto& result = std::get<TrialResult>(events.back().what);
    EXPECT_EQ(result.objective, trial == 7 ? 0.5 : 0.25);
    EXPECT_EQ(result.curve.size(), 3u);
    EXPECT_GT(result.wall_seconds, 0.0);
  }
}

TEST(ThreadRunner, SaysNothingWhereNothingIsSaid) {
  const Talking workload;
  ThreadRunner runner(workload, 1);
  EXPECT_FALSE(runner.wait(1ms));
}

TEST(ThreadRunner, StopsTheTrialThatItIsAskedToAndNoOther) {
  const Talking workload;
  ThreadRunner runner(workload, 2);
  runner.start(1, {32, 1.0, 1});
  runner.start(2, {32, 1.0, 2});
  runner.abort(2);
  const auto events = events_of(runner, 1);
  EXPECT_EQ(events.back().trial, 2);
  EXPECT_EQ(std::get<TrialResult>(events.back().what).state, TrialState::interrupted);
  runner.abort(2);  // it has ended
  EXPECT_FALSE(runner.wait(1ms) && runner.wait(1ms) && runner.wait(1ms) && runner.wait(1ms));
  runner.abort(1);
  EXPECT_EQ(events_of(runner, 1).back().trial, 1);
}

TEST(ThreadRunner, RunsNothingThatWasStoppedBeforeItsTurn) {
  const Talking workload;
  ThreadRunner runner(workload, 1);
  runner.start(1, {32, 1.0, 1});
  runner.start(2, {32, 0.5, 1});
  runner.abort(2);
  runner.abort(1);
  for (const TrialEvent& event : events_of(runner, 2)) {
    if (event.trial == 2) {
      EXPECT_EQ(std::get<TrialResult>(event.what).state, TrialState::interrupted);
    }
  }
}

TEST(ThreadRunner, StopsWhatRunsWhenItGoesAway) {
  const Talking workload;
  ThreadRunner runner(workload, 2);
  for (std::int64_t trial = 1; trial <= 4; ++trial) runner.start(trial, {32, 1.0, 1});
}

TEST(ThreadRunner, RunsOnNoMoreThreadsThanTrialsNeed) {
  const Talking workload;
  int started = 0;
  ThreadRunner runner(workload, 100, [&](std::function<void()> work) {
    ++started;
    return start_worker(std::move(work));
  });
  runner.start(1, {32, 0.5, 1});
  runner.start(2, {32, 0.5, 2});
  events_of(runner, 2);
  runner.start(3, {32, 0.5, 3});
  events_of(runner, 1);
  EXPECT_EQ(started, 2);
}

// A system that has `allowed` threads to give.
ThreadRunner::StartThread few_threads(int allowed) {
  return [allowed](std::function<void()> work) mutable {
    if (allowed-- <= 0) {
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    }
    return start_worker(std::move(work));
  };
}

TEST(ThreadRunner, GoesOnWithTheThreadsThatThereAre) {
  const auto workload = noisy_quadratic_workload();
  ThreadRunner runner(workload, 8, few_threads(2));
  MemoryStore store;
  StudyObserver observer;
  const auto result =
      run_study(workload.info(), runner, small_options(), store, observer, StopFlag{});
  EXPECT_EQ(runner.slots(), 2);
  EXPECT_EQ(essence(result.trials), essence(run(workload, small_options()).trials));
  EXPECT_EQ(store.records().size(), result.trials.size());
}

TEST(ThreadRunner, EndsTheStudyWithAWordWhereThereIsNoThreadAtAll) {
  const auto workload = noisy_quadratic_workload();
  ThreadRunner runner(workload, 8, few_threads(0));
  MemoryStore store;
  StudyObserver observer;
  try {
    run_study(workload.info(), runner, small_options(), store, observer, StopFlag{});
    FAIL() << "nothing can run";
  } catch (const RunError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no thread can be started"));
  }
}

}  // namespace
}  // namespace etalon
