// What a layer makes of a shape, and what it is called. Pure functions.
#pragma once

#include <string>

#include "model/layer_spec.hpp"

namespace etalon {

// Of the dst of a layer for a src of shape `in`. Throws InputError, which names the layer, the
// shape and `place`, where the layer cannot take it.
TensorShape out_shape(const LayerKind& kind, const TensorShape& in, const std::string& name,
                      const std::string& place);

// "dense", "convolution", "batch_norm", ...: what layers of this kind are numbered under.
std::string kind_name(const LayerKind& kind);

}  // namespace etalon
