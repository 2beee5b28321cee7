// etalon bench: how close the engine runs to the machine's limit.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "nn/network.hpp"
#include "train/step_benchmark.hpp"

namespace etalon::cli {
namespace {

void print_table(const std::vector<StepBenchmark>& results) {
  fmt::print("One thread. The bound is the time of the step's matrix products alone ({}).\n\n",
             engine_version());
  fmt::print("{:<14} {:>10} {:>12} {:>14} {:>9} {:>12} {:>9}\n", "model", "batch size",
             "us per step", "samples per s", "GFLOP/s", "bound (us)", "of bound");
  for (const StepBenchmark& result : results) {
    fmt::print("{:<14} {:>10} {:>12.1f} {:>14.0f} {:>9.1f} {:>12.1f} {:>8.0f}%\n", result.model,
               result.batch_size, result.step_seconds * 1e6,
               static_cast<double>(result.batch_size) / result.step_seconds,
               result.flop / result.step_seconds * 1e-9, result.gemm_bound_seconds * 1e6,
               result.fraction_of_bound * 100.0);
  }
}

void print_json(const std::vector<StepBenchmark>& results) {
  auto rows = nlohmann::ordered_json::array();
  for (const StepBenchmark& result : results) {
    rows.push_back(
        {{"model", result.model},
         {"batch_size", result.batch_size},
         {"threads", 1},
         {"step_microseconds", result.step_seconds * 1e6},
         {"samples_per_second", static_cast<double>(result.batch_size) / result.step_seconds},
         {"gflop_per_second", result.flop / result.step_seconds * 1e-9},
         {"gemm_bound_microseconds", result.gemm_bound_seconds * 1e6},
         {"fraction_of_bound", result.fraction_of_bound}});
  }
  const nlohmann::ordered_json document = {{"engine", engine_version()}, {"results", rows}};
  fmt::print("{}\n", document.dump(2));
}

}  // namespace

int run_bench(int argc, const char* const* argv) {
  CLI::App app("Times one training step, end to end, against its matrix products alone.",
               "etalon bench");
  std::vector<std::string> models = {"mlp:128", "lenet"};
  std::vector<std::int64_t> batch_sizes = {8, 32, 128, 512, 2048};
  std::string dataset = "fashion-mnist";
  std::string format = "table";
  StepBenchmarkOptions options;
  app.add_option("--models", models, "Models, separated by spaces")->capture_default_str();
  app.add_option("--batch-sizes", batch_sizes, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(whole_number())
      ->check(number_in({.least = 1, .most = 1 << 20}, "from 1 to 1048576"))
      ->capture_default_str();
  app.add_option("--optimizer", options.optimizer.name,
                 fmt::format("One of: {}", fmt::join(optimizer_names(), ", ")))
      ->capture_default_str();
  app.add_option("--dataset", dataset, "fashion-mnist or idx:DIR")->capture_default_str();
  app.add_option("--seconds", options.seconds, "Spent on each row")
      ->check(number_in({.least = 0.01, .most = 600}, "from 0.01 to 600"))
      ->capture_default_str();
  app.add_option("--format", format, "table or json")
      ->check(one_of({"table", "json"}))
      ->capture_default_str();
  if (const auto code = parse(app, argc, argv)) return *code;

  const auto data = load_splits(dataset, {});
  std::vector<StepBenchmark> results;
  for (const std::string& model : models) {
    for (const std::int64_t batch_size : batch_sizes) {
      options.model = model;
      options.batch_size = batch_size;
      results.push_back(benchmark_step(*data, options));
    }
  }
  format == "json" ? print_json(results) : print_table(results);
  return kDone;
}

}  // namespace etalon::cli
