// How large a learning rate an optimizer stands on a parabola, whatever the batch size: where
// η·λ_max, with λ_max the largest eigenvalue of the Hessian, is above a number of its own, the
// steps grow. Pure functions.
//
//   SGD                    η·λ_max = 2
//   momentum β             η·λ_max = 2(1 + β)                 (Polyak 1964)
//   Nesterov's momentum β  η·λ_max = 2(1 + β)/(1 + 2β)        (Cohen et al. 2021, arXiv 2103.00065)
#pragma once

#include <optional>
#include <string>

#include "optim/optimizer.hpp"

namespace etalon {

struct StabilityLimit {
  double product = 2.0;  // η·λ_max
  // η over that of plain SGD which moves as far in the long run: 1 − β.
  double share_of_sgd = 1.0;
  std::string formula = "2/λ_max";  // of the greatest stable η
};

// Empty for an optimizer that rescales the gradient, of which λ_max alone says nothing. Throws
// InputError for options that are none.
std::optional<StabilityLimit> stability_limit(const OptimizerOptions& optimizer);

}  // namespace etalon
