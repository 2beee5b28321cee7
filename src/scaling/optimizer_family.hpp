// Which fields an optimizer has and which values they take by default.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "etalon/scaling.hpp"

namespace etalon {

struct OptimizerFields {
  std::string_view name;
  bool has_momentum, has_beta1, has_beta2, has_eps;
  bool decoupled_decay;  // w ← w − ηλw apart from the gradient
  bool sign_like;        // divides by a root of squared gradients
  bool layerwise;        // scales η by each tensor's norm
  std::optional<double> momentum, beta1, beta2, eps, weight_decay;  // defaults
};

const OptimizerFields& optimizer_fields(OptimizerFamily family);

}  // namespace etalon
