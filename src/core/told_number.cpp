#include "core/told_number.hpp"

#include <fmt/format.h>

#include <cmath>

#include "core/plain_number.hpp"

namespace etalon {
namespace {

constexpr double kLeastTold = 1000.0;  // of what is said as it is

}  // namespace

double greatest_told(double known) {
  const double far = 100.0 * std::abs(known);
  if (!(far > kLeastTold) || !std::isfinite(far)) return kLeastTold;
  return std::pow(10.0, std::ceil(std::log10(far) - 1e-9));
}

std::string told_number(double value, int digits, double greatest) {
  if (std::abs(value) <= greatest) return rounded_number(value, digits);
  return fmt::format("{} {}", value > 0.0 ? ">" : "<",
                     plain_number(std::copysign(greatest, value)));
}

std::string told_in_words(double value, int digits, double greatest) {
  if (std::abs(value) <= greatest) return rounded_number(value, digits);
  return fmt::format("{} {}", value > 0.0 ? "over" : "below",
                     plain_number(std::copysign(greatest, value)));
}

}  // namespace etalon
