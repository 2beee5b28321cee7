// An interval of real numbers, with or without its ends, that can say itself; and the check that
// quotes field, value and interval.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "etalon/error.hpp"

namespace etalon {

struct Interval {
  double least = 0.0;
  double most = std::numeric_limits<double>::infinity();
  bool has_least = true;  // whether the ends belong to it
  bool has_most = true;

  // Never holds for what is not finite.
  bool contains(double value) const {
    return std::isfinite(value) && (has_least ? value >= least : value > least) &&
           (has_most ? value <= most : value < most);
  }
  // "in [0, 1)", "above 0", "at least 1"
  std::string text() const {
    if (!std::isfinite(most))
      return fmt::format("{} {:g}", has_least ? "at least" : "above", least);
    return fmt::format("in {}{:g}, {:g}{}", has_least ? '[' : '(', least, most,
                       has_most ? ']' : ')');
  }
};

inline constexpr Interval kPositive = {.has_least = false};
inline constexpr Interval kNotNegative = {};
inline constexpr Interval kAtLeastOne = {.least = 1.0};
inline constexpr Interval kShare = {.most = 1.0};
inline constexpr Interval kPositiveShare = {.most = 1.0, .has_least = false};
inline constexpr Interval kInnerShare = {.most = 1.0, .has_least = false, .has_most = false};
// An averaging coefficient: momentum, beta, the decay of an average.
inline constexpr Interval kDecayCoefficient = {.most = 1.0, .has_most = false};

[[noreturn]] inline void refuse_value(std::string_view field, double value,
                                      std::string_view constraint, std::string_view where = "") {
  throw InputError(fmt::format("{} is {}", field, value), where,
                   fmt::format("it must be {}", constraint));
}

inline void check_in(std::string_view field, double value, const Interval& interval,
                     std::string_view where = "") {
  if (!interval.contains(value)) refuse_value(field, value, interval.text(), where);
}

}  // namespace etalon
