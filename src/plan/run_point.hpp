// A run that may be asked for at one batch size, and learning rates as they are written down.
#pragma once

#include <cstdint>

namespace etalon {

struct RunPoint {
  double lr = 0.0;
  std::uint64_t seed = 0;
  auto operator<=>(const RunPoint&) const = default;
};

// Three significant digits: what a person would type, and short to print.
double rounded_lr(double lr);

}  // namespace etalon
