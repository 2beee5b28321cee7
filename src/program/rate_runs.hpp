// A program run once at each of several learning rates, from each of several seeds: what a range
// test is of a program whose learning rate does not rise while it runs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "etalon/program.hpp"
#include "etalon/stop_flag.hpp"

namespace etalon {

struct RateRunOptions {
  ProgramOptions program;
  std::int64_t batch_size = 0;
  std::vector<double> lrs;           // ascending
  std::vector<std::uint64_t> seeds;  // each at every rate
  // Throws InputError naming field, value and constraint.
  void validate() const;
};

struct RatesOfSeed {
  std::uint64_t seed = 0;
  std::vector<std::optional<double>> losses;  // at each rate; empty: it diverged
};

// `on_end` is told of each run that ended. In the order of the seeds; empty where `stop` was
// requested. Throws as `validate` does, InputError where the program has no such metric, and
// RunError where a run fails.
std::optional<std::vector<RatesOfSeed>> run_at_rates(const RateRunOptions& options,
                                                     const std::function<void()>& on_end,
                                                     const StopFlag& stop);

}  // namespace etalon
