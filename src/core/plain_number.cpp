#include "core/plain_number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

namespace etalon {
namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2^53: whole doubles below it are exact
// What is written without an exponent.
constexpr double kLeastWritten = 1e-4, kMostWritten = 1e7;

}  // namespace

std::string plain_number(double value) {
  if (value == std::round(value) && std::abs(value) < kLargestExact && std::abs(value) >= 1) {
    return fmt::format("{:.0f}", value);
  }
  return fmt::format("{:.12g}", value);
}

std::string rounded_number(double value, int digits) {
  const double size = std::abs(value);
  if (!(size >= kLeastWritten && size < kMostWritten)) return fmt::format("{:.{}g}", value, digits);
  const int before_point = static_cast<int>(std::floor(std::log10(size))) + 1;
  std::string text = fmt::format("{:.{}f}", value, std::max(0, digits - before_point));
  if (text.find('.') == std::string::npos) return text;
  const std::size_t last = text.find_last_not_of('0');
  return text.substr(0, text[last] == '.' ? last : last + 1);
}

double to_plain(double value) {
  return std::isfinite(value) ? std::strtod(plain_number(value).c_str(), nullptr) : value;
}

}  // namespace etalon
