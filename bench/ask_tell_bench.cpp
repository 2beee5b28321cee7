// How fast `etalon suggest` comes down on trainings whose truth is known, beside a grid and random
// search of as many runs. Prints a table, and with --csv a row per number of runs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "support/simulated_search.hpp"

namespace {

using namespace etalon;
using namespace etalon::testing;

struct Scores {
  double advised = 0, grid = 0, grid_advised = 0, random = 0;
};

// Mean regrets after each multiple of the number of batch sizes.
std::vector<Scores> score(const std::vector<std::int64_t>& batch_sizes, int most_per_batch_size,
                          int settings, double& seconds) {
  std::vector<Scores> scores(static_cast<std::size_t>(most_per_batch_size));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 2 * settings; ++i) {
    const auto seed = static_cast<std::uint64_t>(i / 2 + 1);
    const bool quadratic = i % 2 == 0;
    const SearchTask task =
        search_task(quadratic ? random_quadratic(seed) : random_bowl(seed), batch_sizes,
                    quadratic ? UpdateKind::sgd : UpdateKind::adaptive, seed);
    SimulatedSearch asked(task);
    for (int n = 1; n <= most_per_batch_size; ++n) {
      for (std::size_t run = 0; run < batch_sizes.size(); ++run) asked.run_proposed();
      Scores& at = scores[static_cast<std::size_t>(n - 1)];
      at.advised += asked.regret_of_advice();
      const SimulatedSearch grid = grid_search(task, n);
      at.grid += grid.regret_of_best();
      at.grid_advised += grid.regret_of_advice();
      at.random += random_search(task, n).regret_of_best();
    }
  }
  for (Scores& at : scores) {
    for (double* sum : {&at.advised, &at.grid, &at.grid_advised, &at.random}) *sum /= 2 * settings;
  }
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return scores;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Regret after so many runs: etalon suggest, a grid, random search");
  int settings = 30;
  bool csv = false;
  app.add_option("--settings", settings, "of each family")->capture_default_str();
  app.add_flag("--csv", csv);
  CLI11_PARSE(app, argc, argv);
  if (csv) fmt::print("batch_sizes,runs,suggest,grid,grid_advised,random\n");
  for (const std::vector<std::int64_t>& batch_sizes :
       {std::vector<std::int64_t>{512}, std::vector<std::int64_t>{64, 256, 1024, 4096}}) {
    const int count = static_cast<int>(batch_sizes.size());
    const int most = count == 1 ? 16 : 10;
    double seconds = 0;
    const auto scores = score(batch_sizes, most, settings, seconds);
    if (!csv) {
      fmt::print(
          "\n{} batch size{}, {} settings ({:.0f} s)\n  runs   suggest      grid  grid+advice    "
          "random\n",
          count, count == 1 ? "" : "s", 2 * settings, seconds);
    }
    for (int n = 1; n <= most; ++n) {
      const Scores& at = scores[static_cast<std::size_t>(n - 1)];
      if (csv) {
        fmt::print("{},{},{:.6f},{:.6f},{:.6f},{:.6f}\n", count, n * count, at.advised, at.grid,
                   at.grid_advised, at.random);
      } else {
        fmt::print("{:>6} {:>9.5f} {:>9.5f} {:>12.5f} {:>9.5f}\n", n * count, at.advised, at.grid,
                   at.grid_advised, at.random);
      }
    }
  }
}
