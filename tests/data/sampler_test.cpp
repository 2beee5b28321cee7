#include "data/sampler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace etalon {
namespace {

// The first `count` indices of the stream, drawn in batches of `batch_size`.
std::vector<std::uint32_t> draw(Sampler& sampler, std::size_t count, std::size_t batch_size) {
  std::vector<std::uint32_t> stream(count);
  for (std::size_t i = 0; i < count; i += batch_size) {
    sampler.next(std::span(stream).subspan(i, std::min(batch_size, count - i)));
  }
  return stream;
}

std::vector<std::uint32_t> draw(std::uint32_t size, std::uint64_t seed, std::size_t count,
                                std::size_t batch_size) {
  Sampler sampler(size, seed);
  return draw(sampler, count, batch_size);
}

TEST(Sampler, GivesTheSameStreamWhateverTheBatchSize) {
  const auto stream = draw(103, 5, 1000, 1);
  for (const std::size_t batch_size : {2, 7, 64, 103, 104, 500, 1000}) {
    EXPECT_EQ(draw(103, 5, 1000, batch_size), stream) << batch_size;
  }
}

TEST(Sampler, GivesEveryExampleOnceAnEpochThoughBatchesCrossItsEnd) {
  Sampler sampler(50, 1);
  const auto stream = draw(sampler, 500, 8);
  std::vector<std::uint32_t> all(50);
  std::iota(all.begin(), all.end(), 0u);
  for (std::size_t epoch = 0; epoch < 10; ++epoch) {
    std::vector<std::uint32_t> seen(stream.begin() + static_cast<std::ptrdiff_t>(epoch * 50),
                                    stream.begin() + static_cast<std::ptrdiff_t>(epoch * 50 + 50));
    EXPECT_NE(seen, all);
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, all) << "epoch " << epoch;
  }
}

TEST(Sampler, ShufflesEveryEpochAnewAndEverySeedOtherwise) {
  const auto stream = draw(100, 1, 200, 10);
  EXPECT_FALSE(std::equal(stream.begin(), stream.begin() + 100, stream.begin() + 100));
  EXPECT_NE(draw(100, 2, 200, 10), stream);
}

TEST(Sampler, FillsABatchLargerThanTheDataSet) {
  auto batch = draw(3, 9, 12, 12);
  std::sort(batch.begin(), batch.end());
  EXPECT_EQ(batch, (std::vector<std::uint32_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
}

TEST(Sampler, RepeatsTheOnlyExample) {
  EXPECT_EQ(draw(1, 9, 4, 2), (std::vector<std::uint32_t>{0, 0, 0, 0}));
}

// Of 24 orders of 4 examples, each should come up in 1 of 24 epochs, in the first epochs of many
// seeds as in the later epochs of one.
TEST(Sampler, DrawsEveryOrderEquallyOften) {
  constexpr int kDraws = 24000;
  std::vector<int> by_seed(4 * 4 * 4 * 4), by_epoch(4 * 4 * 4 * 4);
  const auto code = [](const std::vector<std::uint32_t>& order) {
    return ((order[0] * 4 + order[1]) * 4 + order[2]) * 4 + order[3];
  };
  Sampler one(4, 77);
  for (int i = 0; i < kDraws; ++i) {
    ++by_seed[code(draw(4, static_cast<std::uint64_t>(i), 4, 4))];
    ++by_epoch[code(draw(one, 4, 4))];
  }
  for (const auto& counts : {by_seed, by_epoch}) {
    EXPECT_EQ(std::count_if(counts.begin(), counts.end(), [](int n) { return n > 0; }), 24);
    double chi_squared = 0.0;
    for (const int n : counts) {
      if (n > 0) chi_squared += (n - kDraws / 24.0) * (n - kDraws / 24.0) / (kDraws / 24.0);
    }
    EXPECT_LT(chi_squared, 49.7);  // the 99.9th percentile with 23 degrees of freedom
  }
}

}  // namespace
}  // namespace etalon
