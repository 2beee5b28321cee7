#include "optim/adam_coefficients.hpp"

#include <cmath>

namespace etalon {

AdamConstants::AdamConstants(const OptimizerOptions& options)
    : beta1(options.beta1.value()), beta2(options.beta2.value()), eps(options.eps.value()) {}

AdamCoefficients AdamConstants::at(std::int64_t step) const {
  const auto t = static_cast<double>(step);
  return {static_cast<float>(beta1),
          static_cast<float>(1.0 - beta1),
          static_cast<float>(beta2),
          static_cast<float>(1.0 - beta2),
          static_cast<float>(1.0 / (1.0 - std::pow(beta1, t))),
          static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(beta2, t))),
          static_cast<float>(eps)};
}

}  // namespace etalon
