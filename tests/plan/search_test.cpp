#include "plan/search.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace etalon {
namespace {

using ::testing::Contains;
using ::testing::Not;

const SearchOptions kSearch{.lattice = {0.1}, .first_seed = 1, .seeds = 3};

Observation ended(int half_octaves, std::optional<double> loss, std::uint64_t seed = 1) {
  return {32, kSearch.lattice.lr(half_octaves * Lattice::kHalfOctave), seed, loss};
}

RunPoint at(int half_octaves, std::uint64_t seed) {
  return {kSearch.lattice.lr(half_octaves * Lattice::kHalfOctave), seed};
}

// Good on both sides of what diverged half an octave above the centre.
SearchHistory contradicted() {
  return {{ended(-4, 0.9), ended(-2, 0.28), ended(0, 0.3), ended(1, {}), ended(2, 0.29),
           ended(6, 0.9)}};
}

TEST(Search, TriesNothingAtOrAboveADivergence) {
  const SearchHistory bounded{{ended(-2, 0.28), ended(0, 0.3), ended(1, {}), ended(2, 0.9)}};
  const double above[] = {at(3, 1).lr, at(4, 1).lr};
  const auto requests = begin_search(bounded, above, kSearch);
  EXPECT_THAT(requests, Not(Contains(at(3, 1))));
  EXPECT_THAT(requests, Not(Contains(at(4, 1))));
}

TEST(Search, TakesALossHalfAnOctaveBeyondAnOctaveForItsBound) {
  const SearchHistory history{{ended(-3, 0.5), ended(-1, 0.35), ended(0, 0.3), ended(1, 0.35)}};
  const auto requests = next_of_search(history, kSearch);
  EXPECT_THAT(requests, Not(Contains(at(-2, 1))));
  EXPECT_THAT(requests, Contains(at(2, 1)));
}

TEST(Search, TakesADivergenceBelowAGoodRunForNoBound) {
  const double above[] = {at(3, 1).lr};
  EXPECT_THAT(begin_search(contradicted(), above, kSearch), Contains(at(3, 1)));
}

TEST(Search, AsksTheOtherSeedsWhetherAContradictedDivergenceHolds) {
  SearchHistory history{{ended(-3, 0.6), ended(-2, 0.5), ended(-1, 0.4), ended(0, {}),
                         ended(1, 0.3), ended(2, 0.2), ended(3, 0.3), ended(4, 0.4)}};
  std::vector<RunPoint> asked;
  for (int round = 0; round < 20; ++round) {
    const auto next = next_of_search(history, kSearch);
    if (next.empty()) break;
    for (const RunPoint& request : next) {
      asked.push_back(request);
      const double octaves = std::log2(request.lr / at(2, 1).lr);
      history.observations.push_back({32, request.lr, request.seed, 0.2 + 0.1 * std::abs(octaves)});
    }
  }
  EXPECT_THAT(asked, Contains(at(0, 2)));
  EXPECT_THAT(asked, Contains(at(0, 3)));
  EXPECT_THAT(asked, Not(Contains(at(0, 1))));
}

}  // namespace
}  // namespace etalon
