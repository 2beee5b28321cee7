// Stacks of layers out of a file, as networks.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "core/random.hpp"
#include "model/model_file.hpp"
#include "model/parameters.hpp"
#include "nn/network.hpp"

namespace etalon {
namespace {

constexpr std::int64_t kBatchSize = 4;

// The gradient of a random batch at the weights that a training starts from.
std::vector<float> first_gradient(const ModelSpec& model) {
  const ParameterLayout layout = parameter_layout(model);
  AlignedVector weights = initial_weights(layout, 3);
  Network network(model, kBatchSize, Network::Mode::training);
  RandomStream stream(5, "batch");
  const std::int64_t tokens = model.task.vocabulary;
  for (float& value : network.src()) {
    value = tokens > 0 ? static_cast<float>(stream.below(static_cast<std::uint32_t>(tokens)))
                       : static_cast<float>(stream.normal());
  }
  const auto classes = static_cast<std::uint32_t>(model.task.classes);
  for (auto& label : network.labels()) label = static_cast<std::int32_t>(stream.below(classes));
  network.forward(weights.data());
  std::vector<float> gradient(static_cast<std::size_t>(layout.whole_size()));
  network.loss_and_backward(weights.data(), {gradient.data(), 1.0f, false});
  return gradient;
}

TEST(OwnStack, ComputesWhatTheBuiltInOfTheSameLayersDoes) {
  const std::string examples = std::string(ETALON_SOURCE_DIR) + "/examples/models/";
  const ModelTask images{{1, 28, 28}, 10}, text{{1, 1, 16}, 256, 256};
  const auto same = [&](const char* own, const char* built_in, const ModelTask& task) {
    EXPECT_EQ(first_gradient(parse_model(examples + own, task)),
              first_gradient(parse_model(built_in, task)))
        << own;
  };
  same("lenet.toml", "lenet", images);
  same("resnet8.toml", "resnet8", images);
  same("gpt.toml", "gpt:2x128x4", text);
}

TEST(OwnStack, OfEveryKindOfLayerHasTheGradientOfItsLoss) {
  const ModelSpec model = model_from_toml(R"(layer = [
    {kind = "convolution", channels = 4, kernel = 3, stride = 2, padding = 1, activation = "tanh"},
    {kind = "group_norm", groups = 2, activation = "gelu"},
    {kind = "residual", activation = "gelu", body = [
      {kind = "convolution", channels = 4, kernel = 3, padding = 1, groups = 2, activation = "gelu"},
      {kind = "residual", body = [{kind = "batch_norm", ghost = 2}]}
    ], shortcut = [{kind = "linear", features = 4, activation = "tanh"}]},
    {kind = "average_pool", window = 2},
    {kind = "layer_norm", activation = "tanh"},
    {kind = "global_max_pool"},
    {kind = "repeat", times = 2, layers = [{kind = "linear", features = 5}, {kind = "tanh"}]},
    {kind = "linear"}])",
                                          "every.toml", {{2, 8, 8}, 3});
  const ParameterLayout layout = parameter_layout(model);
  AlignedVector weights = initial_weights(layout, 3);
  Network network(model, kBatchSize, Network::Mode::training);
  RandomStream stream(5, "batch");
  for (float& value : network.src()) value = static_cast<float>(stream.normal());
  for (auto& label : network.labels()) label = static_cast<std::int32_t>(stream.below(3));
  const auto loss_at = [&](const AlignedVector& at) {
    network.forward(at.data());
    return network.loss().loss_sum / static_cast<double>(kBatchSize);
  };
  network.forward(weights.data());
  AlignedVector gradient(static_cast<std::size_t>(layout.whole_size()));
  network.loss_and_backward(weights.data(), {gradient.data(), 1.0f, false});
  constexpr double kStep = 5e-3;
  for (const Segment& segment : layout.segments) {
    const auto at = static_cast<std::size_t>(segment.offset + segment.size / 2);
    AlignedVector up = weights, down = weights;
    up[at] += static_cast<float>(kStep);
    down[at] -= static_cast<float>(kStep);
    const double slope = (loss_at(up) - loss_at(down)) / (2.0 * kStep);
    EXPECT_NEAR(static_cast<double>(gradient[at]), slope, 2e-3 * (1.0 + std::abs(slope)))
        << segment.name;
  }
}

}  // namespace
}  // namespace etalon
