#include "report/bench/bench_output.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "nn/network.hpp"

namespace etalon {
namespace {

double samples_per_second(const StepBenchmark& result) {
  return static_cast<double>(result.batch_size) / result.step_seconds;
}

double gflop_per_second(const StepBenchmark& result) {
  return result.flop / result.step_seconds * 1e-9;
}

}  // namespace

std::string bench_table(std::span<const StepBenchmark> results) {
  std::string text = fmt::format(
      "One thread. The bound is the time of the step's matrix products alone ({}).\n\n"
      "{:<14} {:>10} {:>12} {:>14} {:>9} {:>12} {:>9}\n",
      engine_version(), "model", "batch size", "us per step", "samples per s", "GFLOP/s",
      "bound (us)", "of bound");
  for (const StepBenchmark& result : results) {
    text += fmt::format("{:<14} {:>10} {:>12.1f} {:>14.0f} {:>9.1f} {:>12.1f} {:>8.0f}%\n",
                        result.model, result.batch_size, result.step_seconds * 1e6,
                        samples_per_second(result), gflop_per_second(result),
                        result.gemm_bound_seconds * 1e6, result.fraction_of_bound * 100.0);
  }
  return text;
}

std::string bench_json(std::span<const StepBenchmark> results) {
  auto rows = nlohmann::ordered_json::array();
  for (const StepBenchmark& result : results) {
    rows.push_back({{"model", result.model},
                    {"batch_size", result.batch_size},
                    {"threads", 1},
                    {"step_microseconds", result.step_seconds * 1e6},
                    {"samples_per_second", samples_per_second(result)},
                    {"gflop_per_second", gflop_per_second(result)},
                    {"gemm_bound_microseconds", result.gemm_bound_seconds * 1e6},
                    {"fraction_of_bound", result.fraction_of_bound}});
  }
  return nlohmann::ordered_json{{"engine", engine_version()}, {"results", rows}}.dump(2) + "\n";
}

}  // namespace etalon
