#include "nn/layers.hpp"

namespace etalon {
namespace {

using Maker = std::unique_ptr<Layer> (*)(const LayerSpec&, const LayerContext&, float*);

struct MakerOf {
  Maker operator()(const DenseSpec&) const { return make_dense; }
  Maker operator()(const ConvolutionSpec&) const { return make_convolution; }
  Maker operator()(const PoolSpec&) const { return make_pool; }
  Maker operator()(const NormSpec& spec) const {
    return spec.kind == NormSpec::Kind::layer ? make_layer_norm : make_channel_norm;
  }
  Maker operator()(const ActivationSpec&) const { return make_activation; }
  Maker operator()(const DropoutSpec&) const { return make_dropout; }
  Maker operator()(const EmbeddingSpec&) const { return make_embedding; }
  Maker operator()(const PositionsSpec&) const { return make_positions; }
  Maker operator()(const AttentionSpec&) const { return make_attention; }
  Maker operator()(const FlattenSpec&) const { return make_flatten; }
  Maker operator()(const ResidualSpec&) const { return make_residual; }
};

}  // namespace

std::unique_ptr<Layer> make_layer(const LayerSpec& layer, const LayerContext& context, float* src) {
  return std::visit(MakerOf{}, layer.kind)(layer, context, src);
}

}  // namespace etalon
