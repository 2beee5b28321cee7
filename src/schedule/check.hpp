// Checks that quote field, value and constraint.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string_view>

#include "etalon/error.hpp"

namespace etalon::schedule_check {

inline void require(bool holds, std::string_view field, double value, std::string_view constraint) {
  if (holds && std::isfinite(value)) return;
  throw InputError(fmt::format("{} = {} is out of range", field, value), "in a schedule",
                   fmt::format("it must satisfy {}", constraint));
}

inline void positive(std::string_view field, double value) {
  require(value > 0, field, value, "0 < value < infinity");
}

inline void not_negative(std::string_view field, double value) {
  require(value >= 0, field, value, "0 <= value < infinity");
}

inline void fraction(std::string_view field, double value) {
  require(value >= 0 && value <= 1, field, value, "0 <= value <= 1");
}

inline void decay_factor(std::string_view field, double value) {
  require(value > 0 && value <= 1, field, value, "0 < value <= 1");
}

inline void at_least_one(std::string_view field, double value) {
  require(value >= 1, field, value, "1 <= value < infinity");
}

}  // namespace etalon::schedule_check
