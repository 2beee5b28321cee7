#include "model/model_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "etalon/error.hpp"
#include "model/layer_shapes.hpp"
#include "model/parameters.hpp"

namespace etalon {

ModelBuilder::ModelBuilder(std::string name, const ModelTask& task)
    : model_{std::move(name), task, {}}, layers_(&model_.layers), shape_(task.input) {}

std::string ModelBuilder::next_name(const LayerKind& kind) {
  const std::string name = kind_name(kind);
  return fmt::format("{}{}", name, ++counts_[name]);
}

void ModelBuilder::add(LayerKind kind) {
  LayerSpec layer{std::move(kind), "", shape_, {}, offset_, statistics_offset_};
  layer.name = next_name(layer.kind);
  layer.out = out_shape(layer.kind, shape_, layer.name);
  offset_ += size_of(segments_of(layer));
  statistics_offset_ += size_of(statistics_of(layer));
  shape_ = layer.out;
  layers_->push_back(std::move(layer));
}

std::vector<LayerSpec> ModelBuilder::branch(const Branch& add) {
  std::vector<LayerSpec> layers;
  if (!add) return layers;
  std::vector<LayerSpec>* const outer = std::exchange(layers_, &layers);
  const TensorShape in = shape_;
  add();
  layers_ = outer;
  shape_ = in;
  return layers;
}

void ModelBuilder::add_residual(const Branch& body, const Branch& shortcut, Activation activation) {
  ResidualSpec residual;
  residual.body = branch(body);
  residual.shortcut = branch(shortcut);
  residual.activation = activation;
  add(std::move(residual));
}

ModelSpec ModelBuilder::build() {
  if (shape_.channels != model_.task.answers()) {
    throw InputError(
        fmt::format("the last layer gives {} and the data asks for {} {}", to_text(shape_),
                    model_.task.answers(), model_.task.classes > 0 ? "classes" : "numbers"),
        field_name("model"), "make the last layer as wide as that");
  }
  return std::move(model_);
}

ModelSpec ModelBuilder::finish() {
  add(DenseSpec{model_.task.answers()});
  return build();
}

}  // namespace etalon
