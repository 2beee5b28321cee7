#include <fmt/format.h>

#include "etalon/advice.hpp"

namespace etalon {

std::string Disagreement::text() const {
  return fmt::format(
      "the laws say {:.3g} to {:.3g}, the loss surface {:.3g} to {:.3g}; the interval covers both",
      laws_low, laws_high, surface_low, surface_high);
}

}  // namespace etalon
