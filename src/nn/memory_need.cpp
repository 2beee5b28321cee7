#include "nn/memory_need.hpp"

#include "model/parameters.hpp"

namespace etalon {
namespace {

// Floats that a layer keeps of one example besides its dst, while training.
struct KeptBeside {
  const LayerSpec& layer;
  std::int64_t operator()(const DenseSpec& spec) const {
    const bool keeps_before =
        spec.activation == Activation::gelu || spec.activation == Activation::tanh;
    return keeps_before ? layer.out.size() : 0;
  }
  std::int64_t operator()(const AttentionSpec& spec) const {
    return spec.heads * layer.in.pixels() * layer.in.pixels();
  }
  template <typename Other>
  std::int64_t operator()(const Other&) const {
    return 0;
  }
};

// Of one example: what a layer multiplies, rounded to half the size of floats.
std::int64_t rounded_floats(const LayerSpec& layer) {
  const bool multiplies = std::holds_alternative<DenseSpec>(layer.kind) ||
                          std::holds_alternative<ConvolutionSpec>(layer.kind);
  return multiplies ? (layer.in.size() + layer.out.size()) / 2 : 0;
}

// Of one example: each layer has its dst and, in training, the gradient of its src where a layer
// below is trained, as one is from the start where `is_trained`.
std::int64_t floats_of(const std::vector<LayerSpec>& layers, bool training, bool rounds,
                       bool is_trained) {
  std::int64_t floats = 0;
  for (const LayerSpec& layer : layers) {
    floats += layer.out.size() + std::visit(KeptBeside{layer}, layer.kind);
    if (training && is_trained) floats += layer.in.size();
    if (rounds) floats += rounded_floats(layer);
    if (const auto* residual = std::get_if<ResidualSpec>(&layer.kind)) {
      floats += floats_of(residual->body, training, rounds, is_trained) +
                floats_of(residual->shortcut, training, rounds, is_trained);
    }
    is_trained = is_trained || has_parameters(layer);
  }
  return floats;
}

}  // namespace

std::int64_t network_bytes(const ModelSpec& model, std::int64_t batch_size, bool training) {
  const std::int64_t inputs = model.input().size() * (model.input().channels > 1 ? 2 : 1);
  const std::int64_t labels = model.positions() * (training ? 1 + model.task.answers() : 1);
  const bool rounds = training && model.precision == Precision::bf16;
  std::int64_t floats =
      (inputs + labels + floats_of(model.layers, training, rounds, false)) * batch_size;
  // Weights rounded, and their gradient before it is added to what takes it.
  if (rounds) floats += parameter_layout(model).size * 3 / 2;
  return floats * static_cast<std::int64_t>(sizeof(float));
}

}  // namespace etalon
