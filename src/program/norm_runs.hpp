// Gradient norms of any program at several batch sizes and the same weights: it is run once at
// each, with a learning rate that moves nothing, and stopped once it has printed enough of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "etalon/program.hpp"
#include "etalon/stop_flag.hpp"

namespace etalon {

struct NormRunOptions {
  ProgramOptions program;                 // its metric is the gradient norm
  std::vector<std::int64_t> batch_sizes;  // two or more, each once
  std::int64_t count = 20;                // of norms, of each run, >= 2
  std::uint64_t seed = 1;                 // of all runs: the same initial weights
  // Throws InputError naming field, value and constraint.
  void validate() const;
};

struct NormsOfRun {
  std::int64_t batch_size = 0;
  std::vector<double> norms;  // in the order in which they were printed
};

// Told of each norm as it is printed.
using OnNorm = std::function<void(const NormsOfRun& so_far)>;

// In the order of the batch sizes; empty where `stop` was requested. Steps whose norm is not finite
// are left out. Throws as `validate` does, InputError where the last norm of a run is not finite or
// the program has none by that name, and RunError where a run fails or ends with fewer than two.
std::optional<std::vector<NormsOfRun>> run_for_norms(const NormRunOptions& options,
                                                     const OnNorm& on_norm, const StopFlag& stop);

}  // namespace etalon
