#include "report/bench/bench_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <vector>

#include "core/available_memory.hpp"
#include "nn/network.hpp"
#include "nn/processor_limit.hpp"

namespace etalon {
namespace {

double samples_per_second(const StepBenchmark& result) {
  return static_cast<double>(result.batch_size) / result.step_seconds;
}

double gflop_per_second(const StepBenchmark& result) {
  return result.flop / result.step_seconds * 1e-9;
}

// "dense 81%, convolution 12%", the largest first.
std::string shares_text(const StepBenchmark& result) {
  std::vector<std::pair<double, std::string>> shares;
  for (const auto& [kind, share] : result.shares) shares.emplace_back(share, kind);
  std::ranges::sort(shares, std::greater<>());
  std::string text;
  for (const auto& [share, kind] : shares) {
    if (share < 0.005) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {:.0f}%", kind, share * 100.0);
  }
  return text;
}

std::string rows_text(std::span<const StepBenchmark> results) {
  std::string text = fmt::format("{:<14} {:>10} {:>12} {:>14} {:>9} {:>12} {:>9} {:>13} {:>9}\n",
                                 "model", "batch size", "us per step", "samples per s", "GFLOP/s",
                                 "bound (us)", "of bound", "of processor", "memory");
  for (const StepBenchmark& result : results) {
    text += fmt::format(
        "{:<14} {:>10} {:>12.1f} {:>14.0f} {:>9.1f} {:>12.1f} {:>8.0f}% {:>12.0f}% {:>9}\n",
        result.model, result.batch_size, result.step_seconds * 1e6, samples_per_second(result),
        gflop_per_second(result), result.gemm_bound_seconds * 1e6, result.fraction_of_bound * 100.0,
        result.fraction_of_processor * 100.0, bytes_text(result.bytes));
  }
  return text;
}

}  // namespace

std::string bench_table(std::span<const StepBenchmark> results) {
  std::string text = fmt::format(
      "One thread. The bound is the time of the step's matrix products alone ({}); the "
      "processor's\n"
      "limit are multiply-adds that stay in registers ({}), {:.0f} GFLOP/s here.\n\n",
      engine_version(), vector_instructions(),
      results.empty() ? 0.0 : results.front().processor_rate * 1e-9);
  if (!results.empty() && results.front().precision != Precision::float32) {
    text += fmt::format("Steps are in {}, bound and limit in float32.\n\n",
                        precision_name(results.front().precision));
  }
  text += rows_text(results);
  text += "\nWhere a step's time goes, by kind of layer; the rest is batch, loss and update:\n\n";
  for (const StepBenchmark& result : results) {
    text +=
        fmt::format("{:<14} {:>10}   {}\n", result.model, result.batch_size, shares_text(result));
  }
  return text;
}

std::string bench_json(std::span<const StepBenchmark> results) {
  auto rows = nlohmann::ordered_json::array();
  for (const StepBenchmark& result : results) {
    rows.push_back({{"model", result.model},
                    {"batch_size", result.batch_size},
                    {"threads", 1},
                    {"precision", precision_name(result.precision)},
                    {"step_microseconds", result.step_seconds * 1e6},
                    {"samples_per_second", samples_per_second(result)},
                    {"gflop_per_second", gflop_per_second(result)},
                    {"gemm_bound_microseconds", result.gemm_bound_seconds * 1e6},
                    {"fraction_of_bound", result.fraction_of_bound},
                    {"processor_gflop_per_second", result.processor_rate * 1e-9},
                    {"fraction_of_processor", result.fraction_of_processor},
                    {"bytes", result.bytes},
                    {"shares_of_step", result.shares}});
  }
  return nlohmann::ordered_json{{"engine", engine_version()},
                                {"vector_instructions", vector_instructions()},
                                {"results", rows}}
             .dump(2) +
         "\n";
}

}  // namespace etalon
