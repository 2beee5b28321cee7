// The makers of each kind of layer, which take where the layer's src lies.
#pragma once

#include <memory>

#include "nn/layer.hpp"

namespace etalon {

std::unique_ptr<Layer> make_layer(const LayerSpec& layer, const LayerContext& context, float* src);

std::unique_ptr<Layer> make_dense(const LayerSpec& layer, const LayerContext& context, float* src);
// Through factors in bf16, see `Precision`.
std::unique_ptr<Layer> make_rounded_dense(const LayerSpec& layer, const LayerContext& context,
                                          const float* src);
std::unique_ptr<Layer> make_convolution(const LayerSpec& layer, const LayerContext& context,
                                        float* src);
std::unique_ptr<Layer> make_pool(const LayerSpec& layer, const LayerContext& context, float* src);
std::unique_ptr<Layer> make_channel_norm(const LayerSpec& layer, const LayerContext& context,
                                         float* src);
std::unique_ptr<Layer> make_layer_norm(const LayerSpec& layer, const LayerContext& context,
                                       float* src);
std::unique_ptr<Layer> make_activation(const LayerSpec& layer, const LayerContext& context,
                                       float* src);
std::unique_ptr<Layer> make_dropout(const LayerSpec& layer, const LayerContext& context,
                                    float* src);
std::unique_ptr<Layer> make_embedding(const LayerSpec& layer, const LayerContext& context,
                                      float* src);
std::unique_ptr<Layer> make_positions(const LayerSpec& layer, const LayerContext& context,
                                      float* src);
std::unique_ptr<Layer> make_attention(const LayerSpec& layer, const LayerContext& context,
                                      float* src);
std::unique_ptr<Layer> make_flatten(const LayerSpec& layer, const LayerContext& context,
                                    float* src);
std::unique_ptr<Layer> make_residual(const LayerSpec& layer, const LayerContext& context,
                                     float* src);

}  // namespace etalon
