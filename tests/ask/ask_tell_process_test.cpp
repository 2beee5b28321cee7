// Real processes that ask and tell at once, and ones that are killed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "core/random.hpp"
#include "etalon/ask_tell.hpp"
#include "support/child_process.hpp"
#include "support/temporary_directory.hpp"

namespace etalon {
namespace {

using testing::ChildProcess;

double loss_of(const TrialSpec& spec) {
  const double octaves = std::log2(spec.lr / 0.003);
  return 2.0 + 0.01 * octaves * octaves + 0.0001 * static_cast<double>(spec.seed);
}

// Asks and tells `times` runs, and says the number of each once it is told.
void work(const std::filesystem::path& path, int times, const ChildProcess::Say& say) {
  for (int i = 0; i < times; ++i) {
    AskTell study(path);
    const AskedTrial run = study.ask({}, {.batch_sizes = {64, 512}, .seeds = 2}).trial;
    study.tell(run.id, TrialOutcome::of_loss(loss_of(run.spec)));
    say(fmt::format("{} ", run.id));
  }
}

std::vector<std::int64_t> numbers_in(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::int64_t> numbers;
  for (std::int64_t number = 0; stream >> number;) numbers.push_back(number);
  return numbers;
}

class AskTellProcess : public ::testing::Test {
 protected:
  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "study.db";
};

TEST_F(AskTellProcess, GivesManyProcessesAtOnceDistinctRunsFromTheFirstOn) {
  constexpr int kProcesses = 12, kRuns = 5;
  std::vector<std::unique_ptr<ChildProcess>> children;
  for (int i = 0; i < kProcesses; ++i) {
    children.push_back(std::make_unique<ChildProcess>(
        [&](const ChildProcess::Say& say) { work(path_, kRuns, say); }));
  }
  std::multiset<std::int64_t> told;
  for (const auto& child : children) {
    const std::string said = child->listen_to_end();
    const auto numbers = numbers_in(said);
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(kRuns)) << said;
    told.insert(numbers.begin(), numbers.end());
  }
  const auto runs = AskTell(path_).trials();
  ASSERT_EQ(runs.size(), static_cast<std::size_t>(kProcesses * kRuns));
  std::set<TrialSpec> specs;
  for (const AskedTrial& run : runs) {
    EXPECT_TRUE(specs.insert(run.spec).second);
    EXPECT_EQ(told.count(run.id), 1u) << run.id;
    EXPECT_EQ(run.loss, loss_of(run.spec));
  }
}

// Killed at any moment, twenty times: what was told is there, and at most one run is left pending
// by each.
TEST_F(AskTellProcess, LosesNothingThatWasToldWhenItIsKilled) {
  RandomStream random(14, "moments to kill at");
  std::set<std::int64_t> told;
  constexpr int kRounds = 20;
  for (int round = 0; round < kRounds; ++round) {
    ChildProcess child([&](const ChildProcess::Say& say) { work(path_, 1000, say); });
    std::string said = child.listen();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(60000)));
    child.kill();
    said += child.listen_to_end();
    for (const std::int64_t id : numbers_in(said)) told.insert(id);
    ASSERT_FALSE(told.empty()) << said;
    std::map<std::int64_t, AskedTrial> runs;
    for (const AskedTrial& run : AskTell(path_).trials()) runs[run.id] = run;
    for (const std::int64_t id : told) ASSERT_EQ(runs.at(id).loss, loss_of(runs.at(id).spec));
  }
  std::size_t pending = 0;
  for (const AskedTrial& run : AskTell(path_).trials()) pending += run.state == TrialState::pending;
  EXPECT_LE(pending, static_cast<std::size_t>(kRounds));
}

TEST_F(AskTellProcess, CanBeKilledWhileItMakesTheStudy) {
  RandomStream random(15, "moments to kill at");
  for (int round = 0; round < 20; ++round) {
    const auto path = directory_.path() / fmt::format("study{}.db", round);
    ChildProcess child([&](const ChildProcess::Say& say) {
      say(".");
      work(path, 1, say);
    });
    child.listen();
    std::this_thread::sleep_for(std::chrono::microseconds(random.below(10000)));
    child.kill();
    AskTell study(path);
    EXPECT_LE(study.trials().size(), 1u);
    EXPECT_LE(study.ask(64).trial.id, 2);
  }
}

}  // namespace
}  // namespace etalon
