#include "runs/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "etalon/error.hpp"
#include "runs/csv_table.hpp"
#include "runs/json_table.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

void refuse_zero_bytes(const Table& table) {
  const auto has_one = [](const std::vector<std::string>& texts) {
    return std::any_of(texts.begin(), texts.end(), [](const std::string& text) {
      return text.find('\0') != std::string::npos;
    });
  };
  const auto row = std::find_if(table.rows.begin(), table.rows.end(), has_one);
  if (row == table.rows.end() && !has_one(table.columns)) return;
  const std::size_t line = row == table.rows.end() ? 1 : table.lines[row - table.rows.begin()];
  throw InputError("a field holds a zero byte, so this is no text",
                   fmt::format("{}:{}", table.name, line), "give CSV or JSON");
}

void trim_all(std::vector<std::string>& texts) {
  for (std::string& text : texts) {
    const std::string_view trimmed = trim(text);
    if (trimmed.size() < text.size()) text = std::string(trimmed);
  }
}

}  // namespace

std::optional<std::size_t> Table::find_column(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

Table read_table(std::istream& input, std::string name) {
  Table table;
  table.name = std::move(name);
  // At once, for a pipe can be read only once.
  const std::string bytes(std::istreambuf_iterator<char>(input), {});
  std::string_view text = bytes;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // which spreadsheets write
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::string_view start = trim(text);
  if (start.starts_with('{')) {
    read_json_lines(text, table);
  } else if (start.starts_with('[')) {
    read_json_list(text, table);
  } else {
    read_csv(text, table);
  }
  refuse_zero_bytes(table);
  trim_all(table.columns);
  for (auto& row : table.rows) trim_all(row);
  if (table.rows.empty()) throw InputError("there are no rows", table.name, "give a file of runs");
  return table;
}

Table read_table(const std::filesystem::path& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) throw InputError("the file cannot be read", path.string(), "check its name");
  return read_table(input, path.string());
}

}  // namespace etalon
