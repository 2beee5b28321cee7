// Which optimizers stand for one another, and which rows are of one setting. Pure functions.
#pragma once

#include <string>

#include "etalon/atlas.hpp"

namespace etalon {

// The same update, layerwise or not.
inline bool is_of_kind(OptimizerFamily a, OptimizerFamily b) {
  const OptimizerInfo& first = optimizer_info(a);
  const OptimizerInfo& second = optimizer_info(b);
  return first.update == second.update && first.layerwise == second.layerwise;
}

// A setting is one of a source and an optimizer.
struct SettingKey {
  std::string source, setting;
  OptimizerFamily optimizer;
  auto operator<=>(const SettingKey&) const = default;
};

inline SettingKey key_of(const AtlasPair& pair) {
  return {pair.source, pair.setting, pair.optimizer};
}

}  // namespace etalon
