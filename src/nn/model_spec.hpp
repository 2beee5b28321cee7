// A model as data: its layers and shapes, apart from the network that executes it.
//
// A `ModelSpec` is an immutable value. Shapes are those of one example; the batch is the
// executor's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace etalon {

// Channels, height and width of one example.
struct ImageShape {
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;
  std::int64_t size() const { return channels * height * width; }
  bool operator==(const ImageShape&) const = default;
};

// dst = act(src · weights + bias); weights are (IC, OC), row by row; act is max(0, x) or the
// identity.
struct DenseSpec {
  std::int64_t in_features = 0;
  std::int64_t out_features = 0;
  bool relu = false;
};

// Cross-correlation with stride 1 and zero padding; weights are (OC, IC, KH, KW), then max(0, x).
struct ConvolutionSpec {
  ImageShape in;
  std::int64_t out_channels = 0;
  std::int64_t kernel = 0;
  std::int64_t padding = 0;
  ImageShape out() const {
    return {out_channels, in.height + 2 * padding - kernel + 1,
            in.width + 2 * padding - kernel + 1};
  }
};

// Maximum over windows of `window` x `window` that do not overlap.
struct MaxPoolSpec {
  ImageShape in;
  std::int64_t window = 2;
  ImageShape out() const { return {in.channels, in.height / window, in.width / window}; }
};

// (C, H, W) to one row of C·H·W features.
struct FlattenSpec {
  ImageShape in;
};

using LayerSpec = std::variant<DenseSpec, ConvolutionSpec, MaxPoolSpec, FlattenSpec>;

struct ModelSpec {
  std::string name;  // as it was asked for: "mlp:128"
  ImageShape input;
  std::int64_t classes = 0;
  std::vector<LayerSpec> layers;  // the last one is dense and gives `classes` logits
};

// The model that `name` describes, for examples of `input` and labels in [0, classes):
//   mlp:H1,H2,...  dense layers of H1, H2, ... with ReLU between, then the logits
//   linear         the logits alone (softmax regression)
//   lenet          two 5x5 convolutions (6 and 16 channels, max-pooled by 2), dense 120, 84, logits
// Throws InputError for anything else and for images too small for `lenet`.
ModelSpec parse_model(std::string_view name, const ImageShape& input, std::int64_t classes);

}  // namespace etalon
