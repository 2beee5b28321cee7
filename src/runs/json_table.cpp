#include "runs/json_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "etalon/error.hpp"
#include "runs/table_values.hpp"

namespace etalon {
namespace {

// Follows a text byte by byte, to tell what is inside a JSON string.
class StringTracker {
 public:
  // Whether `c`, the next byte, is in a string or one of its quotes.
  bool is_inside(char c) {
    const bool was_inside = inside_;
    if (inside_ && !escaped_ && c == '"') {
      inside_ = false;
    } else if (!inside_ && c == '"') {
      inside_ = true;
    }
    escaped_ = was_inside && !escaped_ && c == '\\';
    return was_inside || inside_;
  }

 private:
  bool inside_ = false, escaped_ = false;
};

// With null for the numbers that JSON does not know.
std::string spell_out(std::string_view text) {
  std::string result;
  StringTracker strings;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    std::size_t length = 0;
    if (!strings.is_inside(text[i])) {
      for (const std::string_view word : {"NaN", "-Infinity", "Infinity"}) {
        if (rest.starts_with(word)) length = word.size();
      }
    }
    if (length == 0) {
      result += text[i];
    } else {
      result += "null";
      i += length - 1;
    }
  }
  return result;
}

class ObjectRows {
 public:
  explicit ObjectRows(Table& table) : table_(table) {}

  // `what` is the object, for a message.
  void add(std::string_view text, std::size_t line, const char* what) {
    const auto object = nlohmann::json::parse(spell_out(text), nullptr, false);
    if (!object.is_object()) {
      throw InputError(fmt::format("the {} is no JSON object", what), place(line),
                       fmt::format("write one object a {}", what));
    }
    std::vector<std::string> row(table_.columns.size());
    for (const auto& [key, value] : object.items()) {
      const auto [column, is_new] = columns_.try_emplace(key, table_.columns.size());
      if (is_new) {
        table_.columns.push_back(key);
        row.emplace_back();
      }
      row[column->second] = to_text(value, line);
    }
    table_.rows.push_back(std::move(row));
    table_.lines.push_back(line);
  }

  // Gives earlier rows the columns that appeared late.
  void finish() {
    for (auto& row : table_.rows) row.resize(table_.columns.size());
  }

  std::string place(std::size_t line) const { return fmt::format("{}:{}", table_.name, line); }

 private:
  std::string to_text(const nlohmann::json& value, std::size_t line) const {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_null()) return "nan";  // how JSON writers spell a loss that is not a number
    if (value.is_structured()) {
      throw InputError("a value is an object or a list", place(line),
                       "give plain numbers and texts");
    }
    return value.dump();
  }

  Table& table_;
  std::map<std::string, std::size_t> columns_;
};

struct Element {
  std::string_view text;
  std::size_t line = 1;
};

std::size_t count_lines(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Where the element at the front of `text` ends: before a comma or ']' that is not its own.
std::size_t end_of_element(std::string_view text) {
  StringTracker strings;
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (strings.is_inside(text[i])) continue;
    if (depth == 0 && (text[i] == ',' || text[i] == ']')) return i;
    if (text[i] == '{' || text[i] == '[') ++depth;
    if (text[i] == '}' || text[i] == ']') --depth;
  }
  return std::string_view::npos;
}

}  // namespace

void read_json_lines(std::string_view text, Table& table) {
  ObjectRows rows(table);
  for (std::size_t line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!is_blank(text.substr(0, end))) rows.add(text.substr(0, end), line, "line");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  rows.finish();
}

void read_json_list(std::string_view text, Table& table) {
  ObjectRows rows(table);
  const std::size_t open = text.find('[');
  std::size_t line = 1 + count_lines(text.substr(0, open));
  text.remove_prefix(open);
  for (char last = '['; last != ']';) {
    text.remove_prefix(1);  // '[' or ','
    const std::size_t end = end_of_element(text);
    if (end == std::string_view::npos) {
      throw InputError("the list is never closed", rows.place(line), "end it with ]");
    }
    const std::string_view element = text.substr(0, end);
    const std::size_t start = std::min(element.find_first_not_of(" \t\r\n"), end);
    const bool is_empty_list = last == '[' && start == end && text[end] == ']';
    if (!is_empty_list) {
      rows.add(element, line + count_lines(element.substr(0, start)), "list element");
    }
    line += count_lines(element);
    last = text[end];
    text.remove_prefix(end);
  }
  text.remove_prefix(1);
  if (!is_blank(text)) {
    throw InputError("something follows the list", rows.place(line), "give one list of runs");
  }
  rows.finish();
}

}  // namespace etalon
