// Checks that quote field, value and constraint.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "etalon/error.hpp"

namespace etalon {

[[noreturn]] inline void reject(std::string_view field, double value, std::string_view constraint) {
  throw InputError(fmt::format("{} = {} is out of range", field, value), "",
                   fmt::format("it must satisfy {}", constraint));
}

inline void check_positive(std::string_view field, double value) {
  if (!std::isfinite(value) || value <= 0) reject(field, value, "0 < value < infinity");
}

inline void check_not_negative(std::string_view field, double value) {
  if (!std::isfinite(value) || value < 0) reject(field, value, "0 <= value < infinity");
}

// An averaging coefficient: momentum, beta, EMA decay.
inline void check_decay(std::string_view field, double value) {
  if (!(value >= 0 && value < 1)) reject(field, value, "0 <= value < 1");
}

}  // namespace etalon
