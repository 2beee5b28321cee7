// Nominal intervals hold the truth as often as they say, on grids as people have them: learning
// rates √2, 2, 3 and 10 apart, one to three seeds, bowls of many shapes, optima anywhere on the
// grid, near an edge, below a cliff. The bowls are written from definitions that know nothing of
// how an optimum is estimated. Every figure is printed with its seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "core/random.hpp"
#include "etalon/optimum.hpp"
#include "optimum/coverage_tally.hpp"
#include "support/noisy_quadratic.hpp"

namespace etalon {
namespace {

using testing::KnownQuadratic;
using testing::kSeed;
using testing::Tally;

// The excess over z = ln(η/η*), about 0.03 at an octave.
using Shape = std::function<double(double)>;

Shape exponential(double rate) {
  return [=](double z) { return 0.06 / (rate * rate) * (std::expm1(rate * z) - rate * z); };
}

Shape noisy_quadratic(double batch_size) {
  const KnownQuadratic model;
  const double best = model.optimum(batch_size), least = model.loss(batch_size, best);
  return [=](double z) { return model.loss(batch_size, best * std::exp(z)) - least; };
}

std::vector<Shape> shapes() {
  return {
      [](double z) { return 0.03 * z * z; },
      exponential(0.5),
      exponential(1.0),
      exponential(1.6),
      [](double z) { return 0.03 * (std::exp(1.5 * z) / 1.5 + std::exp(-0.8 * z) / 0.8); },
      [](double z) { return 0.1 / (1.0 + std::exp(z)) + std::exp(1.2 * z) / 48.0; },
      noisy_quadratic(16.0),
  };
}

// Rows of one batch size, ln η apart by `step`; the optimum lies within half a step of row `best`.
struct Grid {
  double step = 0.0;
  int rows = 0, seeds = 1;
  double noise = 0.002;
  double cliff = 1e9;  // above this z every run diverges
};

std::vector<Observation> measure(const Grid& grid, const Shape& shape, int best, double optimum,
                                 RandomStream& stream) {
  std::vector<double> offsets;
  for (int seed = 0; seed < grid.seeds; ++seed) offsets.push_back(0.01 * stream.normal());
  std::vector<Observation> runs;
  for (int i = 0; i < grid.rows; ++i) {
    const double x = (i - best) * grid.step;
    for (int seed = 0; seed < grid.seeds; ++seed) {
      const double loss = 2.0 + shape(x - optimum) + offsets[static_cast<std::size_t>(seed)] +
                          grid.noise * stream.normal();
      const bool diverged = x - optimum > grid.cliff || !std::isfinite(loss);
      runs.push_back({64.0, 1e-3 * std::exp(x), static_cast<std::uint64_t>(seed) + 1,
                      diverged ? std::nullopt : std::optional(loss)});
    }
  }
  return runs;
}

struct Result {
  Tally tally80, tally90;
  double bias = 0.0;  // of ln η*
};

Result simulate(const std::string& name, const Grid& grid, int draws,
                const std::function<int(RandomStream&)>& best_row) {
  RandomStream stream(kSeed, name);
  Result result;
  int count = 0;
  for (const Shape& shape : shapes()) {
    for (int i = 0; i < draws; ++i) {
      const double optimum = (stream.uniform() - 0.5) * grid.step;
      const auto runs = measure(grid, shape, best_row(stream), optimum, stream);
      const Optimum at80 = estimate_optimum(runs, {.level = 0.8});
      const Optimum at90 = estimate_optimum(runs, {.level = 0.9});
      const double truth = 1e-3 * std::exp(optimum);
      result.tally80.add(truth, at80.lr_low, at80.lr_high);
      result.tally90.add(truth, at90.lr_low, at90.lr_high);
      result.bias += std::log(at80.lr / truth);
      ++count;
    }
  }
  result.bias /= count;
  result.tally80.print(fmt::format("80% intervals of the optimum, {}", name));
  result.tally90.print(
      fmt::format("90% intervals, bias {:+.3f} of the spacing, {}", result.bias / grid.step, name));
  return result;
}

struct Spacing {
  const char* name;
  double factor;
  int rows;
};

class GridCoverage : public ::testing::TestWithParam<Spacing> {};

// The bar is what is asked of the tool: 72 to 88 of 100 at 80%, 85 to 95 at 90%. Where learning
// rates are 10 apart the bowl's shape decides, and one whose shape is ordinary is held more often.
TEST_P(GridCoverage, IsAsStatedInsideTheGrid) {
  for (const int seeds : {1, 2, 3}) {
    const Spacing& spacing = GetParam();
    Grid grid{std::log(spacing.factor), spacing.rows, seeds};
    const Result result =
        simulate(fmt::format("rates {} apart, {} seeds", spacing.name, seeds), grid, 30,
                 [&](RandomStream& stream) {
                   return 1 + static_cast<int>(stream.uniform() * (spacing.rows - 2));
                 });
    EXPECT_GE(result.tally80.rate(), 0.72);
    EXPECT_LE(result.tally80.rate(), 0.92);
    EXPECT_GE(result.tally90.rate(), 0.84);
    EXPECT_LT(std::abs(result.bias), 0.1 * grid.step);
  }
}

INSTANTIATE_TEST_SUITE_P(Spacings, GridCoverage,
                         ::testing::Values(Spacing{"sqrt 2", std::sqrt(2.0), 10},
                                           Spacing{"2", 2.0, 7}, Spacing{"3", 3.0, 6},
                                           Spacing{"10", 10.0, 5}),
                         [](const auto& spacing) {
                           return fmt::format("Spacing{}", spacing.index);
                         });

TEST(GridCoverageAtEdges, IsNoLessThanStatedNextToTheLowestAndTheHighest) {
  for (const bool is_low : {true, false}) {
    Grid grid{std::log(2.0), 6, 1};
    const Result result = simulate(is_low ? "next to the lowest" : "next to the highest", grid, 30,
                                   [&](RandomStream&) { return is_low ? 0 : grid.rows - 1; });
    EXPECT_GE(result.tally80.rate(), 0.75);
    EXPECT_GE(result.tally90.rate(), 0.85);
  }
}

TEST(GridCoverageAtCliffs, IsNoLessThanStatedBelowADivergence) {
  for (const double above : {0.4, 1.0, 2.0}) {
    Grid grid{std::log(2.0), 7, 1};
    grid.cliff = above;
    const Result result = simulate(fmt::format("{} below a divergence", above), grid, 20,
                                   [](RandomStream&) { return 3; });
    EXPECT_GE(result.tally80.rate(), 0.75);
    EXPECT_GE(result.tally90.rate(), 0.85);
  }
}

}  // namespace
}  // namespace etalon
