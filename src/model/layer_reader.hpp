// From the tables of a model file to layers: every kind that it knows, with its settings.
#pragma once

#include <string>
#include <vector>

#include "model/layer_table.hpp"
#include "model/model_builder.hpp"

namespace etalon {

class LayerReader {
 public:
  explicit LayerReader(ModelBuilder& model) : model_(model) {}

  // Adds the layers, one behind another. Throws InputError with file and line.
  void add(const std::vector<LayerTable>& layers);

 private:
  friend struct LayerKinds;

  void add(const LayerTable& layer);
  void add_spec(LayerKind kind);
  void add_activation(Activation activation);
  void check_count(const LayerTable& layer);

  ModelBuilder& model_;
  std::int64_t count_ = 0;
  bool is_inside_ = false;  // a residual
  bool has_tied_ = false;
};

// The kinds and their settings, as the document lists them: "pool" and {"window", ...}.
struct LayerKindKeys {
  std::string kind;
  std::vector<std::string> keys;
};
std::vector<LayerKindKeys> layer_kind_keys();

}  // namespace etalon
