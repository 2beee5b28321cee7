#include "runs/find_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/text.hpp"
#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

constexpr std::size_t kMostListed = 40;

}  // namespace

std::optional<std::string> spelled_column(const Table& table, std::string_view name) {
  if (table.find_column(name)) return std::string(name);
  const std::vector<std::string> wanted = words_of(name);
  for (const TableColumn& column : table.columns) {
    if (words_of(column.name()) == wanted) return column.name();
  }
  return std::nullopt;
}

std::string require_column(const Table& table, std::string_view name) {
  if (auto found = spelled_column(table, name)) return *found;
  throw InputError(fmt::format("there is no column '{}'", shortened(name)), table.name,
                   fmt::format("choose among: {}", column_list(table)));
}

std::string column_list(const Table& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns) {
    if (names.size() < kMostListed) names.push_back(shortened(column.name()));
  }
  if (names.empty()) return "(there are none)";
  const bool is_cut = names.size() < table.columns.size();
  return fmt::format("{}{}", fmt::join(names, ", "), is_cut ? ", ..." : "");
}

std::string in_quotes(const std::string& column) { return fmt::format("'{}'", shortened(column)); }

std::string quoted_list(const std::vector<std::string>& columns) {
  constexpr std::size_t kMost = 8;
  std::vector<std::string> texts;
  for (const std::string& column : columns) {
    if (texts.size() < kMost) texts.push_back(in_quotes(column));
  }
  if (columns.size() > kMost) texts.push_back(fmt::format("{} more", columns.size() - kMost));
  return fmt::format("{}", fmt::join(texts, ", "));
}

std::vector<std::string> columns_in_role(const Table& table, ColumnRole role) {
  std::vector<std::pair<int, std::string>> found;
  for (const TableColumn& column : table.columns) {
    const auto sense = sense_of(column.name());
    if (sense && sense->role == role) found.emplace_back(sense->rank, column.name());
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [rank, name] : found) names.push_back(std::move(name));
  return names;
}

bool is_numeric(const TableColumn& column) {
  const auto& texts = column.texts();
  const auto numbers = std::count_if(texts.begin(), texts.end(), [](const std::string& text) {
    return parse_number(text).has_value();
  });
  return column.is_kept() && numbers > 0 && 2 * numbers >= std::ssize(texts) - 1;
}

std::vector<std::string> prefer_numeric(const Table& table,
                                        const std::vector<std::string>& columns) {
  std::vector<std::string> numeric;
  for (const std::string& column : columns) {
    if (is_numeric(table.column(column))) numeric.push_back(column);
  }
  return numeric.empty() ? columns : numeric;
}

}  // namespace etalon
