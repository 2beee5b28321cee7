// A model as data: its layers and shapes, apart from the network that executes it.
//
// A `ModelSpec` is an immutable value. Shapes are those of one example; the batch is the
// executor's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/layer_spec.hpp"

namespace etalon {

// What a model is made for: its examples, and what it is to say of them.
struct ModelTask {
  TensorShape input;
  std::int64_t classes = 0;      // labels are below it; 0: targets are numbers
  std::int64_t vocabulary = 0;   // values of `input` are tokens below it; 0: they are numbers
  std::int64_t outputs = 0;      // numbers of a target
  double label_smoothing = 0.0;  // of the loss that is trained, in [0, 1)
  std::int64_t answers() const { return classes > 0 ? classes : outputs; }
};

// Of the factors of matrix products and convolutions while a model is trained. With bf16 (8 bits of
// significand, the exponents of float) they are rounded where they enter a product, whose sums are
// kept in float, as everything else is: weights, their gradient, norms, losses.
enum class Precision { float32, bf16 };

// "float32" or "bf16", in any case; throws InputError for anything else.
Precision parse_precision(std::string_view name);
std::string_view precision_name(Precision precision);

struct ModelSpec {
  std::string name;  // as it was asked for: "mlp:128"
  ModelTask task;
  std::vector<LayerSpec> layers;  // the last one gives `task.answers()` channels
  Precision precision = Precision::float32;
  std::string stack{};  // canonical TOML, of a model out of a file: see model_file.hpp
  const TensorShape& input() const { return task.input; }
  // Labels of one example: 1, or one for each position of a text.
  std::int64_t positions() const { return layers.back().out.pixels(); }
};

// The model that `name` describes:
//   mlp:H1,H2,...  dense layers of H1, H2, ... with ReLU between, then the logits
//   linear         the logits alone (softmax regression)
//   lenet          two 5x5 convolutions (6 and 16 channels, max-pooled by 2), dense 120, 84, logits
//   resnet8, resnet20, ...  residual network of 6n + 2 layers for small images (He et al. 2015,
//                  arXiv 1512.03385) with batch norm; resnet8,ghost=32 shares statistics among 32
//                  examples at every batch size, resnet8,norm=group needs none
//   vit:tiny       a transformer over patches of 4x4: 4 layers, 64 features, 4 heads
//   gpt:LxDxH      a transformer over tokens: L layers, D features, H heads; gpt:2x128x4
//   FILE.toml      one's own stack of layers, see model_file.hpp
// Throws InputError for anything else, and for examples that the model cannot take.
ModelSpec parse_model(std::string_view name, const ModelTask& task);
// Of images (or rows) and classes.
ModelSpec parse_model(std::string_view name, const TensorShape& input, std::int64_t classes);

}  // namespace etalon
