// Numbers and intervals as the tables of a noise scale show them. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "etalon/noise_scale.hpp"
#include "report/text_layout.hpp"

namespace etalon {

// In three digits.
std::string number_text(double value);

// "0.1 to 0.4", "at least 0.1", "up to 0.4"; nothing without an interval.
std::string range_text(const std::optional<double>& low, const std::optional<double>& high);

// "0.2 (0.1 to 0.4)".
std::string estimated_text(const Estimated& of);

// A column of values and one of their intervals.
struct ValueColumns {
  Column values, ranges;
  // `level` is the intervals' coverage.
  ValueColumns(const std::string& head, double level);
  void add(const Estimated& of, double factor = 1.0);
  // "undefined" where there is no value.
  void add(const std::optional<double>& value, const std::optional<double>& low,
           const std::optional<double>& high);
  ColumnGroup group(bool has_ranges = true) const;
};

}  // namespace etalon
