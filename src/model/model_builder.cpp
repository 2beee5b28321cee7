#include "model/model_builder.hpp"

#include <fmt/format.h>

#include <utility>

#include "etalon/error.hpp"
#include "model/layer_shapes.hpp"
#include "model/parameters.hpp"

namespace etalon {
namespace {

// Far beyond what fits into memory, and below what counts in 64 bits.
constexpr std::int64_t kMostValues = std::int64_t{1} << 28;  // of one example
constexpr std::int64_t kMostParameters = std::int64_t{1} << 40;

std::string answers_text(const ModelTask& task) {
  return fmt::format(
      "{} {}{}", task.answers(), task.classes > 0 ? "classes" : "numbers",
      task.vocabulary > 0 ? fmt::format(" at {} positions", task.input.pixels()) : "");
}

}  // namespace

ModelBuilder::ModelBuilder(std::string name, const ModelTask& task)
    : model_{std::move(name), task, {}, {}},
      place_(field_name("model")),
      layers_(&model_.layers),
      shape_(task.input) {}

void ModelBuilder::refuse(const std::string& what, const std::string& what_to_do) const {
  throw InputError(what, place_, what_to_do);
}

const EmbeddingSpec* ModelBuilder::embedding() const {
  return model_.layers.empty() ? nullptr : std::get_if<EmbeddingSpec>(&model_.layers.front().kind);
}

void ModelBuilder::check_size(const LayerSpec& layer) const {
  if (layer.out.size() <= kMostValues && offset_ <= kMostParameters) return;
  refuse(fmt::format("layer {} gives {}, which is too large", layer.name, to_text(layer.out)),
         "make the layers smaller");
}

std::string ModelBuilder::next_name(const LayerKind& kind) {
  const std::string name = kind_name(kind);
  return fmt::format("{}{}", name, ++counts_[name]);
}

void ModelBuilder::add(LayerKind kind) {
  LayerSpec layer{std::move(kind), "", shape_, {}, offset_, statistics_offset_};
  layer.name = next_name(layer.kind);
  layer.out = out_shape(layer.kind, shape_, layer.name, place_);
  offset_ += size_of(segments_of(layer));
  statistics_offset_ += size_of(statistics_of(layer));
  check_size(layer);
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
  const ModelTask& task = model_.task;
  const std::int64_t positions = task.vocabulary > 0 ? task.input.pixels() : 1;
  if (shape_.channels != task.answers() || shape_.pixels() != positions) {
    const std::string last = model_.layers.empty() ? "no layer" : model_.layers.back().name;
    refuse(fmt::format("{}, the last layer, gives {} and the data asks for {}", last,
                       to_text(shape_), answers_text(task)),
           "make the last layer as wide as that, of images behind a flatten or a global pool");
  }
  if (offset_ == 0) refuse("no layer has anything to train", "add a linear one");
  return std::move(model_);
}

ModelSpec ModelBuilder::finish() {
  add(DenseSpec{model_.task.answers()});
  return build();
}

}  // namespace etalon
