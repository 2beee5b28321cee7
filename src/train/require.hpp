#pragma once

#include <fmt/format.h>

#include "etalon/error.hpp"

namespace etalon {

// Throws InputError, quoting flag, value and constraint, unless `holds`.
inline void require(bool holds, const char* flag, double value, const char* constraint) {
  if (holds) return;
  throw InputError(fmt::format("{} is {}", flag, value), "",
                   fmt::format("it must be {}", constraint));
}

}  // namespace etalon
