// Rows of an atlas that the tests of the room share.
#pragma once

#include <cmath>
#include <string>

#include "etalon/atlas.hpp"

namespace etalon {

// AdamW from 32 to 32κ, whose best η went as κ^exponent.
inline AtlasPair adamw_pair(std::string source, std::string setting, double kappa = 8.0,
                            double exponent = 0.5) {
  AtlasPair pair;
  pair.source = std::move(source);
  pair.url = "arXiv:0000.00000";
  pair.setting = std::move(setting);
  pair.optimizer = OptimizerFamily::adamw;
  pair.from_batch = 32.0;
  pair.to_batch = 32.0 * kappa;
  pair.lr_from = 0.001;
  pair.lr_to = 0.001 * std::pow(kappa, exponent);
  pair.best_loss = 2.0;
  return pair;
}

// What fixed, sqrt, linear and sde-power lost.
inline AtlasPair losing(AtlasPair pair, double fixed, double sqrt, double linear,
                        std::optional<double> sde_power = std::nullopt) {
  pair.losses = {RuleLoss{fixed, false}, RuleLoss{sqrt, false}, RuleLoss{linear, false}, {}};
  if (sde_power) pair.losses[3] = RuleLoss{*sde_power, false};
  return pair;
}

}  // namespace etalon
