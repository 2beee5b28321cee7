#include "report/noise/noise_cells.hpp"

#include <fmt/format.h>

#include "core/plain_number.hpp"

namespace etalon {
namespace {

constexpr int kDigits = 3;

}  // namespace

std::string number_text(double value) { return rounded_number(value, kDigits); }

std::string range_text(const std::optional<double>& low, const std::optional<double>& high) {
  if (!low) return high ? fmt::format("up to {}", number_text(*high)) : "";
  if (!high) return fmt::format("at least {}", number_text(*low));
  return fmt::format("{} to {}", number_text(*low), number_text(*high));
}

std::string estimated_text(const Estimated& of) {
  const std::string range = range_text(of.low, of.high);
  return number_text(of.value) + (range.empty() ? "" : fmt::format(" ({})", range));
}

ValueColumns::ValueColumns(const std::string& head, double level)
    : values{.head = head, .cells = {}},
      ranges{.head = fmt::format("{:g}% interval", 100.0 * level), .cells = {}} {}

void ValueColumns::add(const Estimated& of, double factor) {
  const auto times = [factor](const std::optional<double>& end) {
    return end ? std::optional<double>(factor * *end) : std::nullopt;
  };
  add(factor * of.value, times(of.low), times(of.high));
}

void ValueColumns::add(const std::optional<double>& value, const std::optional<double>& low,
                       const std::optional<double>& high) {
  values.cells.push_back(value ? number_text(*value) : "undefined");
  ranges.cells.push_back(range_text(low, high));
}

ColumnGroup ValueColumns::group(bool has_ranges) const {
  return has_ranges ? ColumnGroup{values, ranges} : ColumnGroup{values};
}

}  // namespace etalon
