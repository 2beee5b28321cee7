#include <cmath>

#include "etalon/atlas.hpp"

namespace etalon {

namespace assets {
std::string_view atlas_csv();  // embedded at build time
}

std::optional<double> AtlasPair::exponent() const {
  if (is_from_edge || is_to_edge) return std::nullopt;
  return std::log(lr_to / lr_from) / std::log(kappa());
}

std::span<const AtlasPair> atlas() {
  static const std::vector<AtlasPair> pairs = parse_atlas(assets::atlas_csv());
  return pairs;
}

}  // namespace etalon
