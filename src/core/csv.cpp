#include "core/csv.hpp"

#include <charconv>
#include <system_error>

namespace etalon {
namespace {

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double ignored = 0.0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return error != std::errc::invalid_argument && stop == text.data() + text.size();
}

bool looks_like_a_formula(std::string_view text) {
  constexpr std::string_view kFormulaBegins = "=+-@\t\r";
  if (text.empty() || kFormulaBegins.find(text.front()) == std::string_view::npos) return false;
  return !is_number(text);
}

// Whoever prints a file of commas on a terminal is not to have it act.
bool is_shown(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (code >= 0x20 && code != 0x7F) || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

std::string csv_field(std::string_view text) {
  std::string safe;
  if (looks_like_a_formula(text)) safe += '\'';
  for (const char c : text) safe += is_shown(c) ? c : '?';
  if (safe.find_first_of(",\"\r\n") == std::string::npos) return safe;
  std::string quoted = "\"";
  for (const char c : safe) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

char csv_separator(std::string_view header) {
  for (const char separator : {',', '\t', ';'}) {
    if (header.find(separator) != std::string_view::npos) return separator;
  }
  return ',';
}

std::vector<std::string> csv_fields(std::string_view row, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '"') {
      const bool doubled = quoted && i + 1 < row.size() && row[i + 1] == '"';
      if (doubled) fields.back() += row[i++];
      if (!doubled) quoted = !quoted;
    } else if (row[i] == separator && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += row[i];
    }
  }
  return fields;
}

}  // namespace etalon
