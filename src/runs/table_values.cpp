#include "runs/table_values.hpp"

#include <fmt/format.h>

#include <charconv>

#include "core/text.hpp"
#include "etalon/error.hpp"

namespace etalon {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

bool is_blank(std::string_view text) { return trim(text).empty(); }

std::string place_of(const Table& table, std::size_t row) {
  if (!table.places.empty()) return table.places[row];
  return fmt::format("{}:{}", table.name, table.lines[row]);
}

std::optional<double> parse_number(std::string_view text) {
  std::string_view digits = trim(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0.0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  return std::nullopt;
}

double to_number(const Table& table, std::size_t row, const TableColumn& column,
                 std::string_view what_to_do) {
  const std::string& text = column.at(row);
  if (const auto number = parse_number(text)) return *number;
  const bool has_comma = text.find(',') != std::string::npos;
  throw InputError(
      fmt::format("'{}' in column '{}' is no number", shortened(text), shortened(column.name())),
      place_of(table, row), has_comma ? "write decimals with a point" : what_to_do);
}

}  // namespace etalon
