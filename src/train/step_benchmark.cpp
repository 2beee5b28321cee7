#include "train/step_benchmark.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "model/parameters.hpp"
#include "nn/matrix_products.hpp"
#include "nn/processor_limit.hpp"
#include "train/put_examples.hpp"
#include "train/trainer.hpp"
#include "train/training_memory.hpp"

namespace etalon {
namespace {

constexpr int kRounds = 25;
constexpr double kRateSeconds = 0.002;   // of each round, for the processor's limit
constexpr double kProfileSeconds = 0.1;  // for where the time goes

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

// Where the time of a step goes, from passes of the network that are counted layer by layer; what
// is neither (the loss, the batch, the update) is the rest.
std::map<std::string, double> shares_of_step(const DataSplits& data, const ModelSpec& model,
                                             std::int64_t batch_size, double step_seconds) {
  StepProfile profile;
  Network network(model, batch_size, Network::Mode::training, &profile);
  const ParameterLayout layout = parameter_layout(model);
  const AlignedVector weights = initial_weights(layout, 1);
  AlignedVector gradient(static_cast<std::size_t>(layout.size));
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(batch_size));
  const auto size = static_cast<std::uint32_t>(data.train.size());
  for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i % size;
  put_examples(data.train, data.normalization, indices, network);
  const auto pass = [&] {
    network.forward(weights.data());
    network.loss_and_backward(weights.data(), {gradient.data(), 1.0f, false});
  };
  const auto calls =
      std::clamp<std::int64_t>(std::llround(kProfileSeconds / step_seconds), 3, 1000);
  seconds_per_call(pass, calls);
  std::map<std::string, double> shares;
  double rest = 1.0;
  for (const auto& [kind, seconds] : profile.seconds()) {
    shares[kind] = seconds / static_cast<double>(calls) / step_seconds;
    rest -= shares[kind];
  }
  shares["rest"] = std::max(rest, 0.0);
  return shares;
}

}  // namespace

StepBenchmark benchmark_step(const DataSplits& data, const StepBenchmarkOptions& options) {
  ModelSpec model = model_for(options.model, data);
  model.precision = options.precision;
  const auto products = matrix_products(model, options.batch_size);
  Trainer trainer(data, model, options.optimizer, options.batch_size, 1);
  MatrixProductRunner bound(products);
  const auto step = [&] { trainer.step(1e-3f); };
  const auto bound_run = [&] { bound.run(); };

  const double once = seconds_per_call(step, 3) + seconds_per_call(bound_run, 3);
  const auto calls =
      std::max<std::int64_t>(1, static_cast<std::int64_t>(options.seconds / kRounds / once));
  double flop = 0.0;
  for (const MatrixProduct& product : products) flop += product.flop();
  std::vector<double> rates, steps, bounds, of_bound, of_processor;
  for (int round = 0; round < kRounds; ++round) {
    rates.push_back(multiply_add_rate(kRateSeconds));
    steps.push_back(seconds_per_call(step, calls));
    bounds.push_back(seconds_per_call(bound_run, calls));
    of_bound.push_back(bounds.back() / steps.back());
    of_processor.push_back(flop / steps.back() / rates.back());
  }

  StepBenchmark result;
  result.model = options.model;
  result.batch_size = options.batch_size;
  result.precision = options.precision;
  result.step_seconds = median(steps);
  result.gemm_bound_seconds = median(bounds);
  result.fraction_of_bound = median(of_bound);
  result.flop = flop;
  result.processor_rate = median(rates);
  result.fraction_of_processor = median(of_processor);
  result.bytes = training_bytes(model, options.optimizer, options.batch_size);
  result.shares = shares_of_step(data, model, options.batch_size, result.step_seconds);
  return result;
}

}  // namespace etalon
