// What a network needs before it is made. Pure functions.
#pragma once

#include <cstdint>

#include "model/model_spec.hpp"

namespace etalon {

// Bytes of values and gradients of a batch, without the parameters: about what a Network allocates.
std::int64_t network_bytes(const ModelSpec& model, std::int64_t batch_size, bool training);

}  // namespace etalon
