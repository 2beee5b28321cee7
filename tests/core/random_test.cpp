#include "core/random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace etalon {
namespace {

// Known answers of the Random123 distribution (kat_vectors, philox4x32 10).
TEST(Philox, GivesThePublishedKnownAnswers) {
  EXPECT_EQ(philox4x32_10({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32_10({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(
      philox4x32_10({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
      (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, DependsOnSeedAndNameAlone) {
  RandomStream a(7, "init"), same(7, "init"), other_name(7, "order"), other_seed(8, "init");
  const auto first = a.next_uint64();
  EXPECT_EQ(first, same.next_uint64());
  EXPECT_NE(first, other_name.next_uint64());
  EXPECT_NE(first, other_seed.next_uint64());
}

TEST(RandomStream, NormalHasTheMomentsOfAStandardNormal) {
  RandomStream stream(1, "moments");
  constexpr int n = 200000;
  double sum = 0, squares = 0, fourths = 0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal();
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  // Five standard errors of each moment.
  EXPECT_NEAR(sum / n, 0.0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1.0, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(fourths / n, 3.0, 5 * std::sqrt(96.0 / n));
}

TEST(RandomStream, BelowIsUniformOverABoundThatDoesNotDivideTwoToThe32) {
  RandomStream stream(3, "below");
  std::array<int, 7> counts{};
  constexpr int n = 70000;
  for (int i = 0; i < n; ++i) ++counts.at(stream.below(7));
  for (const int count : counts) EXPECT_NEAR(count, n / 7, 5 * std::sqrt(n / 7.0));
}

TEST(RandomPermutation, HoldsEveryIndexOnceAndMoves) {
  RandomStream stream(5, "order");
  auto order = random_permutation(1000, stream);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
}

}  // namespace
}  // namespace etalon
