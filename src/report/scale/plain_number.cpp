#include "report/scale/plain_number.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

namespace etalon {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: whole doubles below it are exact

}  // namespace

std::string plain_number(double value) {
  if (value == std::round(value) && std::abs(value) < kLargestExact && std::abs(value) >= 1) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{:.12g}", value);
}

double to_plain(double value) {
  return std::isfinite(value) ? std::strtod(plain_number(value).c_str(), nullptr) : value;
}

}  // namespace etalon
