// Beyond which a rule's losses and regrets are said to be large alone; see core/told_number.hpp.
#pragma once

#include "core/told_number.hpp"
#include "etalon/regret.hpp"

namespace etalon {

// By the least loss there.
inline double greatest_told(const Regret& regret) {
  return greatest_told(regret.loss.value_or(0.0) - regret.regret.value_or(0.0));
}

}  // namespace etalon
