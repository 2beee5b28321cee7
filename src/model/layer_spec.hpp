// The layers that models are made of, as data.
//
// What a layer is (its kind and settings), which shapes it takes and gives, and where its
// parameters lie in the model's flat vector. Made by `ModelBuilder`, which infers the shapes.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/shape.hpp"

namespace etalon {

struct LayerSpec;

// max(0, x); x·Φ(x) by its tanh form (Hendrycks and Gimpel 2016, arXiv 1606.08415); tanh(x).
enum class Activation { none, relu, gelu, tanh };

// dst = act(src · weights + bias) of the channels of each pixel; weights are (IC, OC), row by row.
struct DenseSpec {
  std::int64_t out_features = 0;
  Activation activation = Activation::none;
  bool tied = false;  // weights are those of the model's embedding, (OC, IC); no bias
  // Deviation of the initial weights; 0: He's.
  double deviation = 0.0;
};

// Cross-correlation with zero padding; weights are (OC, IC / groups, KH, KW).
struct ConvolutionSpec {
  std::int64_t out_channels = 0;
  std::int64_t kernel = 0;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
  std::int64_t groups = 1;
  Activation activation = Activation::none;  // none or relu
  bool bias = true;
};

// Maximum or mean over windows; what the last stride does not reach is left out.
struct PoolSpec {
  enum class Kind { maximum, average };
  Kind kind = Kind::maximum;
  std::int64_t window = 2;  // 0: the whole image
  std::int64_t stride = 2;
};

// (x - mean) / sqrt(variance + 1e-5) · gain + shift, a gain and a shift for each channel.
struct NormSpec {
  // The mean is taken over examples and pixels of a channel (Ioffe and Szegedy 2015, arXiv
  // 1502.03167), over the channels of a pixel (Ba et al. 2016, arXiv 1607.06450), or over pixels
  // and a group of channels of an example (Wu and He 2018, arXiv 1803.08494).
  enum class Kind { batch, layer, group };
  Kind kind = Kind::batch;
  std::int64_t groups = 1;  // of channels, of a group norm
  // Examples that share their statistics in a batch norm (Hoffer et al. 2017, arXiv 1705.08741), in
  // the order of the batch, whatever the batch size; 0: all of the batch.
  std::int64_t ghost = 0;
  Activation activation = Activation::none;  // none or relu
};

struct ActivationSpec {
  Activation activation = Activation::relu;
};

// Zero with probability `rate`, else x / (1 - rate); while training only.
struct DropoutSpec {
  double rate = 0.0;
};

// Rows of a table (vocabulary, features), one for each token.
struct EmbeddingSpec {
  std::int64_t vocabulary = 0;
  std::int64_t features = 0;
};

// Adds a learned vector to each pixel.
struct PositionsSpec {};

// Self-attention out of (query, key, value) of 3·D channels: softmax(Q·Kᵀ/√d)·V in each of `heads`
// groups of d = D / heads channels (Vaswani et al. 2017, arXiv 1706.03762).
struct AttentionSpec {
  std::int64_t heads = 1;
  bool causal = true;  // a position sees no later ones
};

// (C, H, W) to one row of C·H·W features, channels first.
struct FlattenSpec {};

// dst = act(body(src) + shortcut(src)); an empty shortcut passes src on.
struct ResidualSpec {
  std::vector<LayerSpec> body, shortcut;
  Activation activation = Activation::none;  // none or relu
};

using LayerKind =
    std::variant<DenseSpec, ConvolutionSpec, PoolSpec, NormSpec, ActivationSpec, DropoutSpec,
                 EmbeddingSpec, PositionsSpec, AttentionSpec, FlattenSpec, ResidualSpec>;

struct LayerSpec {
  LayerKind kind;
  std::string name;  // "dense1"
  TensorShape in, out;
  std::int64_t offset = 0;             // of its first parameter in the flat vector
  std::int64_t statistics_offset = 0;  // of its first running statistic among the statistics
};

}  // namespace etalon
