#include "train/training_memory.hpp"

#include "model/parameters.hpp"
#include "nn/memory_need.hpp"

namespace etalon {

std::int64_t training_bytes(const ModelSpec& model, const OptimizerOptions& optimizer,
                            std::int64_t batch_size) {
  const ParameterLayout layout = parameter_layout(model);
  const auto update = make_optimizer(optimizer, layout);
  const std::int64_t vectors = update->is_plain_descent() ? 1 : 2;  // weights and gradient
  std::int64_t floats = vectors * layout.whole_size();
  for (const auto& vector : update->state().vectors) {
    floats += static_cast<std::int64_t>(vector.size());
  }
  return floats * static_cast<std::int64_t>(sizeof(float)) + network_bytes(model, batch_size, true);
}

}  // namespace etalon
