#include "runs/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "etalon/error.hpp"

namespace etalon {
namespace {

// One record of CSV: fields up to a line end outside quotes. False at the end of the input.
bool read_record(std::istream& input, std::vector<std::string>& fields, std::size_t& line,
                 const std::string& name) {
  const std::size_t start = line;
  fields.assign(1, "");
  bool is_quoted = false;
  bool has_any = false;
  for (char c = 0; input.get(c);) {
    has_any = true;
    if (c == '\n') ++line;
    if (is_quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (input.peek() == '"') {
        fields.back() += static_cast<char>(input.get());
      } else {
        is_quoted = false;
      }
    } else if (c == '"' && fields.back().empty()) {
      is_quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      return true;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  if (is_quoted) {
    throw InputError("a quote is never closed", fmt::format("{}:{}", name, start),
                     "close it, or double quotes inside a quoted field");
  }
  return has_any;
}

// Spreadsheets put one before their UTF-8.
void skip_byte_order_mark(std::istream& input) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  for (const char expected : kMark) {
    if (input.peek() != static_cast<unsigned char>(expected)) return;
    input.get();
  }
}

void read_csv(std::istream& input, Table& table) {
  std::size_t line = 1;
  read_record(input, table.columns, line, table.name);
  std::vector<std::string> fields;
  for (std::size_t start = line; read_record(input, fields, line, table.name); start = line) {
    if (fields.size() == 1 && fields[0].empty()) continue;
    if (fields.size() != table.columns.size()) {
      throw InputError(fmt::format("the row has {} fields and the header has {}", fields.size(),
                                   table.columns.size()),
                       fmt::format("{}:{}", table.name, start), "give every row every column");
    }
    table.rows.push_back(fields);
    table.lines.push_back(start);
  }
}

std::string to_text(const nlohmann::json& value, const Table& table, std::size_t line) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "nan";  // how JSON writers spell a loss that is not a number
  if (value.is_structured()) {
    throw InputError("a value is an object or a list", fmt::format("{}:{}", table.name, line),
                     "give plain numbers and texts");
  }
  return value.dump();
}

// Python's json module writes NaN and Infinity bare, which JSON does not know.
std::string spell_out(std::string text) {
  for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
    for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; at += 4) {
      const bool is_value = at > 0 && (text[at - 1] == ' ' || text[at - 1] == ':');
      if (is_value) text.replace(at, word.size(), "null");
    }
  }
  return text;
}

void read_json_lines(std::istream& input, Table& table) {
  std::map<std::string, std::size_t> columns;
  std::string text;
  for (std::size_t line = 1; std::getline(input, text); ++line) {
    if (text.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto object = nlohmann::json::parse(spell_out(text), nullptr, false);
    if (!object.is_object()) {
      throw InputError("the line is no JSON object", fmt::format("{}:{}", table.name, line),
                       "write one object a line");
    }
    std::vector<std::string> row(table.columns.size());
    for (const auto& [key, value] : object.items()) {
      const auto [column, is_new] = columns.try_emplace(key, table.columns.size());
      if (is_new) {
        table.columns.push_back(key);
        row.emplace_back();
      }
      row[column->second] = to_text(value, table, line);
    }
    table.rows.push_back(std::move(row));
    table.lines.push_back(line);
  }
  for (auto& row : table.rows) row.resize(table.columns.size());
}

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
                   fmt::format("{}:{}", table.name, line), "give CSV or JSON lines");
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
  skip_byte_order_mark(input);
  if ((input >> std::ws).peek() == '{') {
    read_json_lines(input, table);
  } else {
    read_csv(input, table);
  }
  refuse_zero_bytes(table);
  if (table.rows.empty()) throw InputError("there are no rows", table.name, "give a file of runs");
  return table;
}

Table read_table(const std::filesystem::path& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) throw InputError("the file cannot be read", path.string(), "check its name");
  return read_table(input, path.string());
}

}  // namespace etalon
