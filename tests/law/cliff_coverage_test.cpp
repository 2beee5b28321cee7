// Nominal 80% intervals next to a divergence: skewed bowls whose training diverges above half an
// octave beyond the optimum, from grids that may have nothing between. Every figure is printed with
// its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "core/random.hpp"
#include "etalon/forecaster.hpp"

namespace etalon {
namespace {

constexpr std::uint64_t kSeed = 20261127;
constexpr int kStudies = 40;

struct CliffGrid {
  double spacing;
  int count;  // of learning rates at a batch size; the last diverges, or the last two
};

class Cliff {
 public:
  explicit Cliff(RandomStream& stream)
      : rate_(0.5 + 0.5 * stream.uniform()), place_(0.004 * std::exp2(2.0 * stream.uniform())) {}

  double optimum(double batch_size) const { return place_ * std::sqrt(batch_size / 64.0); }

  void sweep(double batch_size, const CliffGrid& grid, RandomStream& stream,
             std::vector<Observation>& runs) const {
    const double below = static_cast<double>(grid.count) - 2.0 + stream.uniform();
    for (int i = 0; i < grid.count; ++i) {
      const double lr = optimum(batch_size) * std::pow(grid.spacing, i - below);
      const double z = rate_ * std::log(lr / optimum(batch_size));
      Observation& run = runs.emplace_back(Observation{batch_size, lr, 1, std::nullopt});
      if (lr >= 1.5 * optimum(batch_size)) continue;
      run.loss = 2.0 + 0.1 * (std::expm1(z) - z) / (rate_ * rate_) + 0.002 * stream.normal();
    }
  }

 private:
  double rate_, place_;
};

TEST(CliffCoverage, IsNoLessThanStatedWhereARunWas) {
  for (const CliffGrid& grid : {CliffGrid{4.0, 4}, CliffGrid{std::sqrt(10.0), 4}, CliffGrid{2.0, 5},
                                CliffGrid{std::sqrt(2.0), 7}}) {
    RandomStream stream(kSeed, fmt::format("cliff.{}", grid.spacing));
    int at_runs = 0, beyond = 0;
    for (int i = 0; i < kStudies; ++i) {
      const Cliff cliff(stream);
      std::vector<Observation> runs;
      for (const double batch_size : {64.0, 256.0}) cliff.sweep(batch_size, grid, stream, runs);
      const Forecaster forecaster(runs, {});
      const auto holds = [&](double batch_size) {
        const Forecast forecast = forecaster.forecast(batch_size);
        const double optimum = cliff.optimum(batch_size);
        return forecast.lr_low <= optimum && optimum <= forecast.lr_high;
      };
      at_runs += holds(64.0) + holds(256.0);
      beyond += holds(1024.0);
    }
    fmt::print("below a divergence, {:.3g} apart: {} of {} held, {} of {} beyond, seed {}\n",
               grid.spacing, at_runs, 2 * kStudies, beyond, kStudies, kSeed);
    EXPECT_GE(at_runs, 2 * kStudies * 72 / 100) << grid.spacing;
  }
}

}  // namespace
}  // namespace etalon
