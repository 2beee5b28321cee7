#include "runs/run_on_all_processors.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace etalon {
namespace {

TEST(RunOnAllProcessors, DoesEachPieceOnce) {
  for (const std::size_t count : {0u, 1u, 7u, 1000u}) {
    std::vector<std::atomic<int>> done(count);
    run_on_all_processors(count, [&](std::size_t i) { ++done[i]; });
    for (const auto& each : done) EXPECT_EQ(each, 1);
  }
}

TEST(RunOnAllProcessors, ThrowsWhatAPieceThrows) {
  const auto fail = [](std::size_t i) {
    if (i == 500) throw std::runtime_error("the piece");
  };
  EXPECT_THROW(run_on_all_processors(1000, fail), std::runtime_error);
}

}  // namespace
}  // namespace etalon
