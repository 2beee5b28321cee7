// What seeds have of their own, against the analysis of variance and against what was simulated.
#include "optimum/seed_noise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "optimum/loss_table.hpp"

namespace etalon {
namespace {

struct Simulated {
  int rows = 5, seeds = 4;
  double white = 0.01;  // deviation of what no other run shares
  double shift = 0.0;   // of a seed's own optimum, in ln lr
  double curvature = 0.05;

  std::vector<Observation> run(RandomStream& stream) const {
    std::vector<Observation> runs;
    for (int seed = 1; seed <= seeds; ++seed) {
      const double offset = 0.05 * stream.normal(), own = shift * stream.normal();
      for (int row = 0; row < rows; ++row) {
        const double x = 0.5 * std::log(2.0) * (row - rows / 2);
        const double loss = 0.5 * curvature * (x - own) * (x - own) + offset;
        runs.push_back({64.0, 0.1 * std::exp(x), static_cast<std::uint64_t>(seed),
                        loss + white * stream.normal()});
      }
    }
    return runs;
  }
};

// Of rows and seeds, by the textbook.
double residual_squares(const std::vector<Observation>& runs, const Simulated& simulated) {
  const auto rows = static_cast<std::size_t>(simulated.rows);
  const auto seeds = static_cast<std::size_t>(simulated.seeds);
  std::vector<double> of_row(rows), of_seed(seeds);
  double mean = 0.0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    of_row[i % rows] += *runs[i].loss / simulated.seeds;
    of_seed[i / rows] += *runs[i].loss / simulated.rows;
    mean += *runs[i].loss / static_cast<double>(runs.size());
  }
  double squares = 0.0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const double off = *runs[i].loss - of_row[i % rows] - of_seed[i / rows] + mean;
    squares += off * off;
  }
  return squares;
}

TEST(SeedNoise, IsTheTwoWayAnalysisOfVarianceWhereSeedsOnlyShiftTheLoss) {
  RandomStream stream(7, "seed noise");
  Simulated simulated;
  simulated.rows = 3;
  const auto runs = simulated.run(stream);
  const ReplicateEvidence evidence = replicate_evidence(LossTable(runs));
  EXPECT_NEAR(evidence.degrees, 6.0, 1e-9);
  ASSERT_EQ(evidence.growth, 0.0);
  EXPECT_NEAR(evidence.squares[0], residual_squares(runs, simulated), 1e-12);
}

TEST(SeedNoise, FindsWhatSeedsHaveOfTheirOwn) {
  RandomStream stream(8, "seed noise");
  const Simulated alike;
  Simulated shifted = alike;
  shifted.shift = 0.6;
  double without = 0.0, with = 0.0, of_none = 0.0, of_most = 0.0;
  for (int i = 0; i < 200; ++i) {
    const ReplicateEvidence a = replicate_evidence(LossTable(alike.run(stream)));
    const ReplicateEvidence b = replicate_evidence(LossTable(shifted.run(stream)));
    without += a.squared_shift / 200;
    with += b.squared_shift / 200;
    const auto log_ratio = [](const ReplicateEvidence& e) {  // of the greatest share to none
      return -0.5 * e.degrees * std::log(e.squares.back() / e.squares[0]) -
             0.5 * (e.log_determinants.back() - e.log_determinants[0]);
    };
    of_none += log_ratio(a) / 200;
    of_most += log_ratio(b) / 200;
  }
  // The truth is 0, and (0.6 * 0.05 / 0.01)^2 = 9, with a prior whose median is 0.09 between them.
  EXPECT_LT(without, 0.3);
  EXPECT_GT(with, 1.0);
  EXPECT_LT(of_none, 0.0);
  EXPECT_GT(of_most, 0.0);
}

TEST(SeedNoise, IsNotToldByRunsThatShareNone) {
  RandomStream stream(9, "seed noise");
  auto runs = Simulated{}.run(stream);
  for (Observation& run : runs) run.seed.reset();
  const ReplicateEvidence evidence = replicate_evidence(LossTable(runs));
  EXPECT_EQ(evidence.degrees, 15.0);
  EXPECT_EQ(evidence.squares[0], evidence.squares.back());
  EXPECT_EQ(evidence.squared_shift, 0.0);
}

TEST(SeedNoise, HasNoDegreesWithoutReplicates) {
  RandomStream stream(10, "seed noise");
  Simulated simulated;
  simulated.seeds = 1;
  EXPECT_EQ(replicate_evidence(LossTable(simulated.run(stream))).degrees, 0.0);
}

}  // namespace
}  // namespace etalon
