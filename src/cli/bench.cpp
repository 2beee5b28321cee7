// etalon bench: how close the engine runs to the machine's limit.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vector>

#include "cli/choices.hpp"
#include "cli/cli11.hpp"
#include "cli/commands.hpp"
#include "cli/number_checks.hpp"
#include "cli/training_flags.hpp"
#include "report/bench/bench_output.hpp"
#include "train/step_benchmark.hpp"

namespace etalon::cli {

int run_bench(int argc, const char* const* argv) {
  CLI::App app("Times one training step, end to end, against its matrix products alone.",
               "etalon bench");
  std::vector<std::string> models = {"mlp:128", "lenet"};
  std::vector<std::int64_t> batch_sizes = {8, 32, 128, 512, 2048};
  std::string dataset = "fashion-mnist";
  std::string format = "table";
  std::string precision = "float32";
  StepBenchmarkOptions options;
  app.add_option("--models", models, "Models, separated by spaces")
      ->transform(kind_in_any_case())
      ->default_str(fmt::format("{}", fmt::join(models, " ")));
  app.add_option("--batch-sizes", batch_sizes, "Batch sizes, separated by commas")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(whole_number())
      ->check(number_in({.least = 1, .most = 1 << 20}, "from 1 to 1048576"))
      ->capture_default_str();
  app.add_option("--optimizer", options.optimizer.name,
                 fmt::format("One of: {}", fmt::join(optimizer_names(), ", ")))
      ->capture_default_str();
  app.add_option(kDataFlags, dataset, data_text())
      ->transform(kind_in_any_case())
      ->capture_default_str();
  app.add_option("--precision", precision,
                 "Of the factors of matrix products: float32, or bf16 where the processor has the "
                 "instructions")
      ->capture_default_str();
  app.add_option("--seconds", options.seconds, "Spent on each row")
      ->check(number_in({.least = 0.01, .most = 600}, "from 0.01 to 600"))
      ->capture_default_str();
  app.add_option("--format", format, "table or json")
      ->transform(one_of({"table", "json"}))
      ->capture_default_str();
  if (const auto code = parse(app, argc, argv)) return *code;

  options.precision = parse_precision(precision);
  check_precision(options.precision);
  const auto data = load_splits(dataset, {});
  std::vector<StepBenchmark> results;
  for (const std::string& model : models) {
    for (const std::int64_t batch_size : batch_sizes) {
      options.model = model;
      options.batch_size = batch_size;
      results.push_back(benchmark_step(*data, options));
    }
  }
  fmt::print("{}", format == "json" ? bench_json(results) : bench_table(results));
  return kDone;
}

}  // namespace etalon::cli
