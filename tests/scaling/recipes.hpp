// Recipes that the tests of the scaling room share.
#pragma once

#include "etalon/scaling.hpp"

namespace etalon {

inline Recipe sgd_recipe(double lr = 0.1, std::int64_t batch_size = 256) {
  Recipe recipe;
  recipe.batch.micro_batch = batch_size;
  recipe.lr = lr;
  return recipe;
}

inline Recipe adamw_recipe(double lr = 1e-3, std::int64_t batch_size = 256) {
  Recipe recipe = sgd_recipe(lr, batch_size);
  recipe.optimizer = OptimizerFamily::adamw;
  fill_defaults(recipe);
  return recipe;
}

inline const FieldChange* find_field(const ScaledRecipe& scaled, std::string_view name) {
  for (const FieldChange& change : scaled.fields) {
    if (change.field == name) return &change;
  }
  return nullptr;
}

inline bool has_warning(const ScaledRecipe& scaled, std::string_view part) {
  for (const std::string& warning : scaled.warnings) {
    if (warning.find(part) != std::string::npos) return true;
  }
  return false;
}

}  // namespace etalon
