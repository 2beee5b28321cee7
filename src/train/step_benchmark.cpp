#include "train/step_benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include "nn/matrix_products.hpp"
#include "train/put_examples.hpp"
#include "train/trainer.hpp"

namespace etalon {
namespace {

constexpr int kRounds = 25;

template <typename Function>
double seconds_per_call(Function&& call, std::int64_t calls) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < calls; ++i) call();
  return std::chrono::duration<double>(Clock::now() - start).count() / static_cast<double>(calls);
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

StepBenchmark benchmark_step(const DataSplits& data, const StepBenchmarkOptions& options) {
  const ModelSpec model = model_for(options.model, data);
  const auto products = matrix_products(model, options.batch_size);
  Trainer trainer(data, model, options.optimizer, options.batch_size, 1);
  MatrixProductRunner bound(products);
  const auto step = [&] { trainer.step(1e-3f); };
  const auto bound_run = [&] { bound.run(); };

  const double once = seconds_per_call(step, 3) + seconds_per_call(bound_run, 3);
  const auto calls =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(options.seconds / kRounds / once));
  std::vector<double> steps, bounds, fractions;
  for (int round = 0; round < kRounds; ++round) {
    steps.push_back(seconds_per_call(step, calls));
    bounds.push_back(seconds_per_call(bound_run, calls));
    fractions.push_back(bounds.back() / steps.back());
  }

  StepBenchmark result{options.model,  options.batch_size, median(steps),
                       median(bounds), median(fractions),  0.0};
  for (const MatrixProduct& product : products) result.flop += product.flop();
  return result;
}

}  // namespace etalon
