// What the batch sizes of one setting tell each other: the noise and the shape of the bowl, as far
// as they agree. Figures are printed with their seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "core/random.hpp"
#include "etalon/error.hpp"
#include "etalon/loss_bowls.hpp"
#include "optimum/coverage_tally.hpp"

namespace etalon {
namespace {

using testing::kSeed;
using testing::Tally;

double optimum_at(double batch_size) { return 1e-3 * std::sqrt(batch_size / 64.0); }

// Six batch sizes by six learning rates a factor of two apart, one seed; the bowl's rate above
// differs by the factor e^spread between batch sizes.
std::vector<Observation> sweep(double spread, RandomStream& stream) {
  std::vector<Observation> runs;
  for (int b = 0; b < 6; ++b) {
    const double batch_size = 32.0 * std::exp2(b);
    const double rate = std::exp(spread * stream.normal());
    const double shift = stream.uniform() - 0.5;
    for (int i = -3; i <= 2; ++i) {
      const double lr = 1e-3 * std::exp2(i + 0.5 * (b - 1) + shift);
      const double z = rate * std::log(lr / optimum_at(batch_size));
      const double rise = 0.06 / (rate * rate) * (std::expm1(z) - z);
      runs.push_back({batch_size, lr, 1, 2.0 + rise + 0.002 * stream.normal()});
    }
  }
  return runs;
}

struct Widths {
  Tally tally;
  double log_width = 0.0;  // mean, of closed intervals
};

void add(const std::vector<Optimum>& optima, Widths& widths) {
  for (const Optimum& optimum : optima) {
    if (optimum.censored != Censoring::none) continue;
    widths.tally.add(optimum_at(optimum.batch_size), optimum.lr_low, optimum.lr_high);
    if (optimum.lr_low && optimum.lr_high) {
      widths.log_width += std::log(*optimum.lr_high / *optimum.lr_low);
    }
  }
}

std::vector<Optimum> each_alone(const std::vector<Observation>& runs) {
  std::set<double> batch_sizes;
  for (const Observation& run : runs) batch_sizes.insert(run.batch_size);
  std::vector<Optimum> optima;
  for (const double batch_size : batch_sizes) {
    std::vector<Observation> here;
    for (const Observation& run : runs) {
      if (run.batch_size == batch_size) here.push_back(run);
    }
    optima.push_back(estimate_optimum(here, {.level = 0.8}));
  }
  return optima;
}

TEST(BatchSizesTogether, ShareTheirNoiseAndTheirShape) {
  for (const double spread : {0.0, 0.5}) {
    RandomStream stream(kSeed, fmt::format("together {}", spread));
    Widths together, alone;
    for (int i = 0; i < 40; ++i) {
      const auto runs = sweep(spread, stream);
      add(estimate_optima(runs, {.level = 0.8}), together);
      add(each_alone(runs), alone);
    }
    const auto mean = [](const Widths& widths) {
      return widths.log_width / (widths.tally.total - widths.tally.unbounded);
    };
    together.tally.print(fmt::format("80% intervals together, shapes {} apart", spread));
    alone.tally.print(fmt::format("80% intervals alone, shapes {} apart", spread));
    fmt::print("mean width {:.3f} together, {:.3f} alone\n", mean(together), mean(alone));
    EXPECT_GE(together.tally.rate(), 0.74);
    EXPECT_LT(mean(together), mean(alone));
  }
}

TEST(BatchSizesTogether, GiveTheOptimaThatEstimateOptimaGives) {
  RandomStream stream(kSeed, "same");
  const auto runs = sweep(0.0, stream);
  const LossBowls bowls(runs);
  const auto optima = bowls.optima({.level = 0.8});
  const auto others = estimate_optima(runs, {.level = 0.8});
  ASSERT_EQ(optima.size(), 6u);
  ASSERT_EQ(others.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(optima[i].lr, others[i].lr);
    EXPECT_EQ(optima[i].batch_size, 32.0 * std::exp2(i));
  }
}

// An interval that holds a learning rate, and a verdict that it loses, would contradict each other.
TEST(BatchSizesTogether, TellNoLossWhereTheOptimumMayLie) {
  RandomStream stream(kSeed, "consistent");
  for (int i = 0; i < 10; ++i) {
    auto runs = sweep(0.0, stream);
    const auto first = runs;
    for (Observation run : first) {  // a second seed
      run.seed = 2;
      *run.loss += 0.01 + 0.002 * stream.normal();
      runs.push_back(run);
    }
    const LossBowls bowls(runs);
    for (const Optimum& optimum : bowls.optima({})) {
      const Regret best = bowls.regret(optimum.batch_size, optimum.best_lr, {});
      const bool is_inside = optimum.lr_low.value_or(0) <= optimum.best_lr &&
                             optimum.best_lr <= optimum.lr_high.value_or(1e9);
      EXPECT_TRUE(!is_inside || *best.regret_low == 0.0) << optimum.batch_size;
    }
  }
}

TEST(BatchSizesTogether, RefuseABatchSizeThatWasNotRun) {
  RandomStream stream(kSeed, "refuse");
  const LossBowls bowls(sweep(0.0, stream));
  EXPECT_THROW(bowls.regret(48.0, 1e-3, {}), InputError);
  EXPECT_THROW(bowls.regret(64.0, 3.0, {}), InputError);
}

}  // namespace
}  // namespace etalon
