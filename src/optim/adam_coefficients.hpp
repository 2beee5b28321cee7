// The scalars of one step of Adam, AdamW and LAMB, in the precision of the vectors.
#pragma once

#include <cstdint>

#include "optim/optimizer.hpp"

namespace etalon {

struct AdamCoefficients {
  float beta1, one_minus_beta1;
  float beta2, one_minus_beta2;
  float mean_scale;  // 1 / (1 − β1^t)
  float root_scale;  // 1 / √(1 − β2^t)
  float eps;
};

// The constants of an optimizer of Adam's family; `at(t)` gives step t = 1, 2, ...
struct AdamConstants {
  explicit AdamConstants(const OptimizerOptions& options);
  AdamCoefficients at(std::int64_t step) const;

  double beta1, beta2, eps;
};

}  // namespace etalon
