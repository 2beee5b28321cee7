// What a training needs, before it is made.
#pragma once

#include <cstdint>

#include "model/model_spec.hpp"
#include "optim/optimizer.hpp"

namespace etalon {

// Bytes of a training at a batch size: values, gradients, parameters and the optimizer's state.
std::int64_t training_bytes(const ModelSpec& model, const OptimizerOptions& optimizer,
                            std::int64_t batch_size);

}  // namespace etalon
