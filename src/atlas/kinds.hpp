// Which optimizers stand for one another, and which rows are of one setting. Pure functions.
#pragma once

#include <string>

#include "etalon/atlas.hpp"

namespace etalon {

// Whose exponents are alike: the same update, layerwise or not.
inline bool shares_exponents(OptimizerFamily a, OptimizerFamily b) {
  const OptimizerInfo& first = optimizer_info(a);
  const OptimizerInfo& second = optimizer_info(b);
  return first.update == second.update && first.layerwise == second.layerwise;
}

// Who speaks for one another where rules are judged: a sign is not a quotient, so that besides both
// divide by a mean square, or neither does.
inline bool is_of_kind(OptimizerFamily a, OptimizerFamily b) {
  return shares_exponents(a, b) && optimizer_info(a).mean_square == optimizer_info(b).mean_square;
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
