#include "metrics/csv_rows.hpp"

#include <algorithm>

#include "core/csv.hpp"
#include "metrics/dict_text.hpp"

namespace etalon {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string_view row_of(std::string_view line, bool is_first) {
  if (is_first && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::vector<std::string> csv_fields(std::string_view header) {
  const std::string_view row = row_of(header, true);
  return csv_fields(row, csv_separator(row));
}

void CsvRows::take(std::string_view bytes) {
  for (const char byte : bytes) take(byte);
}

void CsvRows::take(char byte) {
  const bool is_cut = row_.size() >= kLongest;  // a quote that is never closed ends there, too
  if (byte == '\n' && (!in_quotes_ || is_cut)) {
    finish();
  } else if (!is_cut) {
    if (byte == '"') in_quotes_ = !in_quotes_;
    row_ += byte;
  }
}

void CsvRows::finish() {
  const std::string_view row = row_of(row_, header_.empty());
  if (!row.empty()) {
    if (header_.empty()) delimiter_ = csv_separator(row);
    std::vector<std::string> fields = csv_fields(row, delimiter_);
    if (is_header(fields)) {
      header_ = std::move(fields);
    } else {
      hear_row(fields);
    }
  }
  row_.clear();
  in_quotes_ = false;
}

bool CsvRows::is_header(const std::vector<std::string>& fields) const {
  if (header_.empty()) return true;
  const bool has_number = std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
    return number_that_is(field).has_value();
  });
  return !has_number && !fields.front().empty() &&
         std::find(header_.begin(), header_.end(), fields.front()) != header_.end();
}

void CsvRows::hear_row(const std::vector<std::string>& fields) const {
  std::vector<NamedValue> row;
  for (std::size_t i = 0; i < std::min(fields.size(), header_.size()); ++i) {
    const auto value = header_[i].empty() ? std::nullopt : number_that_is(fields[i]);
    if (value) row.push_back({header_[i], *value});
  }
  if (!row.empty()) hear_(row);
}

}  // namespace etalon
