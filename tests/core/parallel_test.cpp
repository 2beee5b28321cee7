#include "core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

namespace etalon {
namespace {

TEST(ParallelFor, DoesEveryIndexOnceAndHandlesItOnTheCallingThread) {
  std::vector<std::atomic<int>> worked(1000);
  std::set<std::size_t> handled;
  const auto caller = std::this_thread::get_id();
  parallel_for(
      1000, 8, [&](std::size_t i) { ++worked[i]; },
      [&](std::size_t i) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        EXPECT_EQ(worked[i], 1);
        EXPECT_TRUE(handled.insert(i).second);
      });
  EXPECT_EQ(handled.size(), 1000u);
}

TEST(ParallelFor, StartsInOrder) {
  std::vector<std::size_t> started;
  parallel_for(
      100, 1, [&](std::size_t i) { started.push_back(i); }, [](std::size_t) {});
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(started[i], i);
}

TEST(ParallelFor, ReturnsAtOnceWithNothingToDo) {
  parallel_for(
      0, 4, [](std::size_t) { FAIL(); }, [](std::size_t) { FAIL(); });
}

TEST(ParallelFor, RethrowsWhatAWorkerThrewAndStartsNoMore) {
  std::atomic<int> worked = 0;
  const auto work = [&](std::size_t i) {
    if (i == 5) throw std::runtime_error("the fifth");
    ++worked;
  };
  EXPECT_THROW(parallel_for(100000, 2, work, [](std::size_t) {}), std::runtime_error);
  EXPECT_LT(worked, 100000 - 1);
}

TEST(ParallelFor, RethrowsWhatTheHandlerThrewAndCallsItNoMore) {
  int handled = 0;
  const auto handle = [&](std::size_t) {
    if (++handled == 3) throw std::runtime_error("the third");
  };
  EXPECT_THROW(parallel_for(
                   1000, 4, [](std::size_t) {}, handle),
               std::runtime_error);
  EXPECT_EQ(handled, 3);
}

}  // namespace
}  // namespace etalon
