// How `etalon bench` shows what it measured. Pure functions; safe from any thread.
#pragma once

#include <span>
#include <string>

#include "train/step_benchmark.hpp"

namespace etalon {

// For a terminal: a line per model and batch size.
std::string bench_table(std::span<const StepBenchmark> results);
std::string bench_json(std::span<const StepBenchmark> results);

}  // namespace etalon
