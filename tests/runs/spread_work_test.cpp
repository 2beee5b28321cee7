#include "runs/spread_work.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace etalon {
namespace {

TEST(SpreadWork, DoesEachPieceOnce) {
  for (const std::size_t count : {0u, 1u, 7u, 1000u}) {
    std::vector<std::atomic<int>> done(count);
    spread_work(count, [&](std::size_t i) { ++done[i]; });
    for (const auto& each : done) EXPECT_EQ(each, 1);
  }
}

TEST(SpreadWork, ThrowsWhatAPieceThrows) {
  const auto fail = [](std::size_t i) {
    if (i == 500) throw std::runtime_error("the piece");
  };
  EXPECT_THROW(spread_work(1000, fail), std::runtime_error);
}

}  // namespace
}  // namespace etalon
