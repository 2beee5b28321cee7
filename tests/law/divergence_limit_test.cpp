#include "law/divergence_limit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace etalon {
namespace {

// Half-octave sweeps about 1e-2 of a bowl, diverging above `limit(batch_size)`.
template <class Limit>
Sweep sweep(const std::vector<double>& batch_sizes, Limit limit) {
  std::vector<Observation> runs;
  for (const double batch_size : batch_sizes) {
    for (int step = -6; step <= 6; ++step) {
      const double lr = 1e-2 * std::exp2(0.5 * step);
      const double z = std::log(lr / 5e-3);
      Observation run{batch_size, lr, 1, 2.0 + 0.02 * z * z};
      if (lr > limit(batch_size)) run.loss.reset();
      runs.push_back(run);
    }
  }
  return make_sweep(runs);
}

double probability(const DivergenceLimit& limit, const Sweep& sweep, double batch_size, double lr) {
  return limit.probability(sweep.u_of(batch_size), sweep.v_of(lr));
}

TEST(DivergenceLimit, IsNowhereWhereNoRunDiverged) {
  const Sweep runs = sweep({16, 64}, [](double) { return 1.0; });
  EXPECT_EQ(DivergenceLimit(runs, UpdateKind::sgd).probability(3.0, 9.0), 0.0);
}

TEST(DivergenceLimit, StaysWhereItIsTheSameAtEveryBatchSize) {
  const Sweep runs = sweep({16, 64, 256}, [](double) { return 0.03; });
  const DivergenceLimit limit(runs, UpdateKind::sgd);
  EXPECT_LT(probability(limit, runs, 512, 0.015), 0.05);
  EXPECT_GT(probability(limit, runs, 512, 0.06), 0.8);
}

TEST(DivergenceLimit, RisesWithTheBatchSizeWhereItDid) {
  const Sweep runs = sweep({16, 32, 64}, [](double batch_size) { return 6e-4 * batch_size; });
  const DivergenceLimit limit(runs, UpdateKind::sgd);
  EXPECT_LT(probability(limit, runs, 128, 0.045), 0.2);
  EXPECT_GT(probability(limit, runs, 128, 0.2), 0.9);
}

// Far too high a loss that is finite says that a learning rate is bad, not that it diverges.
TEST(DivergenceLimit, CountsOnlyRunsWithoutALoss) {
  std::vector<Observation> runs;
  for (int step = -6; step <= 6; ++step) {
    const double lr = 1e-2 * std::exp2(0.5 * step);
    runs.push_back({16, lr, 1, step > 3 ? 50.0 : 2.0 + 0.02 * std::pow(step, 2)});
  }
  EXPECT_EQ(DivergenceLimit(make_sweep(runs), UpdateKind::sgd).probability(0.0, 9.0), 0.0);
}

}  // namespace
}  // namespace etalon
