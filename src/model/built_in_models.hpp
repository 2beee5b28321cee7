// The models that have names, each a function from its settings to a stack of layers.
#pragma once

#include <string_view>
#include <vector>

#include "model/model_builder.hpp"

namespace etalon {

struct ResnetSettings {
  std::int64_t blocks = 1;  // in each of three stages; 6·blocks + 2 layers
  NormSpec::Kind norm = NormSpec::Kind::batch;
  std::int64_t ghost = 0;
};

struct TransformerSettings {
  std::int64_t layers = 2, features = 128, heads = 4;
  double dropout = 0.0;
};

ModelSpec make_linear(ModelBuilder model);
ModelSpec make_mlp(ModelBuilder model, const std::vector<std::int64_t>& widths);
ModelSpec make_lenet(ModelBuilder model);
// 3x3 convolutions of 16, 32 and 64 channels; each stage after the first halves the image, and its
// shortcut is a 1x1 convolution ("option B" of He et al.).
ModelSpec make_resnet(ModelBuilder model, const ResnetSettings& settings);
// Patches of `patch` x `patch` through a transformer whose positions all see each other, averaged.
ModelSpec make_vit(ModelBuilder model, std::int64_t patch, const TransformerSettings& settings);
// GPT-2 (Radford et al. 2019): norms before each part, GELU, output tied to the embedding.
ModelSpec make_gpt(ModelBuilder model, const TransformerSettings& settings);

}  // namespace etalon
