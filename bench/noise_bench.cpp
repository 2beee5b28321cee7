// What the gradient norms of single examples cost beside the gradient of their batch: mlp:128 on
// Fashion-MNIST. `gradient/B` is forward and backward of a batch, `with_norms/B` the same and the
// norm of every example in every layer. Run with
//   --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
// and compare medians of the processor time.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdint>
#include <numeric>
#include <span>
#include <variant>
#include <vector>

#include "data/gather.hpp"
#include "nn/network.hpp"
#include "train/trainer.hpp"

namespace etalon {
namespace {

enum class Norms { leave_out, measure };

// The layers of mlp:128 that have parameters, as the model counts its layers.
std::vector<std::size_t> trained_layers_of(const ModelSpec& model) {
  std::vector<std::size_t> layers;
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    if (std::holds_alternative<DenseSpec>(model.layers[i].kind)) layers.push_back(i);
  }
  return layers;
}

void gradient(benchmark::State& state, std::int64_t batch_size, Norms wanted) {
  static const auto data = load_splits("fashion-mnist", {});
  const ModelSpec model = parse_model("mlp:128", {1, 28, 28}, 10);
  const Trainer trainer(*data, model, {}, batch_size, 1);
  const std::span<const float> weights = trainer.weights();
  Network network(model, batch_size, Network::Mode::training);
  std::vector<std::uint32_t> indices(static_cast<std::size_t>(batch_size));
  std::iota(indices.begin(), indices.end(), 0u);
  gather(data->train, data->normalization, indices, network.src(), network.labels());
  AlignedVector diff_weights(weights.size());
  const std::vector<std::size_t> layers = trained_layers_of(model);
  std::vector<double> norms(static_cast<std::size_t>(batch_size));
  for (auto _ : state) {
    network.forward(weights.data());
    network.loss_and_backward(weights.data(), {diff_weights.data(), 1.0f, false});
    if (wanted == Norms::leave_out) continue;
    for (const std::size_t layer : layers) network.add_example_norms(layer, norms);
    benchmark::DoNotOptimize(norms.data());
  }
}

const bool registered = [] {
  for (const std::int64_t batch_size : {64, 512}) {
    benchmark::RegisterBenchmark(fmt::format("gradient/{}", batch_size).c_str(), gradient,
                                 batch_size, Norms::leave_out);
    benchmark::RegisterBenchmark(fmt::format("with_norms/{}", batch_size).c_str(), gradient,
                                 batch_size, Norms::measure);
  }
  return true;
}();

}  // namespace
}  // namespace etalon
