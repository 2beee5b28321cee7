// Puts a model together, layer by layer: infers shapes, gives names, lays out the parameters.
//
//   ModelBuilder model("mlp:128", task);
//   model.add(FlattenSpec{});
//   model.add(DenseSpec{128, Activation::relu});
//   return model.finish();  // adds the answers, a dense layer without activation
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "model/model_spec.hpp"

namespace etalon {

class ModelBuilder {
 public:
  ModelBuilder(std::string name, const ModelTask& task);

  // Where errors from now on say that the fault is; the setting `model` unless set.
  void set_place(std::string place) { place_ = std::move(place); }
  [[noreturn]] void refuse(const std::string& what, const std::string& what_to_do) const;

  // Throws InputError where the layer cannot take the shape of the one before.
  void add(LayerKind kind);
  // What `body` and `shortcut` add goes on two ways that meet again; without a `shortcut` the
  // second is the identity.
  using Branch = std::function<void()>;
  void add_residual(const Branch& body, const Branch& shortcut = {},
                    Activation activation = Activation::none);

  // The shape that the next layer takes.
  const TensorShape& shape() const { return shape_; }
  const ModelTask& task() const { return model_.task; }
  const std::string& name() const { return model_.name; }
  // Null where the model does not begin with one.
  const EmbeddingSpec* embedding() const;

  // The model as it is. Throws InputError unless its last layer gives the answers of the task, and
  // for one that has nothing to train.
  ModelSpec build();
  // With a dense layer that gives them.
  ModelSpec finish();

 private:
  std::string next_name(const LayerKind& kind);
  std::vector<LayerSpec> branch(const Branch& add);

  void check_size(const LayerSpec& layer) const;

  ModelSpec model_;
  std::string place_;
  std::vector<LayerSpec>* layers_;  // where the next one goes
  TensorShape shape_;
  std::map<std::string, int> counts_;
  std::int64_t offset_ = 0, statistics_offset_ = 0;
};

}  // namespace etalon
